import { MOST_EXTRA_CHARACTERS } from './defaults.ts';

/** Every daemon reads a line of these alike: no tab, no control character, nothing that another encoding would change. */
const PRINTABLE = /^[ -~]*$/;
/** Comments of the daemons: chrony's `! ; # %`, `#` of the others. */
const COMMENT = /^[!;#%]/;
/** No blank, no quote, and no way up. */
const PATH = /^(?:\/[\w.+-]+)+$/;

/** Longer than any distribution's, and short enough for a line of any daemon (ntpd's are 1,024 long). */
const MOST_PATH_CHARACTERS = 128;

/** What keeps a text from being one line of a configuration, whatever it says. null: nothing does. */
export function extraTextFault(text: string): string | null {
  if (!PRINTABLE.test(text)) return 'is no single line of printable ASCII characters';
  if (text.trim() === '') return 'is empty';
  if (text !== text.trim()) return 'begins or ends with a blank';
  if (COMMENT.test(text)) return 'is a comment: write it in this file';
  if (text.length > MOST_EXTRA_CHARACTERS) return `is longer than ${MOST_EXTRA_CHARACTERS} characters`;
  return null;
}

/** What keeps a text from being the path of a leap file on a host. */
export function leapFileFault(text: string): string | null {
  const isPath = PATH.test(text) && !/\/\.\.?(?:\/|$)/.test(text) && text.length <= MOST_PATH_CHARACTERS;
  return isPath ? null : 'is not the path of a file on the hosts, such as /usr/share/zoneinfo/leap-seconds.list';
}
