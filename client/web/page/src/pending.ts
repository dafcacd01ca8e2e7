// What an account signed and does not know the outcome of, one at a time. It is kept in
// IndexedDB: there, what one tab wrote under a lock is what the next one reads under it, and
// it is on disk before its bytes leave. Of localStorage neither holds: a browser tells other
// tabs of a change a moment later.

// A Pending is a signed transaction whose outcome is not known. It is written down before
// its bytes leave, so that nothing forgets them: no crash, no closed tab.
export interface Pending {
  chain: string; account: string; hash: string; wire: string; validUntil: string; packet: string; nonce: string; kind: string;
  entry?: number; // of a claim: its entry on the packet's list
}

const database = "hongbao", store = "pending";

// pendingOf is what an account of a chain left open, or null.
export async function pendingOf(chain: string, account: string): Promise<Pending | null> {
  return (await run("readonly", (s) => s.get([chain, account]))) ?? null;
}

// setPending writes down what is about to leave, in the place of what was left open before.
export const setPending = (p: Pending) => run("readwrite", (s) => s.put(p));

// removePending forgets what a transaction's account left open: its outcome is known.
export const removePending = (p: Pending) => run("readwrite", (s) => s.delete([p.chain, p.account]));

// run does one thing, and ends when it is done for good.
async function run<T>(mode: IDBTransactionMode, act: (s: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const db = await open();
  try {
    return await new Promise<T>((done, fail) => {
      const tx = db.transaction(store, mode, { durability: "strict" }), request = act(tx.objectStore(store));
      tx.oncomplete = () => done(request.result);
      tx.onabort = () => fail(tx.error);
    });
  } finally {
    db.close();
  }
}

function open(): Promise<IDBDatabase> {
  return new Promise((done, fail) => {
    const request = indexedDB.open(database, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(store, { keyPath: ["chain", "account"] });
    request.onsuccess = () => done(request.result);
    request.onerror = () => fail(request.error);
  });
}
