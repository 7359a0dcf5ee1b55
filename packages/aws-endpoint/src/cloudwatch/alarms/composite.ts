import type { AlarmState } from './evaluate.ts';
import { readTokens } from './tokens.ts';

/** What a composite alarm's rule says of the states of others. */
export type CompositeRule = (stateOf: (alarm: string) => AlarmState) => boolean;

const TOKEN = /\s*(?:(ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*(?:"([^"]+)"|([^\s"()]+))\s*\)|(AND|OR|NOT|TRUE|FALSE|[()]))/y;

interface Token {
  word: string;
  alarm: string | null;
}

/**
 * Reads `ALARM("a") OR NOT OK("b") AND …`; NOT binds before AND, AND before OR. `known`: the alarms there are. Throws for a rule
 * that is none, or names an alarm that is not there.
 */
export function readRule(text: string, known: ReadonlySet<string>): CompositeRule {
  const tokens = tokenize(text);
  let at = 0;
  const take = (word: string) => tokens[at]?.word === word && at++ >= 0;
  const primary = (): CompositeRule => {
    const token = tokens[at];
    if (token === undefined) throw new Error(`the rule '${text}' ends too early`);
    at += 1;
    const { word, alarm } = token;
    if (alarm !== null) {
      if (!known.has(alarm)) throw new Error(`the rule names alarm ${alarm}, which is not there`);
      return (stateOf) => stateOf(alarm) === word;
    }
    if (word === 'TRUE' || word === 'FALSE') return () => word === 'TRUE';
    if (word === 'NOT') {
      const inner = primary();
      return (stateOf) => !inner(stateOf);
    }
    const inner = word === '(' ? either() : null;
    if (inner === null || !take(')')) throw new Error(`the rule '${text}' is not whole at '${word}'`);
    return inner;
  };
  const both = (): CompositeRule => {
    const parts = [primary()];
    while (take('AND')) parts.push(primary());
    return (stateOf) => parts.every((part) => part(stateOf));
  };
  const either = (): CompositeRule => {
    const parts = [both()];
    while (take('OR')) parts.push(both());
    return (stateOf) => parts.some((part) => part(stateOf));
  };
  const whole = either();
  if (at < tokens.length) throw new Error(`the rule '${text}' is not whole at '${tokens[at]?.word}'`);
  return whole;
}

function tokenize(text: string): Token[] {
  return readTokens(text, TOKEN, 'the rule').map(([, state, quoted, bare, word]) => ({
    word: state ?? word ?? '',
    alarm: state === undefined ? null : (quoted ?? bare ?? ''),
  }));
}
