/** What ends or opens something in a shell's single-quoted string, in a line, or in SSM's own language (`$$`, `{{ }}`). */
const FORBIDDEN = ['"', "'", '`', '$', '\\', '{', '}', '\n', '\r', '\u0000', '\u00e9', '\u2028'];

/**
 * What is wrong with the pattern of a document's parameter, as a clause; null when nothing is. SSM's agent searches for it and
 * holds nothing else, so it must be `^…$`, without an alternative beside the anchors, and no part of it may admit a forbidden
 * character: only literals, classes, groups and counts stand in it.
 */
export function looseness(pattern: string | undefined): string | null {
  if (pattern === undefined) return 'has no allowedPattern';
  if (!pattern.startsWith('^') || !pattern.endsWith('$')) return 'has a pattern that is not anchored: ^…$';
  const classes = pattern.match(/\[[^\]]*\]/g) ?? [];
  const admitted = FORBIDDEN.find((character) => classes.some((each) => new RegExp(each).test(character)));
  if (admitted !== undefined) return `has a pattern that admits ${JSON.stringify(admitted)}`;
  const rest = pattern.slice(1, -1).replaceAll(/\[[^\]]*\]/g, 'x');
  const strange = rest.replaceAll(/\{\d+(?:,\d*)?\}/g, '').match(/[^a-zA-Z0-9=: |()*+?-]/);
  if (strange !== null) return `has a pattern with ${JSON.stringify(strange[0])} outside a class`;
  return hasOuterAlternative(rest) ? 'has a pattern with an alternative beside its anchors' : null;
}

/** `^a|b$` is `^a` or `b$`. */
function hasOuterAlternative(pattern: string): boolean {
  let depth = 0;
  for (const character of pattern) {
    if (character === '(') depth += 1;
    if (character === ')') depth -= 1;
    if (character === '|' && depth === 0) return true;
  }
  return false;
}
