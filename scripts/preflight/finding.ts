import type { Failure, Read } from './facts.ts';

/** `stop`: a deploy would fail, or what it deploys would be of no use. */
export type Severity = 'stop' | 'warning' | 'well';

export interface Finding {
  severity: Severity;
  /** What was looked at. */
  check: 'fleet' | 'hosts' | 'agents' | 'profiles' | 'vpc' | 'endpoints' | 'zone' | 'records' | 'mode' | 'concurrency';
  /** null: of the account. */
  pod: string | null;
  /** With the number and its limit. */
  sentence: string;
  /** What to type, or where it is told; null where nothing is to be done. */
  remedy: string | null;
}

/** A check that could not be made. */
export interface Unread extends Failure {
  /** What was to be read, `the instances of pod blue`. */
  what: string;
}

/** Makes the findings of one check. */
export function findings(check: Finding['check'], pod: string | null) {
  const of =
    (severity: Severity) =>
    (sentence: string, remedy: string | null = null): Finding => ({ severity, check, pod, sentence, remedy });
  return { stop: of('stop'), warn: of('warning'), well: of('well') };
}

/** What was read; null where it was not asked for, or AWS did not answer. */
export function said<T>(read: Read<T> | null): { said: T } | null {
  return read !== null && 'said' in read ? read : null;
}
