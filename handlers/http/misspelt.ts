/** Shorter names are too near to what else may be asked with, such as a cache buster. */
const LEAST_LETTERS = 4;

/**
 * What is wrong with a parameter that nobody reads, since its name is one that means something but for its case or one slip of the hand; null: nothing.
 * Any other is left alone, as whoever stands between, and operators against caches, may add what they like.
 *
 * @param parameters of the query, that are read
 * @param inPath names that stand in the path
 */
export function misspeltParameter(
  name: string,
  parameters: readonly string[],
  inPath: readonly string[],
): string | null {
  const meant = [...parameters, ...inPath].find((known) => known.length >= LEAST_LETTERS && isNear(name, known));
  if (meant === undefined) return null;
  const place = parameters.includes(meant) ? '' : ', which stands in the path';
  const all = parameters.length === 0 ? 'there is none' : `what may be asked with is ${parameters.join(', ')}`;
  return `${JSON.stringify(name)} is no parameter: did you mean ${meant}${place}? Of the query ${all}.`;
}

/** The same but for case, or for one letter that is wrong, missing or too many, or two that are swapped. */
function isNear(name: string, known: string): boolean {
  // before its case is looked at, as it may be of any length
  if (Math.abs(name.length - known.length) > 1) return false;
  const [written, meant] = [name.toLowerCase(), known.toLowerCase()];
  let same = 0;
  while (same < meant.length && written[same] === meant[same]) same++;
  const [rest, wanted] = [written.slice(same), meant.slice(same)];
  const swapped = `${wanted[1] ?? ''}${wanted[0] ?? ''}${wanted.slice(2)}`;
  return [wanted.slice(1), swapped].includes(rest) || rest.slice(1) === wanted || rest.slice(1) === wanted.slice(1);
}
