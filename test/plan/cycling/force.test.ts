import { describe, expect, it } from '@jest/globals';
import type { Memory, PlanInput } from '../../../src/plan/plan.ts';
import { ask, FRESH, GIVEN, NAMES, rollOut, STALE } from '../../builders/on-demand-cycle.ts';
import {
  HOUR,
  id,
  judged,
  MINUTE,
  memory,
  NOW,
  POD,
  record,
  SECOND,
  server,
  stale,
} from '../../builders/plan-input.ts';
import { A, B } from '../../builders/stale-clients.ts';

/** A roll-out that is past its first wave. */
const FURTHER = { rollOuts: { client: rollOut() } };

describe('force', () => {
  const clients = { tier: 'client' as const, force: true };

  it('lifts staleness and cool-down', () => {
    const { made, cycled } = ask(clients, { memory: memory(FURTHER) });
    expect(cycled).toEqual([id('1'), id('2'), id('3')]);
    expect(made.cycles.map(({ force, reason }) => [force, reason])).toEqual([
      [true, 'left behind by ntp.az-b.pod, forced'],
    ]);
  });

  it('lifts nothing else of a host', () => {
    expect(ask(clients, { memory: memory(FURTHER) }).rules).toEqual(['4 held', '5 unknown']);
  });

  it.each<[string, Partial<PlanInput>, string]>([
    ['the mode', { mode: 'hold' }, 'mode'],
    [
      'a maintenance window',
      { pod: { ...GIVEN.pod, maintenance: [{ days: [0], startMinute: 0, endMinute: 60 }] } },
      'maintenance',
    ],
    [
      'a leap second',
      {
        nowMs: Date.UTC(2026, 0, 31),
        judgements: GIVEN.judgements.map((judgement) =>
          judgement.host.tier === 'boundary' ? { ...judgement, leapAnnounced: 'add' as const } : judgement,
        ),
      },
      'leap-second',
    ],
    ['the floor', { pod: { ...GIVEN.pod, cycling: { ...GIVEN.pod.cycling, floor: 3 } } }, 'floor'],
    [
      'under half of the tier sampled',
      { judgements: [judged(A), judged(B), stale(STALE, NAMES), judged(FRESH)] },
      'sampled',
    ],
    [
      'a wave under way',
      {
        memory: memory({
          rollOuts: {
            client: rollOut({ commands: [{ commandId: 'c-1', instanceIds: [id('1')] }] }),
          },
        }),
      },
      'wave-under-way',
    ],
    [
      'a roll-out that stopped',
      {
        memory: memory({
          rollOuts: {
            client: rollOut({ stopped: true, sentence: 'Stopped.' }),
          },
        }),
      },
      'roll-out-stopped',
    ],
  ])('does not lift %s', (_, overrides, rule) => {
    const { cycled, rules } = ask(clients, overrides);
    expect(cycled).toEqual([]);
    expect(rules).toContain(`blue ${rule}`);
  });

  it('does not lift the size of a wave', () => {
    expect(ask(clients, { pod: POD }).cycled).toEqual([id('1')]);
  });

  it('does not lift three cycles in a day of a host still stale, and has nothing against a fourth of one that is not', () => {
    const cycles = {
      [id('1')]: [NOW - 3 * HOUR, NOW - 2 * HOUR, NOW - HOUR],
      [id('2')]: [NOW - 3 * HOUR, NOW - 2 * HOUR, NOW - HOUR],
    };
    const { cycled, rules } = ask(clients, { memory: memory({ ...FURTHER, cycles }) });
    expect(cycled).toEqual([id('2'), id('3')]);
    expect(rules).toContain('1 given-up');
  });

  it('lifts what a host said when it was asked before, not that it failed', () => {
    const undone = {
      [id('1')]: { answers: 5, atMs: NOW - HOUR, reason: 'already-right' },
      [id('2')]: { answers: 1, atMs: NOW - 1, reason: 'busy' },
    };
    const rollOuts = { client: rollOut({ failed: [id('3')] }) };
    const overrides = {
      memory: memory({ undone, rollOuts }),
      pod: { ...POD, cycling: { ...POD.cycling, waveShare: 1 } },
    };
    expect(ask(clients, overrides).cycled).toEqual([id('1'), id('2')]);
    expect(ask(clients, overrides).rules).toContain('3 failed');
    expect(ask({ tier: 'client' }, overrides).rules).toContain('1 nothing-done');
  });

  it('does not lift that a first wave takes one host of each AZ, a quarter of the tier at most', () => {
    const { cycled, told } = ask(clients);
    expect(cycled).toEqual([id('1')]);
    expect(told).toContain(
      'wave: 1 of 3 clients asked for is to be cycled now (the first wave takes one of each AZ), 1 at one time; at 25 s a host they are through in about 25 s, or in 90 s where hosts say nothing. 2 are left. Ask again when this wave is through; by itself podtime cycles stale hosts alone.',
    );
  });

  it('takes others when it is asked again, until all were cycled', () => {
    const cycles: Record<string, number[]> = {};
    const judgements = GIVEN.judgements.map((each) =>
      each.cycledSecondsAgo ? { ...each, cycledSecondsAgo: null } : each,
    );
    const asked = [1, 2, 3, 4].map((minute) => {
      const { cycled } = ask(clients, {
        pod: POD,
        judgements,
        nowMs: NOW + minute * MINUTE,
        memory: memory({ ...FURTHER, cycles: { ...cycles } }),
      });
      for (const each of cycled) cycles[each] = [NOW + minute * MINUTE];
      return cycled;
    });
    expect(asked).toEqual([[id('1')], [id('2')], [id('3')], [id('1')]]);
  });

  it('takes those that were asked longest ago, by their last cycle and by what they last answered', () => {
    const first = (given: Partial<Memory>) =>
      ask(clients, { pod: POD, memory: memory({ ...FURTHER, ...given }) }).cycled;
    expect(first({ cycles: { [id('1')]: [NOW - 3 * HOUR, NOW - SECOND], [id('2')]: [NOW - 2 * HOUR] } })).toEqual([
      id('2'),
    ]);
    expect(first({ undone: { [id('1')]: { answers: 1, atMs: NOW - HOUR, reason: 'busy' } } })).toEqual([id('2')]);
  });

  it('says of boundary servers too that those left are to be asked for again', () => {
    const { told } = ask({ tier: 'boundary', force: true });
    expect(told).toContain(
      'wave: Left for the next wave of the boundary tier: 1 host (one at a time). Ask again when this wave is through; by itself podtime cycles stale hosts alone.',
    );
  });

  it('does not lift that an instance does not run', () => {
    const hosts = GIVEN.hosts.map((host) => (host === FRESH ? { ...host, state: 'stopping' as const } : host));
    expect(ask({ ...clients, instanceIds: [id('2')] }, { hosts }).rules).toEqual(['2 not-running']);
  });

  it('does not lift that two usable sources suffice when a server was withdrawn for its health', () => {
    const C = server('c', 'b');
    const stay = stale(STALE, NAMES, {
      stale: { rule: 'left-behind', names: NAMES, addresses: ['10.0.2.12'], sentence: '' },
    });
    const withdrawn = { [id('c')]: { sinceMs: NOW - HOUR, sentence: 'adrift.', addresses: ['10.0.2.12'] } };
    const overrides = {
      hosts: [...GIVEN.hosts, C],
      judgements: [...GIVEN.judgements.filter(({ host }) => host !== STALE), stay, judged(C, { confident: false })],
      memory: memory({ withdrawn }),
    };
    const { cycled, rules } = ask({ ...clients, instanceIds: [id('1')] }, overrides);
    expect(cycled).toEqual([]);
    expect(rules).toContain('1 health-withdrawal');
  });

  it('does not lift unmanaged, nor a name without a confident server', () => {
    const judgements = GIVEN.judgements.map((judgements) =>
      judgements.host === FRESH ? judged(FRESH, { unmanaged: true }) : judgements,
    );
    expect(ask({ ...clients, instanceIds: [id('2')] }, { judgements }).rules).toEqual(['2 unmanaged']);
    const none = GIVEN.judgements.map((judgements) =>
      judgements.host.tier === 'boundary' ? judged(judgements.host, { confident: false }) : judgements,
    );
    const pod = { ...GIVEN.pod, cycling: { ...GIVEN.pod.cycling, floor: 0 } };
    expect(ask({ ...clients, instanceIds: [id('2')] }, { pod, judgements: none }).told).toEqual([
      `no-confident-server: ${id('2')} waits: no name of the zone has a confident server published.`,
    ]);
  });

  it('cycles one boundary server, and only while the others are confident and enough', () => {
    const boundary = { tier: 'boundary' as const, force: true };
    expect(ask(boundary).cycled).toEqual([id('a')]);
    expect(ask(boundary).made.cycles[0]?.reason).toBe('asked for, forced');
    const judgements = GIVEN.judgements.map((judgement) =>
      judgement.host === B ? judged(B, { confident: false }) : judgement,
    );
    expect(ask({ ...boundary, instanceIds: [id('a')] }, { judgements: judgements }).cycled).toEqual([]);
    const pod = { ...GIVEN.pod, cycling: { ...GIVEN.pod.cycling, floor: 2 } };
    expect(ask(boundary, { pod }).cycled).toEqual([]);
  });

  it('cycles no boundary server beside one that may live and that EC2 does not show', () => {
    const C = server('c', 'c');
    const boundary = { tier: 'boundary' as const, force: true };
    const unseen = { hosts: GIVEN.hosts.filter((host) => host !== B), judgements: [judged(A), judged(C)] };
    const shown = { ...unseen, hosts: [...unseen.hosts, C], records: [record(A), record(B), record(C)] };
    const refused = (given: Partial<PlanInput>) =>
      ask({ ...boundary, instanceIds: [id('a')] }, { ...shown, ...given }).made.refusals.map(
        ({ sentence }) => sentence,
      );
    const waits = `${id('a')} waits: EC2 does not show ${id('b')}, which may be a boundary server that lives.`;
    expect(refused({})).toEqual([waits]);
    expect(refused({ ownerStates: { [id('b')]: 'running' } })).toEqual([waits]);
    expect(refused({ records: [record(A), record(C)], unread: [id('b')] })).toEqual([waits]);
    expect(refused({ ownerStates: { [id('b')]: 'terminated' }, records: [record(A), record(C)] })).toEqual([]);
  });
});
