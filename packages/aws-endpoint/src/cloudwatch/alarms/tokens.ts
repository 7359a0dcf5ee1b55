/** The matches of `token` (sticky), one after the other to the end of the text. `what`: what the text is, for the error. */
export function readTokens(text: string, token: RegExp, what: string): RegExpExecArray[] {
  const tokens: RegExpExecArray[] = [];
  token.lastIndex = 0;
  while (token.lastIndex < text.trimEnd().length) {
    const from = token.lastIndex;
    const match = token.exec(text);
    if (match === null) throw new Error(`the local endpoint does not understand ${what} at '${text.slice(from)}'`);
    tokens.push(match);
  }
  return tokens;
}
