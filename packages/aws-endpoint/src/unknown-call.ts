/**
 * Says that the endpoint lacks an operation, what comes close to it, and what it has: `asked` is its name, or as much of it as the
 * request tells. Of a service (`S3`) or of a name that is looked up.
 */
export function unknownCall(service: string, asked: string, operations: readonly string[]): string {
  const close = closest(asked, operations);
  const hint = close === null ? '' : ` Did you mean ${close}?`;
  return `The local endpoint has no operation ${asked} of ${service}.${hint} It has ${operations.toSorted().join(', ')}.`;
}

/** Of the names the one that is a slip of the pen away; null: none is. */
export function closest(asked: string, names: readonly string[]): string | null {
  const most = Math.max(2, Math.floor(asked.length / 4));
  const [best] = names
    .map((name) => ({ name, edits: distance(asked.toLowerCase(), name.toLowerCase()) }))
    .filter(({ edits }) => edits <= most)
    .toSorted((a, b) => a.edits - b.edits);
  return best?.name ?? null;
}

/** Letters to add, take away or change until one is the other (Levenshtein). */
function distance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let row = 1; row <= a.length; row += 1) {
    const line = [row];
    for (let at = 1; at <= b.length; at += 1) {
      const changed = (above[at - 1] ?? 0) + (a[row - 1] === b[at - 1] ? 0 : 1);
      line.push(Math.min(changed, (above[at] ?? 0) + 1, (line[at - 1] ?? 0) + 1));
    }
    above = line;
  }
  return above[b.length] ?? 0;
}
