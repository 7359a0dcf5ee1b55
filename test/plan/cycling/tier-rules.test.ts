import { describe, expect, it } from '@jest/globals';
import type { PlanInput } from '../../../src/plan/plan.ts';
import { plan } from '../../../src/plan/plan.ts';
import { client, judged, POD, record, server, silent, stale } from '../../builders/plan-input.ts';
import {
  A,
  B,
  CLIENT_1,
  cycled,
  given,
  ID_1,
  leftBehind,
  NAME_A,
  policy,
  refusalsOf,
} from '../../builders/stale-clients.ts';

const LEAP = { leapAnnounced: 'add' } as const;
const LAST_DAY = { nowMs: Date.UTC(2026, 0, 31) };
const crowd = ['2', '3', '4', '5'].map((digits) => client(digits, 'a'));

/** Each rule of a whole tier. */
const TIER_RULES: [string, Partial<PlanInput>, string, boolean][] = [
  ['in mode observe', { mode: 'observe' }, 'mode: Nothing of the client tier is cycled in mode observe.', false],
  ['in mode hold', { mode: 'hold' }, 'mode: Nothing of the client tier is cycled in mode hold.', false],
  [
    'outside the maintenance windows',
    { pod: { ...POD, maintenance: [{ days: [4], startMinute: 22 * 60, endMinute: 2 * 60 }] } },
    'maintenance: Nothing of the client tier is cycled outside the maintenance windows (Thu 22:00-02:00 UTC).',
    false,
  ],
  [
    'while most boundary servers announce a leap second, on the last day of a month',
    { ...LAST_DAY, judgements: [judged(A, LEAP), judged(B, LEAP), leftBehind(), judged(client('2', 'a'))] },
    'leap-second: Nothing is cycled while a leap second is announced: by 2 of 2 boundary servers that answered.',
    false,
  ],
  [
    'while the one boundary server that answered announces it, an hour after the month',
    { nowMs: Date.UTC(2026, 1, 1, 0, 59), judgements: [judged(A, LEAP), silent(B), stale(CLIENT_1, [NAME_A])] },
    'leap-second: Nothing is cycled while a leap second is announced: by 1 of 1 boundary server that answered.',
    false,
  ],
  [
    'while most hosts announce it',
    { ...LAST_DAY, judgements: [judged(A), judged(B), leftBehind(), ...crowd.map((host) => judged(host, LEAP))] },
    'leap-second: Nothing is cycled while a leap second is announced: by 4 of 7 hosts that answered.',
    false,
  ],
  [
    'when under half of the tier answered',
    {
      hosts: [A, B, CLIENT_1, client('2', 'a'), client('3', 'a')],
      judgements: [judged(A), judged(B), leftBehind(), silent(client('2', 'a'))],
    },
    'sampled: Nothing of the client tier is cycled: 1 of its 3 hosts answered, half are needed.',
    false,
  ],
  [
    'when fewer confident servers are published than the floor',
    { pod: policy({ floor: 3 }) },
    'floor: Nothing of the client tier is cycled: 2 confident boundary servers published, the floor is 3.',
    true,
  ],
  [
    'when confident servers are not published',
    { pod: policy({ floor: 2 }), records: [record(B)], mode: 'act', hosts: [{ ...A, ipv4: null }, B, CLIENT_1] },
    'floor: Nothing of the client tier is cycled: 1 confident boundary server published, the floor is 2.',
    true,
  ],
  [
    'on a tick that changes DNS',
    { hosts: [A, B, server('c', 'c'), CLIENT_1] },
    'dns-changing: The client tier waits until DNS has changed (1 change due now).',
    true,
  ],
];

describe('no client is cycled', () => {
  it.each(TIER_RULES)('%s', (_, overrides, sentence, unfinished) => {
    const made = plan(given([leftBehind()], overrides));
    expect(cycled(made)).toEqual([]);
    expect(refusalsOf(made)).toContain(`${sentence} Held back: 1 host.`);
    expect(made.unfinished).toBe(unfinished);
    expect(made.memory.rollOuts).toEqual({});
    expect(made.memory.cycles).toEqual({});
  });

  it('and one is, when just half of the tier answered', () => {
    const two = client('2', 'a');
    expect(cycled(plan(given([leftBehind(), silent(two)])))).toEqual([ID_1]);
  });

  it('and one is, when just as many confident servers are published as the floor', () => {
    expect(cycled(plan(given([leftBehind()], { pod: policy({ floor: 2 }) })))).toEqual([ID_1]);
  });

  it.each<[string, Partial<PlanInput>]>([
    [
      'one boundary server of two announces a leap second',
      { ...LAST_DAY, judgements: [judged(A, LEAP), judged(B), leftBehind()] },
    ],
    [
      'half of the hosts do',
      {
        ...LAST_DAY,
        judgements: [judged(A), judged(B), leftBehind(), ...crowd.slice(0, 3).map((host) => judged(host, LEAP))],
      },
    ],
    [
      'all do, long before the end of the month',
      { nowMs: Date.UTC(2026, 0, 31) - 1, judgements: [judged(A, LEAP), judged(B, LEAP), leftBehind(CLIENT_1, LEAP)] },
    ],
    [
      'all do, long after it',
      { nowMs: Date.UTC(2026, 1, 1, 1), judgements: [judged(A, LEAP), judged(B, LEAP), leftBehind(CLIENT_1, LEAP)] },
    ],
  ])('and one is, when %s', (_, overrides) => {
    expect(cycled(plan(given([leftBehind()], overrides)))).toEqual([ID_1]);
  });

  it('in a window that is open', () => {
    const pod = { ...POD, maintenance: [{ days: [4], startMinute: 12 * 60, endMinute: 13 * 60 }] };
    expect(cycled(plan(given([leftBehind()], { pod })))).toEqual([ID_1]);
  });
});
