/** A statement of a role's policy, its intrinsics resolved. */
export interface Statement {
  Effect: 'Allow' | 'Deny';
  Action: string | string[];
  Resource: string | string[];
  Condition?: Record<string, Record<string, string | string[]>>;
}

/** What one call asks of IAM. A key that the request does not have is absent from `context`. */
export interface Ask {
  action: string;
  resource: string;
  context: Record<string, string[]>;
}

/** `*` is any run of characters, `?` any one. */
export function matches(pattern: string, text: string): boolean {
  const expression = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${expression}$`, 's').test(text);
}

const TESTS: Record<string, (pattern: string, text: string) => boolean> = {
  StringEquals: (pattern, text) => pattern === text,
  StringLike: matches,
};

/** IAM user guide, "Condition operators": all must hold; of a key's values one must. Throws for an operator not known here. */
function holds(operator: string, key: string, patterns: string[], context: Ask['context']): boolean {
  const given = context[key];
  if (operator === 'Null') return patterns.includes(String(given === undefined));
  const [set, name] = operator.includes(':') ? (operator.split(':') as [string, string]) : [null, operator];
  const test = TESTS[name];
  if (!test || (set !== null && set !== 'ForAllValues'))
    throw new Error(`condition operator ${operator} is not known here`);
  const anyPattern = (text: string) => patterns.some((pattern) => test(pattern, text));
  // "ForAllValues also returns true if there are no context keys in the request"
  if (set === 'ForAllValues') return (given ?? []).every(anyPattern);
  return given?.length === 1 && given.every(anyPattern);
}

export function applies(statement: Statement, ask: Ask): boolean {
  const conditions = Object.entries(statement.Condition ?? {}).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, patterns]) => [operator, key, [patterns].flat()] as const),
  );
  return (
    [statement.Action].flat().some((pattern) => matches(pattern.toLowerCase(), ask.action.toLowerCase())) &&
    [statement.Resource].flat().some((pattern) => matches(pattern, ask.resource)) &&
    conditions.every(([operator, key, patterns]) => holds(operator, key, patterns, ask.context))
  );
}

/** IAM user guide, "Policy evaluation logic": a Deny wins, else an Allow is needed. Decision 0030. */
export function isAllowed(statements: Statement[], ask: Ask): boolean {
  const applying = statements.filter((statement) => applies(statement, ask));
  return applying.some(({ Effect }) => Effect === 'Allow') && applying.every(({ Effect }) => Effect !== 'Deny');
}
