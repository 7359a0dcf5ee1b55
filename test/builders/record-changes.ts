import type { PlanInput, RecordChange } from '../../src/plan/plan.ts';
import { id, input, judged, MINUTE, memory, NOW, record, server } from './plan-input.ts';
export const A = server('a', 'a');
export const B = server('b', 'b');
export const C = server('c', 'c');

export const upsert = (of: typeof B, overrides: Partial<RecordChange> = {}): RecordChange => ({
  action: 'UPSERT',
  name: `ntp.az-${of.az.slice(-1)}.pod`,
  type: 'A',
  setIdentifier: of.instanceId,
  address: of.ipv4 ?? '',
  ttlSeconds: 30,
  reason: `${of.instanceId} runs at ${of.ipv4}`,
  ...overrides,
});

export const remove = (of: typeof B, reason: string, overrides: Partial<RecordChange> = {}): RecordChange => ({
  ...upsert(of, { action: 'DELETE', reason }),
  raw: record(of).raw,
  ...overrides,
});

/** The record of a server that stands, written again while that of another goes. */
export const restated = (of: typeof B, gone = ofB): RecordChange =>
  upsert(of, { reason: `${of.instanceId} must stand in DNS while ${gone} goes` });

/** What a withdrawal rests on: so many of these servers. */
export const restingOn = (atLeast: number, ...of: (typeof B)[]): Pick<RecordChange, 'restsOn'> => ({
  restsOn: { servers: of.map(({ instanceId }) => instanceId), atLeast },
});

export const ofB = id('b');
export const ILL = memory({
  unhealthySinceMs: { [ofB]: NOW - 20 * MINUTE },
  unhealthy: { [ofB]: { provenMs: 20 * MINUTE, seenMs: null } },
});
export const illSentence = 'adrift for 20 min of sightings (limit 15 min): offset 80 ms is over the limit of 50 ms.';
export const gone = (state: string) => `EC2 says ${ofB} is ${state}`;

/** `A` is confident and published, unless the case has a floor of its own to break. */
export function withA(given: Partial<PlanInput>): PlanInput {
  return input({
    ...given,
    hosts: [A, ...(given.hosts ?? [])],
    records: [record(A), ...(given.records ?? [])],
    judgements: [judged(A), ...(given.judgements ?? [])],
  });
}
