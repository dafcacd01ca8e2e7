// Section 12 of docs/format.md: the steps debits and balances of a statement.

import { ESCROW, HOLD, KIND, OUTSIDE, PHASE, WALLET, isAt, packetIdOf } from "./messages.js";
import { inTime } from "./steps.js";
import { checkTerms } from "./terms.js";
import { MAX_AMOUNT, hex, need, same } from "./values.js";

const OWN_DEBITS = [KIND.pay, KIND.send, KIND.return];

// The ways that money can go: [kind, phase, from, to].
const { genesis, draw, due, tx } = PHASE;
const WAYS = [
  [KIND.genesis, genesis, [OUTSIDE], [WALLET]], [KIND.pay, tx, [WALLET], [WALLET]], [KIND.send, tx, [WALLET], [ESCROW]],
  [KIND.claim, tx, [ESCROW], [WALLET, HOLD]], [KIND.draw, draw, [ESCROW], [WALLET, HOLD]], [KIND.settle, due, [HOLD], [WALLET]],
  [KIND.return, tx, [HOLD, WALLET], [WALLET]], [KIND.refund, due, [ESCROW], [WALLET]], [KIND.recall, tx, [ESCROW, HOLD], [WALLET]],
  [KIND.recall, draw, [ESCROW], [WALLET]],
];

const isOwn = (place, id) => isAt(place, WALLET, id) || isAt(place, HOLD, id);
const isDebit = (e, id) => e.tx && e.posting && OWN_DEBITS.includes(e.kind) && isOwn(e.posting.from, id);

export function debits({ file, entries, txs }) {
  const wanted = entries.filter((e) => isDebit(e, file.id));
  need(wanted.length === txs.length, `${wanted.length} own debits, ${txs.length} transactions`);
  let nonce = -1n;
  wanted.forEach((e, i) => {
    const tx = txs[i];
    need(same(tx.hash, e.tx), `transaction ${i} is not the one of entry ${e.seq}`);
    need(same(tx.account, file.id), `transaction ${i} is of another account`);
    need(tx.nonce > nonce, `transaction ${i} has a nonce that does not rise`);
    nonce = tx.nonce;
    need(inTime(e.time, tx.validUntil), `transaction ${i} could not stand in a block then`);
    need(says(file.chain, tx, e), `transaction ${i} says something else than entry ${e.seq}`);
  });
  return `${txs.length} debits signed`;
}

function says(chain, { kind, body, ...tx }, e) {
  const { posting } = e;
  switch (e.kind) {
    case KIND.pay: return kind === "pay" && isAt(posting.to, WALLET, body.to) && body.amount === posting.amount;
    case KIND.send: return kind === "send" && body.terms.total === posting.amount && same(packetIdOf(chain, tx), e.packet) && lawful(body.terms, tx, e);
  }
  const gives = kind === "return" || (kind === "answer" && body.accept);
  return gives && e.packet && same(body.packet, e.packet) && body.share === e.share;
}

function lawful(terms, tx, e) {
  checkTerms(terms, hex(tx.account), e.time);
  return true;
}

// balances checks each entry against the one before, and leaves the sums in c.account.
export function balances(c) {
  const { file, entries, leaf } = c;
  let balance = 0n, held = 0n, income = 0n, outgo = 0n;
  entries.forEach((e, i) => {
    const before = { balance: e.balance, held: e.held };
    if (e.posting) {
      const { from, to, amount } = e.posting;
      checkWay(e, file.id);
      take(before, from, file.id, amount);
      take(before, to, file.id, -amount);
      const fromOwn = isOwn(from, file.id), toOwn = isOwn(to, file.id);
      if (!fromOwn) income += amount;
      if (!toOwn) outgo += amount;
    } else {
      need([KIND.reserve, KIND.recall].includes(e.kind) && e.phase === PHASE.tx, `entry ${e.seq} moves nothing`);
    }
    if (i === 0 && e.seq === 0n) need(before.balance === 0n && before.held === 0n, "something before the first entry");
    if (i === 0) c.opening = before;
    else need(before.balance === balance && before.held === held, `entry ${e.seq} does not follow from the one before`);
    ({ balance, held } = e);
  });
  if (file.tail.length === 0) need(leaf.balance === balance && leaf.held === held, "the last entry leaves something else than the leaf has");
  c.account = { income, outgo };
  return `${c.opening.balance + c.opening.held} + ${income} - ${outgo} = ${balance + held}`;
}

function checkWay(e, id) {
  const { from, to, amount } = e.posting;
  const way = WAYS.some(([kind, phase, froms, tos]) =>
    e.kind === kind && e.phase === phase && froms.includes(from.kind) && tos.includes(to.kind));
  need(way, `entry ${e.seq}: money on a way that there is not`);
  need(!isAt(from, to.kind, to.id) && amount > 0n, `entry ${e.seq} moves nothing`);
  for (const p of [from, to]) {
    if (p.kind === OUTSIDE) need(same(p.id, Buffer.alloc(32)), `entry ${e.seq}: from outside, by a name`);
    if (p.kind === ESCROW) need(e.packet && same(p.id, e.packet), `entry ${e.seq}: the escrow of another packet`);
  }
  need(isOwn(from, id) || isOwn(to, id), `entry ${e.seq} is not the account's`);
}

// take undoes what left the account from this place (or came to it, below 0).
function take(before, place, id, amount) {
  if (isAt(place, WALLET, id)) before.balance += amount;
  if (isAt(place, HOLD, id)) before.held += amount;
  need([before.balance, before.held].every((n) => n >= 0n && n <= MAX_AMOUNT), "less than nothing, or too much");
}
