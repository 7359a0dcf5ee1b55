/** What steers a terminal or hides text; lines and columns are kept. */
const STEERING = /[^\n\t -~]/gu;

/** What a host printed, line by line, as it may be shown: ESC becomes `\u{1b}`. */
export function rawOutput(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .replaceAll(STEERING, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}
