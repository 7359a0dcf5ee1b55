import { describe, expect, it } from '@jest/globals';
import type { Judgement } from '../../../src/diagnosis/judgement.ts';
import { digestOf } from '../../../src/plan/cycling/seen.ts';
import type { Memory, Plan, PlanInput } from '../../../src/plan/plan.ts';
import { plan, planOnDemandCycle } from '../../../src/plan/plan.ts';
import {
  adrift,
  client,
  HOUR,
  id,
  input,
  judged,
  MINUTE,
  memory,
  NOW,
  POD,
  record,
  server,
  silent,
  stale,
} from '../../builders/plan-input.ts';
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
  NAME_C,
  policy,
  RECORDS,
  refusalsOf,
} from '../../builders/stale-clients.ts';

describe('a client that DNS has left behind', () => {
  it('is cycled: the whole plan', () => {
    expect(plan(given([leftBehind()]))).toEqual({
      blind: false,
      startingTooLong: [],
      changes: [],
      cycles: [
        {
          tier: 'client',
          instanceIds: [ID_1],
          records: RECORDS,
          force: false,
          coolDownSeconds: 600,
          waveId: 'tick-1-client',
          maxConcurrency: 1,
          maxErrors: 1,
          reason: 'left behind by ntp.az-b.pod',
        },
      ],
      refusals: [],
      stale: [ID_1],
      givenUp: [],
      unfinished: false,
      stoppedRollOuts: [],
      memory: {
        unjoined: {},
        unhealthySinceMs: {},
        unhealthy: {},
        withdrawn: {},
        unknownToEc2: {},
        starting: {},
        cycles: { [ID_1]: [NOW] },
        undone: {},
        seen: {
          atMs: NOW,
          dns: digestOf([record(A), record(B)]),
          running: 1,
          sampled: 1,
          confidentServers: 2,
          dnsChanges: 0,
          leap: { servers: { announcing: 0, answered: 2 }, hosts: { announcing: 0, answered: 3 } },
          gone: [],
          waiting: [],
        },
        staleSinceMs: { [ID_1]: NOW },
        rollOuts: {
          client: {
            tier: 'client',
            waveId: 'tick-1-client',
            startedAtMs: NOW,
            records: RECORDS,
            mode: 'act',
            commands: [{ commandId: null, instanceIds: [ID_1] }],
            failed: [],
            waves: 0,
            stopped: false,
            sentence: null,
          },
        },
      },
    } satisfies Plan);
  });

  it('is left in peace when it is not', () => {
    const { cycles, refusals, stale: left, unfinished } = plan(given([judged(CLIENT_1)]));
    expect({ cycles, refusals, left, unfinished }).toEqual({ cycles: [], refusals: [], left: [], unfinished: false });
  });
});

describe('the host is the truth about its cycles, memory advice', () => {
  const three = { cycles: { [ID_1]: [NOW - 5 * HOUR, NOW - 4 * HOUR] } };

  it('a third cycle that only the host tells of counts', () => {
    const made = plan(given([leftBehind(CLIENT_1, { cycledSecondsAgo: 3600 })], { memory: memory(three) }));
    expect(made.givenUp).toEqual([ID_1]);
    expect(made.memory.cycles).toEqual({ [ID_1]: [NOW - 5 * HOUR, NOW - 4 * HOUR, NOW - HOUR] });
  });
});

describe('a server withdrawn for its health', () => {
  const C = server('c', 'b');
  const withdrawn = { [id('c')]: { sinceMs: NOW - HOUR, sentence: 'adrift.', addresses: ['10.0.2.12'] } };
  const polling = (polled: string[], usableSources: number | null, names = [NAME_B]) =>
    stale(CLIENT_1, names, {
      stale: { rule: 'unjoined', names, addresses: [], sentence: '' },
      polled,
      measures: { ...judged(CLIENT_1).measures, usableSources },
    });
  const cycledWith = (
    judgement: Judgement,
    server: Judgement = adrift(C),
    remembered: Partial<Memory> = { withdrawn },
  ) => cycled(plan(given([judgement, server], { memory: memory(remembered) })));

  it.each<[string, Judgement, string[]]>([
    ['one usable source: cycled', polling(['10.0.2.12'], 1), [ID_1]],
    ['two: not', polling(['10.0.2.12'], 2), []],
    ['an unknown number: not', polling(['10.0.2.12'], null), []],
    ['two, but it never polled that server: cycled', polling(['10.0.2.99'], 2), [ID_1]],
    ['two, but another name made it stale as well: cycled', polling(['10.0.2.12'], 2, [NAME_A, NAME_B]), [ID_1]],
  ])('a client with %s', (_, judgement, ids) => {
    expect(cycledWith(judgement)).toEqual(ids);
  });

  it('that dies is no health withdrawal any more', () => {
    expect(cycledWith(polling(['10.0.2.12'], 2), adrift({ ...C, state: 'terminated' }))).toEqual([ID_1]);
  });

  it('at the addresses left behind: the same', () => {
    const at = (addresses: string[]) =>
      stale(CLIENT_1, [NAME_B], { stale: { rule: 'left-behind', names: [NAME_B], addresses, sentence: '' } });
    expect(cycledWith(at(['10.0.2.12']))).toEqual([]);
    expect(cycledWith(at(['10.0.2.12', '10.0.2.99']))).toEqual([ID_1]);
    expect(cycledWith(at([]))).toEqual([ID_1]);
  });
});

describe('a pod of pools', () => {
  const pod = { ...POD, association: 'pool' as const };
  const with_ = (staleSinceMs: Record<string, number>) =>
    plan(given([leftBehind()], { pod, memory: memory({ staleSinceMs }) }));

  it('is given three intervals to look again by itself', () => {
    const fresh = plan(given([leftBehind()], { pod }));
    expect(cycled(fresh)).toEqual([]);
    expect(refusalsOf(fresh)).toEqual([
      `pool-patience: ${ID_1} has been stale for 0 s; a pool is given 15 min to look again by itself.`,
    ]);
    expect(fresh.memory.staleSinceMs).toEqual({ [ID_1]: NOW });
    expect(cycled(with_({ [ID_1]: NOW - 15 * MINUTE + 1 }))).toEqual([]);
    expect(cycled(with_({ [ID_1]: NOW - 15 * MINUTE }))).toEqual([ID_1]);
  });

  it('forgets who is stale no more, and remembers who is silent', () => {
    const remembered = { memory: memory({ staleSinceMs: { [ID_1]: NOW - MINUTE } }), pod };
    expect(plan(given([judged(CLIENT_1)], remembered)).memory.staleSinceMs).toEqual({});
    expect(plan(given([silent(CLIENT_1)], remembered)).memory.staleSinceMs).toEqual({ [ID_1]: NOW - MINUTE });
  });
});

describe('a host whose daemon looks all its names up again by itself', () => {
  const refreshing = { ...leftBehind(), ownLookupSeconds: 896 };
  const since = (staleSinceMs: number) => memory({ staleSinceMs: { [ID_1]: staleSinceMs } });

  it('is cycled only where that did not help', () => {
    const fresh = plan(given([refreshing]));
    expect(cycled(fresh)).toEqual([]);
    expect(refusalsOf(fresh)).toEqual([
      `own-lookup: ${ID_1} has been stale for 0 s; its daemon looks all names up again by itself within 15 min.`,
    ]);
    expect(fresh.memory.staleSinceMs).toEqual({ [ID_1]: NOW });
    expect(cycled(plan(given([refreshing], { memory: since(NOW - 896_000 + 1) })))).toEqual([]);
    expect(cycled(plan(given([refreshing], { memory: since(NOW - 896_000) })))).toEqual([ID_1]);
  });

  it('says what it has in common with others like it, and is cycled at once by force', () => {
    const fresh = plan(given([refreshing]));
    expect(fresh.refusals.filter(({ rule }) => rule === 'own-lookup').map(({ cause }) => cause)).toEqual([
      'clients have been stale for less; each daemon looks all names up again by itself within 15 min',
    ]);
    const asked = { tier: null, az: null, instanceIds: [ID_1], force: true };
    expect(cycled(planOnDemandCycle(given([refreshing]), asked))).toEqual([ID_1]);
    expect(cycled(planOnDemandCycle(given([refreshing]), { ...asked, force: false }))).toEqual([]);
  });
});

describe('a host whose daemon would look its names up again, with few sources until then,', () => {
  const keeping = (usableSources: number | null) => ({
    ...leftBehind(),
    ownLookupSeconds: 896,
    measures: { ...judged(CLIENT_1).measures, usableSources },
  });
  const cycledWith = (usable: number | null) => cycled(plan(given([keeping(usable)])));

  it('is cycled at once; two suffice, and of what is not known nothing is concluded', () => {
    expect([0, 1, 2, null].map(cycledWith)).toEqual([[ID_1], [ID_1], [], []]);
  });
});

describe('given up and held hosts', () => {
  it('leave nothing unfinished', () => {
    const two = client('2', 'a', { held: true });
    const cycles = { [ID_1]: [NOW - 3 * HOUR, NOW - 2 * HOUR, NOW - HOUR] };
    const made = plan(given([leftBehind(), leftBehind(two)], { memory: memory({ cycles }) }));
    expect(made.unfinished).toBe(false);
    expect(made.stale).toEqual([ID_1, id('2')]);
    expect(made.givenUp).toEqual([ID_1]);
  });

  it('are given up until 24 hours after the first of the three', () => {
    const cycles = { [ID_1]: [NOW - 24 * HOUR + 1, NOW - 2 * HOUR, NOW - HOUR] };
    expect(plan(given([leftBehind()], { memory: memory({ cycles }) })).givenUp).toEqual([ID_1]);
    expect(plan(given([leftBehind()], { memory: memory({ cycles }), nowMs: NOW + 1 })).givenUp).toEqual([]);
  });
});

describe('a boundary server, were it ever stale,', () => {
  const C = server('c', 'c');
  const servers = (judgements: Judgement[], overrides: Partial<PlanInput> = {}) =>
    plan(
      input({
        hosts: [A, B, C],
        records: [record(A), record(B), record(C)],
        judgements,
        ...overrides,
      }),
    );

  it('is cycled alone, while all the others are confident', () => {
    const made = servers([stale(A, [NAME_B]), stale(B, [NAME_C]), judged(C)], { pod: policy({ waveShare: 1 }) });
    expect(cycled(made)).toEqual([id('a')]);
    expect(refusalsOf(made)).toEqual(['wave: Left for the next wave of the boundary tier: 1 host (one at a time).']);
  });

  it('waits while another is not confident', () => {
    const made = servers([stale(A, [NAME_B]), judged(B), judged(C, { confident: false })]);
    expect(cycled(made)).toEqual([]);
    expect(refusalsOf(made)).toEqual([
      `other-servers: ${id('a')} waits: 1 of 2 other boundary servers is not confident (${id('c')}).`,
    ]);
    expect(made.unfinished).toBe(true);
  });

  it('waits while another boots', () => {
    const hosts = [A, B, { ...C, state: 'pending' as const }];
    expect(cycled(servers([stale(A, [NAME_B]), judged(B)], { hosts }))).toEqual([]);
  });

  it('waits when without it too few would be published', () => {
    const made = servers([stale(A, [NAME_B]), judged(B), judged(C)], { pod: policy({ floor: 3 }) });
    expect(refusalsOf(made)).toEqual([
      `other-servers: ${id('a')} waits: without it 2 confident boundary servers are published, the floor is 3.`,
    ]);
  });

  it('is not its own confident server', () => {
    const made = servers([stale(A, [NAME_A]), judged(B), judged(C)]);
    expect(refusalsOf(made)).toEqual([
      `no-confident-server: ${id('a')} waits: no server published under ntp.az-a.pod is confident.`,
    ]);
  });
});

describe('what the next tick remembers', () => {
  it('names not joined, of those who answered', () => {
    const made = plan(given([judged(CLIENT_1, { unjoinedNames: [NAME_C, NAME_B] }), silent(client('2', 'a'))]));
    expect(made.memory.unjoined).toEqual({ [ID_1]: [NAME_B, NAME_C] });
  });
});
