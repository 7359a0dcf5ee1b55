import { describe, expect, it } from '@jest/globals';
import { commandShares } from '../../../src/plan/cycling/commands.ts';
import { cyclingOrder, failureLimit, selectWave } from '../../../src/plan/cycling/waves.ts';
import { lostRollOut, plan } from '../../../src/plan/plan.ts';
import { client, id, judged, memory, POD } from '../../builders/plan-input.ts';
import { clients, nth, policy, RECORDS, staleClients } from '../../builders/stale-clients.ts';

/** So many hosts in each of three AZs, in the order in which they are cycled. */
const ordered = (number: number) => cyclingOrder(POD, clients(number));

describe('a wave', () => {
  it.each([
    // share, hosts of the tier, failures left: in the first wave, in a later one
    [0.1, 1, 1, 1, 1],
    [0.1, 7, 1, 1, 1],
    [0.1, 8, 1, 2, 1],
    [0.1, 19, 1, 3, 1],
    [0.1, 20, 1, 3, 2],
    [0.1, 1000, 20, 3, 100],
    [0.01, 50, 1, 3, 1],
    // five for each failure that it takes to stop
    [1, 7, 1, 1, 7],
    [1, 30, 1, 3, 10],
    [1, 30, 0, 3, 5],
    [0.1, 1000, 2, 3, 15],
  ] as const)(
    'of the client tier, share %d of %i hosts, %i may still fail',
    (waveShare, running, mayFail, first, later) => {
      const size = (isFirst: boolean) =>
        selectWave(policy({ waveShare }), 'client', ordered(running), { running, isFirst, mayFail }).length;
      expect([size(true), size(false)]).toEqual([first, later]);
    },
  );

  it('of the boundary tier is of one', () => {
    const limits = { running: 7, isFirst: false, mayFail: 5 };
    expect(selectWave(policy({ waveShare: 1 }), 'boundary', ordered(7), limits)).toHaveLength(1);
  });

  it('that is the first takes one host of each AZ, also when those of one AZ come first', () => {
    const hosts = [client('1', 'a'), client('2', 'a'), client('3', 'c')];
    const wave = selectWave(POD, 'client', hosts, { running: 100, isFirst: true, mayFail: 1 });
    expect(wave.map((host) => host.instanceId)).toEqual([id('1'), id('3')]);
  });

  it('takes its share of the running hosts of the tier, not of the stale ones', () => {
    const healthy = Array.from({ length: 10 }, (_, index) => client((512 + index).toString(16), 'b'));
    const given = staleClients(10, {
      memory: memory({
        rollOuts: { client: { ...lostRollOut('client', 0), records: RECORDS, waves: 1, commands: [] } },
      }),
    });
    const made = plan({
      ...given,
      hosts: [...given.hosts, ...healthy],
      judgements: [...given.judgements, ...healthy.map((of) => judged(of))],
    });
    expect(made.cycles.map(({ instanceIds }) => instanceIds)).toEqual([[nth(0), nth(1)]]);
    expect(made.refusals).toEqual([
      {
        subject: 'blue',
        rule: 'wave',
        sentence: 'Left for the next wave of the client tier: 8 hosts (2 of 20, the share is 0.1).',
      },
    ]);
    expect(made.unfinished).toBe(true);
  });

  it.each([
    [0, 1, 1],
    [0.02, 99, 1],
    [0.02, 100, 2],
    [0.02, 10_000, 200],
    [0.5, 5, 2],
  ])('share %d of %i hosts may fail, and always one', (maxErrorShare, running, limit) => {
    expect(failureLimit(policy({ maxErrorShare }), running)).toBe(limit);
  });

  it('goes round the AZs, in each by id, whatever the order of the hosts', () => {
    const hosts = [client('9', 'c'), client('2', 'b'), client('3', 'a'), client('1', 'b'), client('4', 'b')];
    const order = [id('3'), id('1'), id('9'), id('2'), id('4')];
    expect(cyclingOrder(POD, hosts).map((host) => host.instanceId)).toEqual(order);
    expect(cyclingOrder(POD, [...hosts].reverse()).map((host) => host.instanceId)).toEqual(order);
  });

  it('puts AZs that the pod has not at the end', () => {
    const hosts = [client('1', 'f'), client('2', 'e'), client('3', 'c')];
    expect(cyclingOrder(POD, hosts).map((host) => host.instanceId)).toEqual([id('3'), id('2'), id('1')]);
  });
});

describe('the commands of a wave', () => {
  const shares = (number: number, mayFail: number) =>
    commandShares(
      clients(number).map((host) => host.instanceId),
      mayFail,
    );
  const numbers = (number: number, mayFail: number) =>
    shares(number, mayFail).map((share) => [share.instanceIds.length, share.maxConcurrency, share.maxErrors]);

  it.each([
    [1, 1, [[1, 1, 1]]],
    [3, 0, [[3, 1, 0]]],
    [9, 1, [[9, 2, 1]]],
    [50, 10, [[50, 10, 10]]],
    [
      51,
      10,
      [
        [50, 10, 9],
        [1, 1, 1],
      ],
    ],
    [
      120,
      24,
      [
        [50, 10, 10],
        [50, 10, 10],
        [20, 4, 4],
      ],
    ],
  ])('of %i hosts, of which %i may fail', (number, mayFail, expected) => {
    expect(numbers(number, mayFail)).toEqual(expected);
  });

  it('hold every host once; their error limits sum up to what may fail, their concurrency to a fifth of the wave', () => {
    for (const number of [1, 7, 49, 50, 51, 99, 101, 333]) {
      for (const mayFail of [0, 1, 7, 200]) {
        const made = shares(number, mayFail);
        const sum = (limit: 'maxErrors' | 'maxConcurrency') => made.reduce((all, share) => all + share[limit], 0);
        expect(made.flatMap(({ instanceIds }) => instanceIds)).toEqual(clients(number).map((host) => host.instanceId));
        expect(sum('maxErrors')).toBe(mayFail);
        expect(sum('maxConcurrency')).toBe(Math.ceil(number / 5));
      }
    }
  });
});

describe('a wave of more than fifty', () => {
  it('is cut into commands, one roll-out', () => {
    const rollOuts = { client: { ...lostRollOut('client', 0), records: RECORDS, waves: 1, commands: [] } };
    const made = plan(staleClients(600, { memory: memory({ rollOuts }) }));
    expect(
      made.cycles.map(({ instanceIds, maxConcurrency, maxErrors }) => [instanceIds.length, maxConcurrency, maxErrors]),
    ).toEqual([
      [50, 10, 10],
      [10, 2, 2],
    ]);
    expect(new Set(made.cycles.map(({ waveId }) => waveId))).toEqual(new Set(['tick-1-client']));
    expect(made.memory.rollOuts.client?.commands.map(({ instanceIds }) => instanceIds)).toEqual(
      made.cycles.map(({ instanceIds }) => instanceIds),
    );
  });
});
