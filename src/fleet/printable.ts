/** Far above any version, refid, tag or message that says something. */
const LENGTH_LIMIT = 255;

/** What steers a terminal, a page or a log line: all but ASCII that is printed, and what markup and quoting are made of: " & ' < > and `. */
const UNPRINTABLE = /[^ !#-%(-;=?-_a-~]/;

/** A text of a host or a tag, as it may stand in a sentence, a log line or a page. */
export interface Shown {
  text: string;
  /** Whether it holds characters that are not shown as they came. */
  escaped: boolean;
}

/**
 * Shows what a host printed, or somebody wrote into a tag: ESC becomes `\u{1b}`, RIGHT-TO-LEFT OVERRIDE `\u{202e}`, `<` `\u{3c}`.
 * What is shown has at most `limit` characters, the rest is left out. Decision 0054.
 */
export function printable(text: string, limit: number = LENGTH_LIMIT): Shown {
  if (!UNPRINTABLE.test(text)) return { text: text.slice(0, limit), escaped: false };
  let shown = '';
  let escaped = false;
  for (const character of text) {
    const isPlain = !UNPRINTABLE.test(character);
    const next = isPlain ? character : `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
    if (shown.length + next.length > limit) break;
    shown += next;
    escaped ||= !isPlain;
  }
  return { text: shown, escaped };
}

/** Whether a text of several lines holds what steers a terminal or a page. Quotes are left out: tools print them. */
export function isHostile(text: string): boolean {
  return SUSPECT.test(text) && /[^ -~\t\r\n]|\r(?!\n)|[<>&`]/.test(text);
}

/** One class of characters is found much faster than the three alternatives: all that may be hostile, and CR. */
const SUSPECT = /[^\t\n -%'-;=?-_a-~]/;

/** What is said of a host whose answer holds such characters. */
export const NOT_AS_IT_CAME = 'its answer holds characters that are not shown as they came';
