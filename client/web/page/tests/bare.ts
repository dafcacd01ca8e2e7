// The verifier alone, for a page that runs it over many files.

import { Buffer } from "buffer";
import { readTrust } from "../../../../docs/verifier/files.js";
import { judge } from "../../../../docs/verifier/judge.js";

Object.assign(globalThis, {
  verdict(proof: string, trust: string) {
    const { verdict, failed = "", final = null, facts } = judge(Buffer.from(proof, "base64"), readTrust(Buffer.from(trust, "base64")));
    return JSON.stringify({ verdict, failed, final, facts });
  },
});
