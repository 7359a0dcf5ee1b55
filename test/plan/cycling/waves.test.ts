import { describe, expect, it } from '@jest/globals';
import { commandShares } from '../../../src/plan/cycling/commands.ts';
import { cyclingOrder, errorLimit, waveSize } from '../../../src/plan/cycling/waves.ts';
import { plan } from '../../../src/plan/plan.ts';
import { client, id, judged, POD } from '../../builders/plan-input.ts';
import { clients, nth, staleClients } from '../../builders/stale-clients.ts';

describe('a wave', () => {
  it.each([
    ['client', 0.1, 1, 1],
    ['client', 0.1, 19, 1],
    ['client', 0.1, 20, 2],
    ['client', 0.1, 1000, 100],
    ['client', 1, 7, 7],
    ['client', 0.01, 50, 1],
    ['boundary', 1, 7, 1],
  ] as const)('of the %s tier, share %d of %i hosts, is of %i', (tier, waveShare, running, size) => {
    expect(waveSize({ ...POD, cycling: { ...POD.cycling, waveShare } }, tier, running)).toBe(size);
  });

  it('takes its share of the running hosts of the tier, not of the stale ones', () => {
    const healthy = Array.from({ length: 10 }, (_, index) => client((512 + index).toString(16), 'b'));
    const given = staleClients(10);
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
  const shares = (number: number, maxErrorShare: number) =>
    commandShares(
      clients(number).map((host) => host.instanceId),
      maxErrorShare,
    );
  const numbers = (number: number, maxErrorShare: number) =>
    shares(number, maxErrorShare).map((share) => [share.instanceIds.length, share.maxConcurrency, share.maxErrors]);

  it.each([
    [1, 0.1, [[1, 1, 0]]],
    [9, 0.1, [[9, 3, 0]]],
    [10, 0.1, [[10, 3, 1]]],
    [50, 0.1, [[50, 10, 5]]],
    [
      51,
      0.1,
      [
        [25, 7, 2],
        [26, 7, 3],
      ],
    ],
    [
      100,
      0,
      [
        [50, 10, 0],
        [50, 10, 0],
      ],
    ],
    [
      120,
      0.02,
      [
        [40, 10, 0],
        [40, 10, 1],
        [40, 10, 1],
      ],
    ],
  ])('of %i hosts, of which the share %d may fail', (number, maxErrorShare, expected) => {
    expect(numbers(number, maxErrorShare)).toEqual(expected);
  });

  it('hold every host once, and their error limits sum up to the wave’s', () => {
    for (const number of [1, 7, 49, 50, 51, 99, 101, 333]) {
      for (const share of [0, 0.05, 0.1, 0.5, 0.99]) {
        const made = shares(number, share);
        expect(made.flatMap(({ instanceIds }) => instanceIds)).toEqual(clients(number).map((host) => host.instanceId));
        const limits = made.map(({ maxErrors }) => maxErrors);
        expect(limits.reduce((sum, limit) => sum + limit, 0)).toBe(errorLimit(number, share));
      }
    }
  });
});

describe('a wave of more than fifty', () => {
  it('is cut into commands, one roll-out', () => {
    const made = plan(staleClients(600));
    expect(
      made.cycles.map(({ instanceIds, maxConcurrency, maxErrors }) => [instanceIds.length, maxConcurrency, maxErrors]),
    ).toEqual([
      [30, 8, 3],
      [30, 8, 3],
    ]);
    expect(made.memory.rollOuts.client?.commands.map(({ instanceIds }) => instanceIds)).toEqual(
      made.cycles.map(({ instanceIds }) => instanceIds),
    );
  });
});
