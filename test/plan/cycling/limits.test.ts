import { describe, expect, it } from '@jest/globals';
import type { PlanInput } from '../../../src/plan/plan.ts';
import { plan, planOnDemandCycle } from '../../../src/plan/plan.ts';
import {
  client,
  HOUR,
  id,
  judged,
  MINUTE,
  memory,
  NOW,
  POD,
  record,
  server,
  stale,
} from '../../builders/plan-input.ts';
import { rollOut } from '../../builders/roll-outs.ts';
import {
  A,
  B,
  CLIENT_1,
  cycled,
  given,
  ID_1,
  leftBehind,
  NAME_A,
  NAME_B,
  nth,
  policy,
  refusalsOf,
  staleClients,
} from '../../builders/stale-clients.ts';

const asked = (given: PlanInput, force: boolean) =>
  planOnDemandCycle(given, { tier: 'client', az: null, instanceIds: null, force });

it('a host waits for another server for 45 minutes: two starts, a withdrawal and two intervals', () => {
  const judgements = [judged(A), judged(B, { confident: false }), stale(CLIENT_1, [NAME_A, NAME_B])];
  const cycledAfter = (waitedMs: number) =>
    cycled(plan(given([leftBehind()], { judgements, memory: memory({ staleSinceMs: { [ID_1]: NOW - waitedMs } }) })));
  expect(cycledAfter(45 * MINUTE - 1)).toEqual([]);
  expect(cycledAfter(45 * MINUTE)).toEqual([ID_1]);
});

describe('force', () => {
  it('does not wait for a pool to look again, which the schedule does without haste', () => {
    const pod = { ...POD, association: 'pool' as const };
    expect(plan(given([leftBehind()], { pod })).unfinished).toBe(false);
    expect(cycled(plan(given([leftBehind()], { pod })))).toEqual([]);
    expect(asked(given([leftBehind()], { pod }), true).cycles).toHaveLength(1);
  });

  it('does not lift that a host announces a leap second', () => {
    const leap = given([leftBehind(CLIENT_1, { leapAnnounced: 'add' })], { nowMs: Date.UTC(2026, 0, 31) });
    expect(asked(leap, true).refusals.map(({ rule }) => rule)).toEqual(['leap-announced']);
  });
});

describe('a server withdrawn for its health', () => {
  const C = server('c', 'b', { ipv6: ['fd00::c'] });
  const addresses = ['10.0.2.12', 'fd00::c'];
  const remembered = {
    memory: memory({ withdrawn: { [id('c')]: { sinceMs: NOW - HOUR, sentence: 'adrift.', addresses } } }),
  };
  const left = stale(CLIENT_1, [NAME_B], {
    stale: { rule: 'left-behind', names: [NAME_B], addresses: ['10.0.2.12'], sentence: '' },
  });
  const ill = judged(C, { confident: false });

  it('keeps those that poll it by one of its two families', () => {
    const unjoined = stale(CLIENT_1, [NAME_B], {
      stale: { rule: 'unjoined', names: [NAME_B], addresses: [], sentence: '' },
      polled: ['fd00::c'],
    });
    expect(cycled(plan(given([unjoined, ill], remembered)))).toEqual([]);
  });

  it('keeps nobody who polls it while it is pending, or while EC2 does not list it', () => {
    expect(cycled(plan(given([left, ill], remembered)))).toEqual([]);
    expect(cycled(plan(given([left], remembered)))).toEqual([ID_1]);
    const pending = judged({ ...C, state: 'pending' }, { confident: false });
    expect(cycled(plan(given([left, pending], remembered)))).toEqual([ID_1]);
  });
});

describe('a roll-out', () => {
  it('that is stopped is said once, and beside what holds its tier back before', () => {
    const rollOuts = { client: rollOut({ stopped: true, sentence: 'Stopped.' }) };
    expect(refusalsOf(plan(given([leftBehind()], { memory: memory({ rollOuts }) })))).toEqual([
      'roll-out-stopped: Stopped. Held back: 1 host.',
    ]);
    const pod = { ...POD, maintenance: [{ days: [0], startMinute: 0, endMinute: 60 }] };
    expect(refusalsOf(plan(given([leftBehind()], { pod, memory: memory({ rollOuts }) })))).toEqual([
      'maintenance: Nothing of the client tier is cycled outside the maintenance windows (Sun 00:00-01:00 UTC). Held back: 1 host.',
      'roll-out-stopped: Stopped.',
    ]);
  });

  it('counts who failed while its wave is under way', () => {
    const commands = [{ commandId: 'c-1', instanceIds: [nth(0), nth(1), nth(2)] }];
    const rollOuts = { client: rollOut({ commands, failed: [nth(3)] }) };
    const answers = [
      { instanceId: nth(0), kind: 'cycled' as const, reason: '' },
      { instanceId: nth(1), kind: 'failed' as const, reason: 'not-healed' },
    ];
    const progress = [{ tier: 'client' as const, ended: false, isWhole: true, answers }];
    const made = plan(staleClients(6, { memory: memory({ rollOuts }), progress }));
    expect(made.memory.rollOuts.client?.failed).toEqual([nth(1), nth(3)]);
    expect(made.givenUp).toEqual([nth(1), nth(3)]);
  });

  it('takes five turns of hosts, and restarts two at one time for each failure that it takes to stop', () => {
    const rollOuts = { client: rollOut({ waves: 1, failed: ['i-gone', 'i-lost', 'i-left'] }) };
    const pod = policy({ waveShare: 1, maxErrorShare: 0.1, maxConcurrencyShare: 1 });
    const made = plan(staleClients(30, { pod, memory: memory({ rollOuts }) }));
    expect(
      made.cycles.map(({ instanceIds, maxConcurrency, maxErrors }) => [instanceIds.length, maxConcurrency, maxErrors]),
    ).toEqual([[10, 2, 0]]);
  });
});

it('hosts that do not run are none of those of which half must answer', () => {
  const gone = ['2', '3'].map((digits) => client(digits, 'a', { state: 'stopped' }));
  expect(cycled(plan(given([leftBehind()], { hosts: [A, B, CLIENT_1, ...gone] })))).toEqual([ID_1]);
});

describe('a boundary server that EC2 does not show', () => {
  const C = server('c', 'c');
  const waits = (unread: string[], ownerStates: PlanInput['ownerStates']) => {
    const hosts = [A, C];
    const judgements = [stale(A, [record(C).name]), judged(C)];
    return refusalsOf(plan(given([], { hosts, judgements, records: [record(A), record(C)], unread, ownerStates })));
  };

  it('keeps the others waiting, unless EC2 says that it is dead', () => {
    const sentence = `other-servers: ${id('a')} waits: EC2 does not show ${id('b')}, which may be a boundary server that lives.`;
    expect(waits([id('b')], {})).toEqual([sentence]);
    expect(waits([id('b')], { [id('b')]: 'running' })).toEqual([sentence]);
    expect(waits([id('b')], { [id('b')]: 'terminated' })).toEqual([]);
  });
});
