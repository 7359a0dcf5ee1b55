import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Fleet } from '../../../../src/fleet/fleet.ts';
import { parseCollected } from '../../../../src/host/collect.ts';
import { whyNoTestingChrony } from '../../src/real/newer-daemons.ts';
import { setClockRate } from '../../src/real/own-clock.ts';
import { type Launch, RealPod, type WholeReport } from './real-pod.ts';
import { because, bringUp, clockSettings, DELAYS, eventually, here, host, nameOf, testFleet } from './setup.ts';

const reason = whyNoTestingChrony();
const why = because === '' && reason !== null ? ` (skipped: ${reason})` : because;
const really = here && reason === null ? it : it.skip;

const NEWEST = { newest: true, ownClock: { aheadSeconds: 0 } } as const;

/**
 * How fast each host's own clock gains on the truth, in ppm, once nobody corrects it. By far more than a daemon that has run for minutes knows its
 * own frequency: nobody can take two of these for one clock, however busy the machine.
 */
type Drifts = readonly (readonly [Launch, number])[];

function drifting(
  pod: 'blue' | 'green',
  letters: readonly [string, string, string],
): { servers: Drifts; clients: Drifts } {
  const [first, second, third] = letters.map((letter) => host(pod, 'boundary', letter, 'chrony', 10, NEWEST)) as [
    Launch,
    Launch,
    Launch,
  ];
  const client = (number: number) => host(pod, 'client', 'a', 'chrony', number, NEWEST);
  return {
    servers: [
      [first, 60],
      [second, -60],
      [third, 20],
    ],
    clients: [
      [client(101), -50],
      [client(102), 50],
      [client(103), 0],
    ],
  };
}

/** Pod blue keeps one time, pod green is like it and does not. */
const BLUE = drifting('blue', ['b', 'c', 'd']);
const GREEN = drifting('green', ['a', 'b', 'c']);
const PODS = { blue: BLUE, green: GREEN } as const;
const launchesOf = (drifts: Drifts) => drifts.map(([launch]) => launch);
const all = (name: keyof typeof PODS) => [...PODS[name].servers, ...PODS[name].clients];

/** Longer than what a test waits for, so that it says what it saw last. */
const LONG_MS = 600_000;
/** Over which the pods' clocks run apart before they are measured. */
const APART_MS = 180_000;
/** More than what the clocks gain or lose. */
const HOLDOVER_PPM = 75;
/** What the clients of pod green differ by after that time, where they find no majority during most of it. */
const APART_LEAST_MS = (APART_MS / 2) * 100e-6;

/** By how many ns a host's clock is ahead of the machine's, but for whole seconds: CLOCK_TAI is the machine's own, and whole seconds off. */
const AHEAD = `python3 -c '
import time
ahead = time.clock_gettime_ns(time.CLOCK_REALTIME) - time.clock_gettime_ns(time.CLOCK_TAI)
print((ahead + 500_000_000) % 1_000_000_000 - 500_000_000)'`;

function fleetOf(): Fleet {
  const fleet = testFleet();
  const pods = fleet.pods.map((pod) => ({
    ...pod,
    together: pod.name === 'blue',
    thresholds: {
      ...pod.thresholds,
      confidentAgeSeconds: 10,
      startingSeconds: 20,
      withdrawAfterSeconds: 30,
      holdoverPpm: HOLDOVER_PPM,
      // until one clock is left they differ by more than 5 ms, and who runs off fastest would be convicted
      disagreementMs: 50,
    },
  }));
  return { ...fleet, pods };
}

describe(`a real pod that loses all upstreams and the time service${why}`, () => {
  let pod: RealPod;
  let clock: string;
  /** Epoch seconds. */
  let lostAt = 0;
  const cyclesBefore: Record<string, number> = {};

  const rows = (report: WholeReport, launches: readonly Launch[]) =>
    launches.map(({ id }) => report.hosts.find(({ instanceId }) => instanceId === id));
  const statesOf = (report: WholeReport) => report.hosts.map(({ state }) => state);
  const servedIn = (name: keyof typeof PODS) =>
    launchesOf(PODS[name].servers).map(({ az }) => pod.served(name, nameOf(name, az.slice(-1))).toSorted());
  const cycles = () =>
    Object.fromEntries(
      (['blue', 'green'] as const).map((name) => [
        name,
        all(name).flatMap(([{ id }]) => pod.outputsOf('cycle', id)).length,
      ]),
    );
  const until = (what: string, name: string, seconds: number, holds: (report: WholeReport) => boolean) =>
    eventually(what, seconds, () => pod.tick(name), holds, 3);
  const areWell = (report: WholeReport, { servers, clients }: { servers: Drifts; clients: Drifts }) =>
    rows(report, launchesOf([...servers, ...clients])).every(
      (each) => each?.state === 'healthy' && each.confident === true,
    );

  /** How far a host's clock is from the truth, ms ahead. */
  async function errorMs([{ id }]: Drifts[number]): Promise<number> {
    const { stdout } = await pod.hosts.run(id, AHEAD);
    return Number(stdout) / 1e6;
  }
  const errorsOf = (drifts: Drifts) => Promise.all(drifts.map(errorMs));
  const spreadOf = async (drifts: Drifts) => {
    const errors = await errorsOf(drifts);
    return Math.max(...errors) - Math.min(...errors);
  };

  beforeAll(async () => {
    if (why !== '') return;
    clock = clockSettings();
    pod = await RealPod.start({ fleet: fleetOf(), delays: DELAYS });
    await Promise.all(
      Object.values(PODS).map(({ servers, clients }) => bringUp(pod, launchesOf(servers), launchesOf(clients))),
    );
  }, 180_000);

  afterAll(() => pod?.close(), 60_000);

  really(
    'all is well first: boundary servers hear each other, and have the votes of their upstreams alone',
    async () => {
      const report = await until('all are well', 'blue', 150, (seen) => areWell(seen, BLUE));
      await until('all are well', 'green', 150, (seen) => areWell(seen, GREEN));
      const servers = rows(report, launchesOf(BLUE.servers));
      expect(servers.map((each) => [each?.measures.usableSources, each?.measures.liesLeft])).toEqual(
        servers.map(() => [3, 1]),
      );
      await eventually(
        'each hears both others',
        150,
        async () => {
          await pod.tick('blue');
          return launchesOf(BLUE.servers).map(({ id }) => parseCollected(pod.outputsOf('collect', id)[0] ?? ''));
        },
        (collected) =>
          collected.every((answer, index) => {
            // its own answers reach it too, and are no source
            const mates = launchesOf(BLUE.servers).flatMap(({ ipv4 }, each) => (each === index ? [] : [ipv4]));
            return (
              answer?.sources.filter(({ address, reach }) => mates.includes(address ?? '') && (reach ?? 0) > 0)
                .length === 2
            );
          }),
      );
    },
    LONG_MS,
  );

  really(
    'without together the clients run apart; with it they keep one time, which is in holdover, within its bound, and left alone',
    async () => {
      Object.assign(cyclesBefore, cycles());
      lostAt = Date.now() / 1000;
      for (const name of ['blue', 'green'] as const) {
        for (const [{ id }, ppm] of all(name)) setClockRate(pod.hosts.get(id)?.root ?? '', ppm);
      }
      for (const { name } of pod.hosts.upstreams) await pod.hosts.cut(name);
      await pod.hosts.externalServer('time-service').systemctl('stop');
      const strata = (report: WholeReport) =>
        rows(report, launchesOf(BLUE.servers)).map(
          (each) => parseCollected(pod.outputsOf('collect', each?.instanceId ?? '')[0] ?? '')?.system?.stratum,
        );
      const first = await until('one clock is left', 'blue', 240, (report) => {
        const isKept = JSON.stringify(strata(report)) === '[10,11,11]';
        return isKept && statesOf(report).every((state) => state === 'holdover');
      });
      const keptAfterSeconds = Date.now() / 1000 - lostAt;
      await new Promise((resolve) => setTimeout(resolve, APART_MS));
      const report = await pod.tick('blue');
      const [together, apart] = [await spreadOf(BLUE.clients), await spreadOf(GREEN.clients)];
      const errors = await errorsOf(all('blue'));
      const bounds = rows(report, launchesOf(all('blue'))).map((each) => each?.measures.errorBoundMs ?? 0);
      process.stdout.write(
        `one clock after ${keptAfterSeconds.toFixed(0)} s; after ${(Date.now() / 1000 - lostAt).toFixed(0)} s the clients' spread is ${together.toFixed(3)} ms together, ${apart.toFixed(3)} ms without; errors ${errors.map((each) => each.toFixed(3)).join(' ')}, bounds ${bounds.map((each) => each.toFixed(3)).join(' ')}\n`,
      );
      expect(apart).toBeGreaterThan(APART_LEAST_MS);
      expect(together).toBeLessThan(0.5);
      expect(statesOf(report)).toEqual(all('blue').map(() => 'holdover'));
      for (const [index, error] of errors.entries()) expect(Math.abs(error)).toBeLessThan(bounds[index] ?? 0);
      const sentences = rows(report, launchesOf(all('blue'))).map((each) => each?.sentence);
      expect(sentences).toEqual([
        expect.stringMatching(
          /^follows its own undisciplined clock, heard nobody for .* \(local clock\); bound [\d.]+ ms grows by 75 ppm/,
        ),
        ...all('blue')
          .slice(1)
          .map(() =>
            expect.stringMatching(
              /^follows \S+ at stratum 10 or more, where undisciplined clocks stand \(local clock\); bound /,
            ),
          ),
      ]);
      expect(rows(report, launchesOf(BLUE.servers)).map((each) => each?.measures.liesLeft)).toEqual([0, 0, 0]);
      expect(report.hosts.map(({ confident }) => confident)).toEqual(all('blue').map(() => false));
      expect(first.hosts.length).toBe(report.hosts.length);
      // nobody is withdrawn, and nobody cycled
      expect(servedIn('blue').map((addresses) => addresses.length)).toEqual([2, 2, 2]);
      expect(cycles()).toEqual(cyclesBefore);
    },
    LONG_MS,
  );

  really(
    'healed, all follow their upstreams again',
    async () => {
      for (const { name } of pod.hosts.upstreams) await pod.hosts.mend(name);
      await pod.hosts.externalServer('time-service').systemctl('start');
      const report = await until('all are well', 'blue', 240, (seen) => areWell(seen, BLUE));
      expect(statesOf(report)).toEqual(all('blue').map(() => 'healthy'));
      // their clocks stand some tens of milliseconds off, and come back by what each measures
      await eventually(
        'clients that are together',
        120,
        () => spreadOf(BLUE.clients),
        (spreadMs) => spreadMs < 0.5,
        3,
      );
      await eventually(
        'servers that are right',
        120,
        () => errorsOf(BLUE.servers),
        (errors) => errors.every((error) => Math.abs(error) < 1),
        3,
      );
    },
    LONG_MS,
  );

  really("the machine's own clock is as it was", () => {
    expect(clockSettings()).toBe(clock);
  });
});
