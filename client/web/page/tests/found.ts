// What verifiers must agree on, as one text: of a report, or of what a vector says of it.

export const foundOf = ({ verdict, failed, code, final, facts }: any) =>
  JSON.stringify([verdict, failed ?? "", code ?? "", final ?? null, sorted(facts ?? null)]);

// sorted is a value whose objects have their fields in the order of their names.
function sorted(v: any): any {
  if (Array.isArray(v)) return v.map(sorted);
  if (v === null || typeof v !== "object") return v;
  return Object.fromEntries(Object.keys(v).sort().map((name) => [name, sorted(v[name])]));
}
