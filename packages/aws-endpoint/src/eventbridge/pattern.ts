/** An event pattern: for each field the values it may have, or a content filter (EventBridge user guide, "Event patterns"). */
export type EventPattern = { [field: string]: EventPattern | unknown[] };

type Matcher = (values: unknown[], present: boolean) => boolean;

/**
 * Compiles a pattern once, at the start: a filter that the endpoint does not have is a sentence then, not a rule that never matches.
 * Has exact values, prefix, suffix, equals-ignore-case, wildcard, anything-but (values or prefix), exists, numeric.
 */
export function compilePattern(pattern: EventPattern): (event: unknown) => boolean {
  const fields = Object.entries(pattern).map(([field, wanted]) => {
    if (Array.isArray(wanted)) {
      const matchers = wanted.map(compileValue);
      return (event: unknown) => {
        const { present, value } = member(event, field);
        const values = Array.isArray(value) ? value : present ? [value] : [];
        return matchers.some((matches) => matches(values, present));
      };
    }
    if (wanted === null || typeof wanted !== 'object')
      throw new Error(`event pattern: ${field} must be a list of values or a nested pattern`);
    const nested = compilePattern(wanted);
    return (event: unknown) => {
      const { value } = member(event, field);
      return (Array.isArray(value) ? value : [value]).some(nested);
    };
  });
  return (event) => fields.every((matches) => matches(event));
}

function member(event: unknown, field: string): { present: boolean; value: unknown } {
  const present = event !== null && typeof event === 'object' && Object.hasOwn(event, field);
  return { present, value: present ? (event as Record<string, unknown>)[field] : undefined };
}

function compileValue(wanted: unknown): Matcher {
  if (wanted === null || typeof wanted !== 'object') return (values) => values.includes(wanted);
  const [[filter, argument] = ['', null], second] = Object.entries(wanted);
  if (second !== undefined)
    throw new Error(`event pattern: a content filter has one key, not ${Object.keys(wanted).join(', ')}`);
  const texts =
    (test: (text: string) => boolean): Matcher =>
    (values) =>
      values.some((value) => typeof value === 'string' && test(value));
  switch (filter) {
    case 'prefix':
      return texts((text) => text.startsWith(String(argument)));
    case 'suffix':
      return texts((text) => text.endsWith(String(argument)));
    case 'equals-ignore-case':
      return texts((text) => text.toLowerCase() === String(argument).toLowerCase());
    case 'wildcard': {
      const pattern = new RegExp(`^${String(argument).split('*').map(literally).join('.*')}$`, 's');
      return texts((text) => pattern.test(text));
    }
    case 'exists':
      return (_values, present) => present === argument;
    case 'anything-but': {
      const refused = (Array.isArray(argument) ? argument : [argument]).map(compileValue);
      return (values, present) => present && values.length > 0 && !refused.some((matches) => matches(values, present));
    }
    case 'numeric': {
      const test = compileNumeric(argument as unknown[]);
      return (values) => values.some((value) => typeof value === 'number' && test(value));
    }
    default:
      throw new Error(`event pattern: the local endpoint has no content filter ${filter}`);
  }
}

function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function compileNumeric(terms: unknown[]): (value: number) => boolean {
  const tests: ((value: number) => boolean)[] = [];
  for (let at = 0; at < terms.length; at += 2) {
    const limit = Number(terms[at + 1]);
    const operator = String(terms[at]);
    if (operator === '=') tests.push((value) => value === limit);
    else if (operator === '<') tests.push((value) => value < limit);
    else if (operator === '<=') tests.push((value) => value <= limit);
    else if (operator === '>') tests.push((value) => value > limit);
    else if (operator === '>=') tests.push((value) => value >= limit);
    else throw new Error(`event pattern: numeric has no operator ${operator}`);
  }
  return (value) => tests.every((test) => test(value));
}
