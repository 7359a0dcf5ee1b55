import { describe, expect, it } from '@jest/globals';
import { FleetFileError } from '../../src/fleet/errors.ts';
import { loadFleet } from '../../src/fleet/load.ts';
import { readsOfTick, readsPerSecondOf } from '../../src/fleet/ssm-reads.ts';

const pod = (name: string, hosts: number, more = '') => `  ${name}:
    region: us-west-2
    zone: { name: ${name}.pod }
    networks: [10.${name.length}.0.0/16]
    azs: [us-west-2a]
    hosts: ${hosts}
${more}`;
const written = (readsPerSecond: number | null, ...pods: string[]) =>
  `upstreams: [us-west-2b.stratum-2.invalid]
timeService: source
leapSmear: accepted
${readsPerSecond === null ? '' : `ssm: { readsPerSecond: ${readsPerSecond} }\n`}pods:
${pods.join('')}`;

function faultsOf(text: string): string[] {
  try {
    loadFleet(text);
    return [];
  } catch (error) {
    if (!(error instanceof FleetFileError)) throw error;
    return error.faults.map(({ sentence }) => sentence);
  }
}

describe("a pod's share of ssm.readsPerSecond", () => {
  const shares = (readsPerSecond: number | null, ...hosts: number[]) => {
    const pods = hosts.map((each, index) => pod('p'.repeat(index + 1), each));
    const fleet = loadFleet(written(readsPerSecond, ...pods));
    return fleet.pods.map((each) => readsPerSecondOf(fleet, each));
  };

  it('is all of it for one pod, and none is named where none is set', () => {
    expect(shares(7.5, 1000)).toEqual([7.5]);
    expect(shares(null, 1000)).toEqual([null]);
  });

  it('is one a second for each, and of the rest by their hosts; never more together', () => {
    const [small = 0, large = 0] = shares(10, 1000, 9000) as number[];
    expect([small, large]).toEqual([1.8, 8.2]);
    expect(small + large).toBe(10);
  });

  it('is not shared with pods of another region', () => {
    const elsewhere = { name: 'far', region: 'eu-west-1', hosts: 50_000 };
    const here = { name: 'near', region: 'us-west-2', hosts: 100 };
    expect(readsPerSecondOf({ ssm: { readsPerSecond: 4 }, pods: [elsewhere, here] }, here)).toBe(4);
  });
});

describe('a fleet file', () => {
  it('takes a pod of 50,000 hosts, and none above', () => {
    expect(faultsOf(written(null, pod('blue', 50_000)))).toEqual([]);
    expect(faultsOf(written(10, pod('blue', 50_000)))).toEqual([]);
    expect(faultsOf(written(null, pod('blue', 50_001)))).toEqual([
      'pods.blue.hosts is 50001; it must be a whole number from 1 to 50000 hosts',
    ]);
  });

  it('is refused where answers cannot be read in time', () => {
    expect(readsOfTick(50_000)).toBe(1020);
    const reads =
      'pod blue of 50000 hosts needs 1020 reads of SSM a tick, and gets 2.0 a second of ssm.readsPerSecond: 510 s';
    expect(faultsOf(written(2, pod('blue', 50_000)))).toEqual([
      `${reads}, more than its intervalSeconds 300`,
      `${reads}; with its turn, its silent hosts and its own work a tick takes 645 s, and function watchdog50k has 300 s`,
    ]);
    // an hour between ticks does not give the function more time
    expect(
      faultsOf(
        written(2, pod('blue', 50_000, '    intervalSeconds: 3600\n    thresholds: { withdrawAfterSeconds: 7200 }\n')),
      ),
    ).toEqual([expect.stringContaining('function watchdog50k has 300 s')]);
  });

  it('is refused where SSM is assumed not to have so many reads, until it is said how many it has', () => {
    const large = (name: string, seconds: number) => pod(name, 50_000, `    intervalSeconds: ${seconds}\n`);
    expect(faultsOf(written(null, large('blue', 100)))).toEqual([]);
    const advice = 'lengthen intervalSeconds, or set ssm.readsPerSecond to what the account is given';
    expect(faultsOf(written(null, large('blue', 99)))).toEqual([
      `the pods in us-west-2 need 10.1 reads of SSM's lists a second, and 10 are assumed: ${advice}`,
    ]);
    expect(faultsOf(written(20, large('blue', 99)))).toEqual([]);
    // all pods of a region share it; a run comes once a minute, however short the interval
    expect(faultsOf(written(null, large('a', 300), large('bb', 300), large('ccc', 290)))).toEqual([
      expect.stringContaining('need 10.1 reads'),
    ]);
    expect(faultsOf(written(null, pod('blue', 30_000, '    intervalSeconds: 5\n')))).toEqual([]);
  });

  it('is refused where the pods of a region, whose ticks come together, cannot all read in time', () => {
    const large = (name: string) => pod(name, 50_000);
    expect(faultsOf(written(null, large('a'), large('bb')))).toEqual([]);
    expect(faultsOf(written(null, large('a'), large('bb'), large('ccc')))).toEqual([
      "the pods in us-west-2 tick in the same minutes and share 10 reads of SSM's lists a second, as is assumed: the answers of pod a " +
        "(50000 hosts) take 300 s to read beside the others', its tick 390 s, and function watchdog50k has 300 s; so it is with bb, ccc: " +
        'move pods to another account or region, or set ssm.readsPerSecond to what the account is given',
    ]);
    expect(faultsOf(written(40, large('a'), large('bb'), large('ccc')))).toEqual([]);
    const elsewhere = large('ccc').replaceAll('us-west-2', 'us-east-1');
    expect(faultsOf(written(null, large('a'), large('bb'), elsewhere))).toEqual([]);
    // an hour between ticks does not keep them apart
    const seldom = (name: string) =>
      pod(name, 50_000, '    intervalSeconds: 3600\n    thresholds: { withdrawAfterSeconds: 7200 }\n');
    expect(faultsOf(written(null, seldom('a'), seldom('bb'), seldom('ccc')))).toHaveLength(1);
  });

  it('takes smaller pods beside large ones as long as each is read in time', () => {
    const several = (count: number, hosts: number) =>
      Array.from({ length: count }, (_, index) => pod('p'.repeat(index + 1), hosts));
    expect(faultsOf(written(null, ...several(18, 2000)))).toEqual([]);
    expect(faultsOf(written(null, ...several(8, 10_000)))).toEqual([]);
    expect(faultsOf(written(null, ...several(9, 10_000)))).toEqual([
      expect.stringContaining('take 180 s to read beside'),
    ]);
    // the small ones have long ended when the large one reads its last pages
    const [fault] = faultsOf(written(null, ...several(7, 10_000), pod('extra-large', 50_000)));
    expect(fault).toContain("pod extra-large (50000 hosts) take 240 s to read beside the others', its tick 330 s");
    expect(fault).not.toContain('so it is with');
    expect(faultsOf(written(null, ...several(5, 10_000), pod('extra-large', 50_000)))).toEqual([]);
  });

  it('is refused where pods are more than reads a second', () => {
    expect(faultsOf(written(1, pod('a', 100), pod('bb', 100)))).toEqual([
      'readsPerSecond 1 is less than one a second for each of the 2 pods in us-west-2',
    ]);
  });
});
