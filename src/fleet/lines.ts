import { type Document, isAlias, isMap, isScalar, isSeq, type LineCounter, type Node, type Pair, visit } from 'yaml';

/** Takes every key away that stands in its group for the second time or later. */
export function dropRepeats(document: Document): void {
  visit(document, {
    Map(_, map) {
      const seen = new Set<string>();
      map.items = map.items.filter(({ key }) => {
        const name = isScalar(key) ? String(key.value) : null;
        if (name === null) return true;
        return !seen.has(name) && seen.add(name);
      });
    },
  });
}

/**
 * The 1-based line of the value at `path`: of its key where it has one (that is where an operator looks), else of the
 * list's item. Of a key that stands twice it is the last one's line, as its value is the one that counts. A path that ends in a key that is missing gives the line of what it is missing from.
 */
export function lineOf(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number {
  let node: unknown = document.contents;
  let line = lineAt(lines, node);
  for (const step of path) {
    const resolved = isAlias(node) ? node.resolve(document) : node;
    if (isMap(resolved)) {
      const pair: Pair | undefined = resolved.items.findLast(
        ({ key }) => isScalar(key) && String(key.value) === String(step),
      );
      if (pair === undefined) break;
      line = lineAt(lines, pair.key);
      node = pair.value;
    } else if (isSeq(resolved)) {
      node = resolved.items[Number(step)];
      if (node === undefined || node === null) break;
      line = lineAt(lines, node);
    } else break;
  }
  return line;
}

function lineAt(lines: LineCounter, node: unknown): number {
  const start = (node as Node | null)?.range?.[0];
  return start === undefined ? 1 : lines.linePos(start).line;
}
