/** By code unit, not by locale: the same input gives the same order on every machine. */
export function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Sorted, each once. */
export function sortedUnique(texts: Iterable<string>): string[] {
  const all = [...texts];
  // as most come, in order already
  const isSorted = all.every((text, index) => index === 0 || (all[index - 1] ?? '') < text);
  return isSorted ? all : [...new Set(all)].sort(byText);
}
