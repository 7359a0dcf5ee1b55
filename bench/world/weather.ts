import type { Mode } from '../../src/plan/plan.ts';

/** How AWS behaves towards podtime, and what an operator lets it do. Each kind by itself; hosts and daemons feel none of it. */
export interface Weather {
  /**
   * `empty`: a well-formed set of nobody. `partial`: a page is missing. `by-az`: reads by tag fail, reads by id work but in one AZ.
   * `not-found`: EC2 does not know a live instance for a few minutes.
   */
  ec2: 'well' | 'fails' | 'empty' | 'partial' | 'by-az' | 'not-found';
  route53: 'well' | 'fails' | 'refuses-changes';
  /** `answer-lost`: written, and the answer lost. */
  s3: 'well' | 'fails' | 'refuses-writes' | 'answer-lost';
  /** `throttled`: a refusal that can be read. `lost`: no answer, sent or not. */
  send: 'well' | 'throttled' | 'lost';
  /** `late`: commands are listed minutes late. `never-ends`: commands are listed as under way for ever. */
  list: 'well' | 'fails' | 'late' | 'never-ends';
  /** Agents get a command a second time. */
  isTwice: boolean;
  /** Share of hosts whose answer to `collect` is lost; 1 is an SSM that is down. */
  silence: number;
  /** Route 53 brings changes into sync only after so long. */
  inSyncSeconds: number;
  /** Runs die at some line of theirs: how often. */
  kills: number;
  /** No run of podtime starts. */
  isPodtimeDown: boolean;
  mode: Mode;
}

export function fairWeather(): Weather {
  return {
    ec2: 'well',
    route53: 'well',
    s3: 'well',
    send: 'well',
    list: 'well',
    isTwice: false,
    silence: 0,
    inSyncSeconds: 20,
    kills: 0.002,
    isPodtimeDown: false,
    mode: 'act',
  };
}

/** A call of AWS's that failed. */
export class Failed extends Error {
  override readonly name = 'Failed';
}

/** What a call answers; null when it failed. */
export function orNull<T>({ trace }: { trace: ((line: string) => void) | null }, call: () => T): T | null {
  try {
    return call();
  } catch (error) {
    if (!(error instanceof Failed)) throw error;
    trace?.(`    ${error.message}`);
    return null;
  }
}
