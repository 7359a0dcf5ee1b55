import type { JudgeContext } from '../../../src/diagnosis/judge.ts';
import type { State } from '../../../src/diagnosis/judgement.ts';
import type { Host } from '../../../src/fleet/fleet.ts';
import type { Collected } from '../../../src/host/collected.ts';
import type { Fault, SystemState } from '../../../src/ntp/source.ts';
import { source } from '../../builders/sightings.ts';

/** What a row says of its host beside what that printed: by default a client that answered, of which nothing is remembered. */
export interface CaseMore {
  isBoundary?: true;
  /** By default EC2 tells none. */
  addresses?: Pick<Host, 'ipv4' | 'ipv6'>;
  /** StatusDetails of SSM. */
  status?: string;
  context?: Partial<JudgeContext>;
}

/** One host and how it is judged by itself. `answer`: null where SSM has none. */
export type Case = [
  what: string,
  answer: Collected | null,
  state: State,
  sentence: string,
  remarks: string[],
  more?: CaseMore,
];

export const LOST_ROW: Fault = {
  line: 12,
  field: null,
  text: '+10.0.1',
  reason: 'the output was cut within this line',
};

/** Sentence of a settled host that is well. */
export const WELL = 'offset 0.125 ms (limit 50 ms), error bound 1.375 ms (limit 200 ms), 2 usable sources.';

export const peer = (given: Parameters<typeof source>[1] = {}) => source('10.0.1.5', { tally: '*', ...given });
export const other = source('10.0.2.5');

/** Silent for 52 minutes, as ntpd shows it: nothing selected any more. */
export const silent = { tally: ' ', reach: 0, whenSeconds: 3120 } as const;

export const chrony = (system: Partial<SystemState> = {}) => ({
  daemon: { kind: 'chrony', version: '4.3' } as const,
  system: { skewPpm: 0.5, residualFrequencyPpm: -0.5, ...system },
});
