// What the page uses of docs/verifier, in one place: see verifier.d.ts for the types.

export { met } from "../../../../docs/verifier/conditions.js";
export { instant } from "../../../../docs/verifier/facts.js";
export { examine, examineLeaf } from "../../../../docs/verifier/judge.js";
export {
  ESCROW, HOLD, KIND, OUTSIDE, WALLET, clauseHash, consentDigest, linkDigest, packetIdOf, signTx, termsHash,
} from "../../../../docs/verifier/messages.js";
export { address, after, hex, packetId, tagged, unbech32 } from "../../../../docs/verifier/values.js";
