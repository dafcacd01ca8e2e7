// What the page uses of docs/verifier, in one place: see verifier.d.ts for the types.

export { met, parse as parseCondition } from "../../../../docs/verifier/conditions.js";
export { instant } from "../../../../docs/verifier/facts.js";
export { examine, examineLeaf } from "../../../../docs/verifier/judge.js";
export {
  ESCROW, HOLD, KIND, OUTSIDE, WALLET, clauseHash, consentDigest, linkDigest, listing, packetIdOf, signTx, termsHash,
  verifySignature,
} from "../../../../docs/verifier/messages.js";
export { checkListing } from "../../../../docs/verifier/list.js";
export { REASONS, SCENES, allows, printClause } from "../../../../docs/verifier/terms.js";
export { Fail, address, after, decode, encode, hex, packetId, tagged, unbech32 } from "../../../../docs/verifier/values.js";
