import { describe, expect, it } from '@jest/globals';
import { commandShares, MOST_TURNS } from '../../../src/plan/cycling/commands.ts';
import { cyclingOrder, failureLimit, mostAtOnce, selectWave, waveSize } from '../../../src/plan/cycling/waves.ts';
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
    // five turns of as many as may restart at one time; the last two even, a tenth more at most
    [1, 7, 1, 1, 4],
    [1, 30, 1, 3, 5],
    [1, 30, 0, 3, 5],
    [1, 200, 4, 3, 20],
    // twice as many may restart at one time as it takes failures to stop
    [0.1, 1000, 9, 3, 100],
    [0.1, 1000, 2, 3, 30],
    [0.1, 1000, 0, 3, 10],
  ] as const)(
    'of the client tier, share %d of %i hosts, %i may still fail',
    (waveShare, running, mayFail, first, later) => {
      const size = (isFirst: boolean) =>
        selectWave(policy({ waveShare }), 'client', ordered(running), { running, isFirst, mayFail }).length;
      expect([size(true), size(false)]).toEqual([first, later]);
    },
  );

  it.each([
    // hosts that are left, of 1000, and the waves they make
    [903, [100, 100, 100, 100, 100, 100, 100, 102, 101]],
    [993, [100, 100, 100, 100, 100, 100, 100, 100, 97, 96]],
    [110, [110]],
    [3, [3]],
    [111, [56, 55]],
  ])('leaves no remnant of %i hosts for a wave of its own', (left, expected) => {
    const sizes: number[] = [];
    for (let rest = left; rest > 0; rest -= sizes.at(-1) ?? rest) {
      sizes.push(waveSize(POD, { running: 1000, isFirst: false, mayFail: 20 }, rest, 0));
    }
    expect(sizes).toEqual(expected);
  });

  it.each([9_990, 9_996, 9_998, 10_000])('of a tier of %i fits five turns, but for the last two', (running) => {
    const limits = { running, isFirst: false, mayFail: 200 };
    const turns: number[] = [];
    for (let rest = running - 4; rest > 0; ) {
      const size = waveSize(POD, limits, rest, 0);
      turns.push(Math.ceil(size / mostAtOnce(POD, limits)));
      rest -= size;
    }
    expect(turns).toHaveLength(10);
    expect(Math.max(...turns.slice(0, -2))).toBe(5);
    expect(Math.max(...turns)).toBeLessThanOrEqual(6);
  });

  it.each([
    // hosts of the tier, failures left: hosts at one time
    [1, 1, 1],
    [99, 1, 1],
    [100, 2, 2],
    [100, 0, 2],
    [1000, 20, 20],
    [1000, 4, 10],
    [1000, 0, 2],
    [10_000, 200, 200],
    [10_000, 99, 200],
    [10_000, 50, 102],
  ])('of %i hosts, of which %i may fail yet, restarts so many at one time', (running, mayFail, most) => {
    expect(mostAtOnce(POD, { running, mayFail })).toBe(most);
  });

  it('restarts no more hosts at one time than it takes to stop its roll-out', () => {
    const limits = { running: 10_000, mayFail: 1 };
    expect(mostAtOnce(policy({ maxErrorShare: 0 }), limits)).toBe(2);
    expect(mostAtOnce(policy({ maxConcurrencyShare: 1 }), { running: 10_000, mayFail: 200 })).toBe(201);
  });

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
        sentence:
          '2 of 10 stale clients are to be cycled now, 1 at one time; at 25 s a host all are through in about 5 min, 5 waves, or in 10 min where hosts say nothing.',
      },
    ]);
    // a short run sends the next
    expect(made.unfinished).toBe(false);
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

  it('goes round the AZs as the pod lists them, and puts those that it has not at the end', () => {
    const pod = { ...POD, azs: ['us-west-2d', 'us-west-2b'] };
    const hosts = [client('1', 'e'), client('2', 'c'), client('3', 'b'), client('4', 'd')];
    const order = [id('4'), id('3'), id('2'), id('1')];
    expect(cyclingOrder(pod, hosts).map((host) => host.instanceId)).toEqual(order);
    expect(cyclingOrder(pod, [...hosts].reverse()).map((host) => host.instanceId)).toEqual(order);
  });
});

describe('the commands of a wave', () => {
  const shares = (number: number, mayFail: number, atOnce: number) =>
    commandShares(
      clients(number).map((host) => host.instanceId),
      mayFail,
      atOnce,
    );
  const numbers = (number: number, mayFail: number, atOnce: number) =>
    shares(number, mayFail, atOnce).map((share) => [share.instanceIds.length, share.maxConcurrency, share.maxErrors]);

  it.each([
    [1, 1, 1, [[1, 1, 1]]],
    [3, 0, 20, [[3, 3, 0]]],
    [9, 1, 2, [[9, 2, 1]]],
    [50, 10, 10, [[50, 10, 10]]],
    [
      51,
      10,
      11,
      [
        [50, 10, 9],
        [1, 1, 1],
      ],
    ],
    [
      120,
      24,
      24,
      [
        [50, 10, 10],
        [50, 10, 10],
        [20, 4, 4],
      ],
    ],
  ])('of %i hosts, of which %i may fail, %i at one time', (number, mayFail, atOnce, expected) => {
    expect(numbers(number, mayFail, atOnce)).toEqual(expected);
  });

  it('hold every host once; their error limits sum up to what may fail, their concurrency to the hosts at one time', () => {
    for (const number of [1, 7, 49, 50, 51, 99, 101, 333]) {
      for (const mayFail of [0, 1, 7, 200]) {
        for (const turns of [1, 2, 5, 5.5]) {
          const atOnce = Math.ceil(number / turns);
          const made = shares(number, mayFail, atOnce);
          const sum = (limit: 'maxErrors' | 'maxConcurrency') => made.reduce((all, share) => all + share[limit], 0);
          expect(made.flatMap(({ instanceIds }) => instanceIds)).toEqual(
            clients(number).map((host) => host.instanceId),
          );
          expect(sum('maxErrors')).toBe(mayFail);
          expect(sum('maxConcurrency')).toBe(atOnce);
          for (const { instanceIds, maxConcurrency } of made) {
            expect(Math.ceil(instanceIds.length / maxConcurrency)).toBeLessThanOrEqual(MOST_TURNS);
          }
        }
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
