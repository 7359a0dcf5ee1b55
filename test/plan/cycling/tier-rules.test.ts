import { describe, expect, it } from '@jest/globals';
import type { PlanInput } from '../../../src/plan/plan.ts';
import { plan } from '../../../src/plan/plan.ts';
import { client, id, judged, POD, record, server, silent } from '../../builders/plan-input.ts';
import { A, B, CLIENT_1, cycled, given, ID_1, leftBehind, policy, refusalsOf } from '../../builders/stale-clients.ts';

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
    'while any host announces a leap second',
    { judgements: [judged(A), judged(B, { leapAnnounced: true }), leftBehind()] },
    `leap-second: Nothing is cycled while a leap second is announced: by 1 of 3 hosts, ${id('b')} among them.`,
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

  it('in a window that is open', () => {
    const pod = { ...POD, maintenance: [{ days: [4], startMinute: 12 * 60, endMinute: 13 * 60 }] };
    expect(cycled(plan(given([leftBehind()], { pod })))).toEqual([ID_1]);
  });
});
