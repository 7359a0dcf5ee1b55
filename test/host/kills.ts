import { spawnSync } from 'node:child_process';
import { whereIs } from './programs.ts';

/**
 * Counts the commands of a shell script as they run, and ends the shell by SIGKILL after one of them. It stands after each line
 * after which a command may stand; the status of the line before passes through.
 */
const COUNTER = `
COMMANDS=0
count() {
  count_status=$?
  COMMANDS=$((COMMANDS + 1))
  [ -z "\${COUNT_TO:-}" ] || echo "$COMMANDS" >"$COUNT_TO"
  [ "$COMMANDS" != "\${KILL_AFTER:-0}" ] || kill -9 $$
  return "$count_status"
}`.split('\n');

/** Whether a script that is cut off here is cut off within quotes: an awk program, a line break. */
function endsInQuotes(lines: readonly string[]): boolean {
  const quotes =
    lines
      .filter((line) => !/^\s*#/.test(line))
      .join('')
      .split("'").length - 1;
  if (quotes % 2 === 0) return false;
  return check(lines).includes('Unterminated quoted string');
}

/** What a shell says of a text that it does not run. */
function check(lines: readonly string[]): string {
  return spawnSync(whereIs('dash') ?? 'dash', ['-n'], { input: lines.join('\n'), encoding: 'utf8' }).stderr;
}

/** Lines that go on in the next, and those of `case` that a pattern follows. */
const GOES_ON = /(&&|\|\||\||\\|;;| in)$/;

/**
 * The script with a counted command after each of its lines; run it with KILL_AFTER=N, or with COUNT_TO=FILE to learn how many
 * there are.
 */
export function killable(script: string): string {
  const lines = script.split('\n');
  const first = lines.findIndex((line) => line.startsWith('LAST_LINE=')) + 1;
  const counted = lines.flatMap((line, index) => {
    const alone =
      index < first || /^\s*(#|$)/.test(line) || GOES_ON.test(line) || endsInQuotes(lines.slice(0, index + 1));
    return alone ? [line] : [line, 'count'];
  });
  const text = [...counted.slice(0, first), ...COUNTER, ...counted.slice(first)];
  const complaint = check(text);
  if (complaint !== '') throw new Error(`No command may stand after a line of the script: ${complaint}`);
  return text.join('\n');
}
