/** Words that docs alone print: bundles are made without them. */
export function forDocs(words: string): string {
  return words;
}
