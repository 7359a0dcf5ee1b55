import { readTokens } from './tokens.ts';

/** A metric math expression, for one period: numbers by id, null where there is none. */
export type Expression = (numberOf: (id: string) => number | null) => number | null;

const TOKEN = /\s*(?:(\d+(?:\.\d+)?)|([A-Za-z]\w*)|(>=|<=|==|!=|[-+*/<>(),]))/y;
const COMPARE: Record<string, (a: number, b: number) => boolean> = {
  '>': (a, b) => a > b,
  '<': (a, b) => a < b,
  '>=': (a, b) => a >= b,
  '<=': (a, b) => a <= b,
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
};

/**
 * Reads numbers, ids, `+ - * /`, one comparison, parentheses and IF(condition, value, value). A number that is missing makes
 * the result missing, and so does a division by zero; of an IF only the branch taken counts. `known`: the ids there are.
 * Throws for all else of metric math.
 */
export function readExpression(text: string, known: ReadonlySet<string>): Expression {
  const tokens = readTokens(text, TOKEN, `'${text}'`).map(([token]) => token.trim());
  let at = 0;
  const fail = (): never => {
    throw new Error(`the local endpoint does not understand '${text}' at '${tokens.slice(at).join(' ')}'`);
  };
  const take = (...wanted: string[]) => (wanted.includes(tokens[at] ?? '') ? tokens[at++] : undefined);
  const need = (wanted: string) => take(wanted) ?? fail();

  const primary = (): Expression => {
    if (take('-'))
      return combine(
        () => 0,
        primary(),
        (a, b) => a - b,
      );
    if (take('(')) {
      const inner = comparison();
      need(')');
      return inner;
    }
    const token = tokens[at] ?? fail();
    if (/^\d/.test(token)) {
      at += 1;
      return () => Number(token);
    }
    if (take('IF')) return condition();
    if (!known.has(token)) fail();
    at += 1;
    return (numberOf) => numberOf(token);
  };
  const condition = (): Expression => {
    need('(');
    const test = comparison();
    need(',');
    const then = comparison();
    need(',');
    const otherwise = comparison();
    need(')');
    return (numberOf) => {
      const truth = test(numberOf);
      if (truth === null) return null;
      return truth === 0 ? otherwise(numberOf) : then(numberOf);
    };
  };
  const product = (): Expression => {
    let left = primary();
    for (let sign = take('*', '/'); sign; sign = take('*', '/')) {
      left = combine(left, primary(), sign === '*' ? (a, b) => a * b : (a, b) => (b === 0 ? null : a / b));
    }
    return left;
  };
  const sum = (): Expression => {
    let left = product();
    for (let sign = take('+', '-'); sign; sign = take('+', '-')) {
      left = combine(left, product(), sign === '+' ? (a, b) => a + b : (a, b) => a - b);
    }
    return left;
  };
  const comparison = (): Expression => {
    const left = sum();
    const compare = COMPARE[take(...Object.keys(COMPARE)) ?? ''];
    return compare ? combine(left, sum(), (a, b) => (compare(a, b) ? 1 : 0)) : left;
  };

  const whole = comparison();
  if (at < tokens.length) fail();
  return whole;
}

function combine(left: Expression, right: Expression, with_: (a: number, b: number) => number | null): Expression {
  return (numberOf) => {
    const [a, b] = [left(numberOf), right(numberOf)];
    return a === null || b === null ? null : with_(a, b);
  };
}
