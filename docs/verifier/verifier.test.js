// The verifier against the RFC's examples, forged lives, and files of which one
// byte was changed.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import * as files from "./cases-files.js";
import * as kinds from "./cases-kinds.js";
import * as packets from "./cases.js";
import { verifyProof } from "./draws.js";
import { readTrust } from "./files.js";
import { prove, secret, trustFile } from "./forge.js";
import { judge } from "./judge.js";
import { Fail } from "./values.js";

const own = readTrust(trustFile());

for (const { desc, refused, make } of [...packets.cases, ...kinds.cases, ...files.cases]) {
  test(desc, () => {
    const found = judge(make(), own);
    assert.equal(found.failed ?? "", refused, found.checks.at(-1).detail);
  });
}

for (const { desc, good, make } of files.trusts) {
  test(desc, () => {
    if (good) readTrust(make());
    else assert.throws(() => readTrust(make()), Fail);
  });
}

// RFC 9381, appendix B.4, examples 19 to 21: key, input, proof, output.
const EXAMPLES = [
  ["d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
    "7d9c633ffeee27349264cf5c667579fc583b4bda63ab71d001f89c10003ab46f14adf9a3cd8b8412d9038531e865c341cafa73589b023d14311c331a9ad15ff2fb37831e00f0acaa6d73bc9997b06501",
    "9d574bf9b8302ec0fc1e21c3ec5368269527b87b462ce36dab2d14ccf80c53cccf6758f058c5b1c856b116388152bbe509ee3b9ecfe63d93c3b4346c1fbc6c54"],
  ["3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
    "47b327393ff2dd81336f8a2ef10339112401253b3c714eeda879f12c509072ef055b48372bb82efbdce8e10c8cb9a2f9d60e93908f93df1623ad78a86a028d6bc064dbfc75a6a57379ef855dc6733801",
    "38561d6b77b71d30eb97a062168ae12b667ce5c28caccdf76bc88e093e4635987cd96814ce55b4689b3dd2947f80e59aac7b7675f8083865b46c89b2ce9cc735"],
  ["fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
    "926e895d308f5e328e7aa159c06eddbe56d06846abf5d98c2512235eaa57fdce35b46edfc655bc828d44ad09d1150f31374e7ef73027e14760d42e77341fe05467bb286cc2c9d7fde29120a0b2320d04",
    "121b7f9b9aaaa29099fc04a94ba52784d44eac976dd1a3cca458733be5cd090a7b5fbd148444f17f8daf1fb55cb04b1ae85a626e30a54b4b0f8abf4a43314a58"],
].map((line) => line.map((h) => Buffer.from(h, "hex")));

test("a draw's proof: the examples of RFC 9381", () => {
  for (const [key, input, proof, output] of EXAMPLES) {
    assert.deepEqual(verifyProof(key, input, proof), output);
    for (let i = 0; i < proof.length; i++) {
      const other = Buffer.from(proof);
      other[i] ^= 1;
      assert.throws(() => verifyProof(key, input, other), Fail);
    }
    assert.throws(() => verifyProof(key, Buffer.from("another input"), proof), Fail);
  }
});

test("a draw's proof: a key of small order is none", () => {
  const identity = Buffer.from("01".padEnd(64, "0"), "hex");
  assert.throws(() => verifyProof(identity, Buffer.alloc(0), prove(secret("x"), Buffer.alloc(0))), /small order/);
});

// Every byte of these files matters, whichever bit of it is turned.
const folder = process.env.VECTORS ?? new URL("../../testdata/vectors", import.meta.url).pathname;
const trust = readTrust(readFileSync(join(folder, "trust.json")));

for (const name of ["supply", "share-held", "account-part", "absent-packet", "lucky-owed"]) {
  test(`one bit of a byte of ${name} changed`, () => {
    const good = readFileSync(join(folder, `${name}.proof`));
    assert.equal(judge(good, trust).verdict, "valid");
    for (let i = 0; i < good.length; i++) {
      const bad = Buffer.from(good);
      bad[i] ^= 1 << (i % 8);
      const found = judge(bad, trust);
      assert.notEqual(found.verdict, "valid", `byte ${i}`);
    }
  });
}
