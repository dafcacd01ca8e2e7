// Section 12 of docs/format.md, "hand-overs": from the trust file's validators to
// those that sign a header, each set of them names the next one.

import { ed25519 } from "@noble/curves/ed25519.js";
import { handOver, planDigest, setHash } from "./messages.js";
import { decode, min, need, same, sha256 } from "./values.js";

const MAX_UPDATES = 16, MAX_VALIDATORS = 250, MAX_POWER = (2n ** 63n - 1n) / 8n;

export const addressOf = (key) => sha256(key).subarray(0, 20);
export const powerOf = (set) => set.reduce((sum, v) => sum + v.power, 0n);

// inOrder puts validators into a commit's order.
export const inOrder = (set) =>
  [...set].sort((a, b) => (a.power === b.power ? Buffer.compare(a.address, b.address) : a.power > b.power ? -1 : 1));

const moreThanTwoThirds = (part, total) => part * 3n > total * 2n;

// readHandOver decodes one; follow judges it, as number i of chain, and gives the set after it.
export const readHandOver = (bytes) => decode(handOver, bytes);

export function follow({ plan, approvals }, chain, i, set) {
  need(plan.number === BigInt(i), `plan ${plan.number} in the place of plan ${i}`);
  need(same(plan.before, setHash(set)), "a plan of other validators");
  const next = after(plan, set);
  const digest = planDigest(chain, plan);
  let power = 0n, last = -1;
  for (const { validator, signature } of approvals) {
    need(validator < set.length && validator > last, "an approval of no validator, or out of order");
    need(signed(signature, digest, set[validator].key), `an approval that validator ${validator} did not sign`);
    power += set[validator].power;
    last = validator;
  }
  need(moreThanTwoThirds(power, powerOf(set)), `approved by ${power} of ${powerOf(set)}`);
  return next;
}

function signed(signature, digest, key) {
  try {
    return ed25519.verify(signature, digest, key, { zip215: true });
  } catch {
    return false;
  }
}

// after is the set that a plan makes of one.
function after({ updates, upgrade }, set) {
  need((updates.length > 0) !== (upgrade !== null) && updates.length <= MAX_UPDATES, "a plan of nothing, or of too much");
  if (upgrade) return set;
  updates.forEach((u, i) => {
    need(i === 0 || Buffer.compare(updates[i - 1].key, u.key) < 0, "validators that are not in order of key");
    need(u.power <= MAX_POWER, "a power that is too large");
  });
  const next = [];
  let kept = 0n, left = 0n;
  for (const v of set) {
    const u = updates.find((u) => same(u.key, v.key));
    need(!u || (u.power !== v.power && u.vrfKey === null), "a validator that keeps its power, or has another VRF key");
    const power = u ? u.power : v.power;
    kept += min(power, v.power);
    if (power === 0n) left += v.power;
    else next.push({ ...v, power });
  }
  for (const { key, power, vrfKey } of updates) {
    if (set.some((v) => same(v.key, key))) continue;
    need(power > 0n && vrfKey, "a validator that joins without power or VRF key");
    need(![...next, ...set].some((v) => same(v.vrfKey, vrfKey)), "a VRF key that another validator has");
    next.push({ key, address: addressOf(key), power, vrfKey });
  }
  need(powerOf(next) + left <= MAX_POWER && next.length <= MAX_VALIDATORS, "too many validators or votes");
  need(moreThanTwoThirds(kept, powerOf(set)) && moreThanTwoThirds(kept, powerOf(next)), "too much at once");
  return inOrder(next);
}
