// @ts-check
import { distance } from 'fastest-levenshtein';

/** A word of so many letters may have one wrong, one of twice as many two. */
const LETTERS_PER_SLIP = 4;
/** A shorter part of a name is a part of many. */
const PART_LETTERS = 3;
/** More names than these are no help. */
const MOST_MEANT = 3;

/**
 * ` Did you mean hosts?`, to be put behind a sentence: names that begin or end as the word does, or else the one that differs by
 * a slip of the hand; empty where nothing is near.
 *
 * @param {string} given
 * @param {readonly string[]} known
 */
export function didYouMean(given, known) {
  const word = given.toLowerCase();
  const whole = known.filter((name) => word.length >= PART_LETTERS && hasPart(name.toLowerCase(), word));
  const meant = whole.length > 0 && whole.length <= MOST_MEANT ? whole : nearest(word, known);
  return meant.length === 0 ? '' : ` Did you mean ${meant.join(' or ')}?`;
}

/**
 * @param {string} name
 * @param {string} part
 */
function hasPart(name, part) {
  return name.startsWith(part) || name.endsWith(part);
}

/**
 * @param {string} word
 * @param {readonly string[]} known
 */
function nearest(word, known) {
  const slips = Math.ceil(word.length / LETTERS_PER_SLIP);
  return known
    .map((name) => ({ name, slipped: distanceOf(word, name.toLowerCase()) }))
    .filter(({ name, slipped }) => slipped <= slips && slipped < name.length)
    .sort((a, b) => a.slipped - b.slipped)
    .slice(0, 1)
    .map(({ name }) => name);
}

/**
 * Levenshtein's; two neighbours that are swapped are one slip.
 *
 * @param {string} a
 * @param {string} b
 */
function distanceOf(a, b) {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at += 1;
  const swapped = `${b[at + 1] ?? ''}${b[at] ?? ''}${b.slice(at + 2)}`;
  return a.slice(at) === swapped ? Math.min(1, a.length) : distance(a, b);
}
