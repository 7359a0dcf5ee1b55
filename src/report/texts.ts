/*
 * Rows of ten thousand hosts say the same with other numbers. Each such text stands once in the report's `texts`, a `#` for each number of a
 * host's own; a row names its place and the numbers. Decision 0063.
 */

/** A text of a row: its place in `texts`, then the numbers that stand for each `#`, in order. */
export type TextOfRow = readonly number[];

/** Whole numbers and decimals that stand alone, none of an address, a version or a name; and no limit, which is the pod's. */
const OWN_NUMBER = /(?<![^\s(])(?<!(?:limit|limit of|at least|last) )-?\d+(?:\.\d+)?(?![^\s,;)])/g;

/** The text with a `#` for each of its numbers. One that has a `#` of its own stays whole. */
export function withoutNumbers(text: string): { text: string; numbers: number[] } {
  if (text.includes('#')) return { text, numbers: [] };
  const numbers: number[] = [];
  const shared = text.replace(OWN_NUMBER, (digits) => {
    const number = Number(digits);
    if (String(number) !== digits) return digits;
    numbers.push(number);
    return '#';
  });
  return { text: shared, numbers };
}

/** The text as it was said. */
export function textOf([place = -1, ...numbers]: TextOfRow, texts: readonly string[]): string {
  const text = texts[place] ?? '';
  return numbers.length === 0 ? text : text.replaceAll('#', () => String(numbers.shift() ?? '#'));
}
