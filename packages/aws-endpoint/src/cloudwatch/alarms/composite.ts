import type { AlarmState } from './evaluate.ts';
import { readTokens } from './tokens.ts';

type Condition = (stateOf: (alarm: string) => AlarmState) => boolean;

/** What a composite alarm's rule says of the states of others. */
export interface CompositeRule {
  holds: Condition;
  /** The alarms that it names, each once, in its order. */
  names: readonly string[];
}

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
  const primary = (): Condition => {
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
  const both = (): Condition => {
    const parts = [primary()];
    while (take('AND')) parts.push(primary());
    return (stateOf) => parts.every((part) => part(stateOf));
  };
  const either = (): Condition => {
    const parts = [both()];
    while (take('OR')) parts.push(both());
    return (stateOf) => parts.some((part) => part(stateOf));
  };
  const whole = either();
  if (at < tokens.length) throw new Error(`the rule '${text}' is not whole at '${tokens[at]?.word}'`);
  return { holds: whole, names: [...new Set(tokens.flatMap(({ alarm }) => alarm ?? []))] };
}

function tokenize(text: string): Token[] {
  return readTokens(text, TOKEN, 'the rule').map(([, state, quoted, bare, word]) => ({
    word: state ?? word ?? '',
    alarm: state === undefined ? null : (quoted ?? bare ?? ''),
  }));
}

/** One of the alarms that a rule names. */
export interface Underlying {
  arn: string;
  state: AlarmState;
  /** Epoch ms; null: never yet. */
  changedAtMs: number | null;
}

/**
 * Why a composite alarm stands so, in AWS's words: of the alarms that stand for it (in ALARM, or not) the one that changed last, and when. Where
 * none of them ever changed, any that did; where none did, that the alarm was made.
 */
export function compositeReasonOf(arn: string, state: AlarmState, underlying: readonly Underlying[]): string {
  const changed = underlying.filter((each): each is Underlying & { changedAtMs: number } => each.changedAtMs !== null);
  const standing = changed.filter((each) => (each.state === 'ALARM') === (state === 'ALARM'));
  const [last] = (standing.length > 0 ? standing : changed).toSorted((a, b) => b.changedAtMs - a.changedAtMs);
  if (last === undefined) return `${arn} was created and its alarm rule evaluates to ${state}`;
  return `${last.arn} transitioned to ${last.state} at ${timeInWords(last.changedAtMs)}`;
}

/** `Friday 22 July, 2022 15:57:45 UTC` */
function timeInWords(ms: number): string {
  const part = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat('en-GB', { ...options, timeZone: 'UTC' }).format(ms);
  const day = `${part({ weekday: 'long' })} ${part({ day: '2-digit' })} ${part({ month: 'long' })}`;
  return `${day}, ${part({ year: 'numeric' })} ${new Date(ms).toISOString().slice(11, 19)} UTC`;
}
