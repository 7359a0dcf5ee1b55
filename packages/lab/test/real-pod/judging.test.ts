import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { parseCollected } from '../../../../src/host/collect.ts';
import { followOwn, lie } from './changed-servers.ts';
import { judgedHere } from './judged-here.ts';
import { longSilence, SILENCED } from './long-silence.ts';
import { type Launch, RealPod, type WholeHost, type WholeReport } from './real-pod.ts';
import {
  because,
  bringUp,
  clockSettings,
  DELAYS,
  eventually,
  here,
  host,
  NEWER,
  nameOf,
  quickFleet,
  really,
} from './setup.ts';

/** Pod blue: a server that lies, then an upstream that does. */
const HONEST = [host('blue', 'boundary', 'b', 'ntpsec', 10), host('blue', 'boundary', 'c', 'chrony', 11)] as const;
const LIAR = host('blue', 'boundary', 'd', 'chrony', 12);
const SERVERS = [...HONEST, LIAR] as const;
const CLIENTS = [
  host('blue', 'client', 'a', 'ntpsec', 101),
  host('blue', 'client', 'a', 'chrony', 102),
  host('blue', 'client', 'a', 'ntpsec', 103, NEWER),
] as const;
const ALL = [...SERVERS, ...CLIENTS] as const;
/** Pod green: what its AZs reach is cut, all but the time service, which is only watched. */
const CUT = [host('green', 'boundary', 'b', 'ntpsec', 10), host('green', 'boundary', 'c', 'chrony', 11)] as const;
const AZS = ['green/us-west-2b', 'green/us-west-2c'] as const;

/** Longer than what a test waits for, so that it says what it saw last. */
const LONG_MS = 400_000;

/** Over `disagreementMs` (5 ms), and well within what a host may say of its own offset (50 ms). */
const LIE_MS = 20;
const UPSTREAM = 'us-west-2d.stratum-2.invalid';
/** What clocks measure of it, less what they may be wrong by. */
const APART = String.raw`see (?:it|192[.]0[.]2[.]62|2001:db8:2::62) (?:1[5-9]|20)(?:[.]\d+)? ms ahead of where their other sources agree \(limit 5 ms; so while each host's majority is honest\)\.$`;
const SERVER_APART = new RegExp(`^3 of 3 clients ${APART}`);
/** By each of its addresses it is a clock of its own, and a server takes one of them: of three servers two share one. */
const UPSTREAM_APART = new RegExp(`^([23]) of \\1 boundary servers ${APART}`);

/** Of a clock in holdover, within its bound and beyond it. */
const TRUSTED =
  /^heard nobody for \d+ s \(silent\); bound [\d.]+ ms grows by 15 ppm \(limit 200 ms\): trustworthy for 3 h \d+ min more\.$/;
const UNTRUSTED =
  /^heard nobody for \d+ s \(silent\); bound 80\d\d ms is over the limit of 200 ms and grows by 15 ppm: not trustworthy\.$/;

const addressesOf = ({ ipv4, ipv6 }: Launch) => [ipv4, ipv6 ?? ''].toSorted();

/** The address of the system peer, by what `collect` printed last. */
function peerIn(output: string): string | null {
  return parseCollected(output)?.sources.find(({ tally }) => tally === '*')?.address ?? null;
}

/** Of a tier whose hosts have one vote left each. */
function oneOf(launches: readonly Launch[]) {
  return { votes: 1, hosts: launches.length, instanceIds: launches.map(({ id }) => id) };
}

describe(`what real daemons say of each other, and what podtime makes of it${because}`, () => {
  let pod: RealPod;
  let clock: string;

  const row = (report: WholeReport, { id }: Launch) => report.hosts.find(({ instanceId }) => instanceId === id);
  const rows = (report: WholeReport, launches: readonly Launch[]) => launches.map((each) => row(report, each));
  const votesIn = (report: WholeReport, launch: Launch) => {
    const { liesLeft, lossesLeft } = row(report, launch)?.measures ?? {};
    return { liesLeft, lossesLeft };
  };
  const votesOf = (report: WholeReport) => SERVERS.map((each) => votesIn(report, each));
  /** Of each server of blue. */
  const served = () => SERVERS.map(({ az }) => pod.served('blue', nameOf('blue', az.slice(-1))).toSorted());
  const isWell = (each: WholeHost | undefined) => each?.confident === true && each.state === 'healthy';
  /** Each boundary server of them has three clocks to its votes. */
  const areWell = (report: WholeReport, launches: readonly Launch[]) =>
    rows(report, launches).every(isWell) &&
    launches.every((each) => each.tier === 'client' || votesIn(report, each).liesLeft === 1);
  const until = (what: string, name: string, seconds: number, holds: (report: WholeReport) => boolean) =>
    eventually(what, seconds, () => pod.tick(name), holds);

  /** Goes on in pod green beside what happens in blue. */
  const cutAndHeal = async () => {
    const well = await until('servers that hear everybody', 'green', 90, (report) => areWell(report, CUT));
    for (const az of AZS) await pod.hosts.cut(az);
    const alone = await until('both in holdover', 'green', 200, (report) =>
      rows(report, CUT).every((each) => each?.state === 'holdover'),
    );
    // sightings of more than the 10 s after which a server is withdrawn for its health
    await new Promise((resolve) => setTimeout(resolve, 12_000));
    const later = await pod.tick('green');
    for (const az of AZS) await pod.hosts.mend(az);
    const healed = await until('healed', 'green', 120, (report) => areWell(report, CUT));
    return { well, alone, later, healed };
  };
  let cut: ReturnType<typeof cutAndHeal>;
  let silence: ReturnType<typeof longSilence>;

  beforeAll(async () => {
    if (!here) return;
    clock = clockSettings();
    pod = await RealPod.start({ fleet: quickFleet(), delays: DELAYS });
    await bringUp(pod, CUT, [SILENCED]);
    cut = cutAndHeal();
    silence = longSilence(pod);
    // each is awaited by its test
    for (const story of [cut, silence]) story.catch(() => {});
    await bringUp(pod, SERVERS, CLIENTS);
    await Promise.all(SERVERS.map((each) => followOwn(pod, each)));
  }, 120_000);

  afterAll(() => pod?.close(), 60_000);

  really('all is well: three clocks behind each boundary server, and nobody contradicted', async () => {
    const followed = () => new Set(SERVERS.map(({ id }) => peerIn(pod.outputsOf('collect', id)[0] ?? '')));
    const report = await until(
      'all are well, and each server follows its own',
      'blue',
      90,
      (seen) => areWell(seen, [...SERVERS, ...CLIENTS]) && followed().size === SERVERS.length,
    );
    expect(report.clocks).toEqual({
      skew: { skewMs: expect.any(Number), hosts: 6, of: 6 },
      contradicted: [],
      unwitnessed: [],
      votes: [
        { tier: 'boundary', hosts: SERVERS.length, liesLeft: oneOf(SERVERS), lossesLeft: oneOf(SERVERS) },
        { tier: 'client', hosts: CLIENTS.length, liesLeft: oneOf(CLIENTS), lossesLeft: oneOf(CLIENTS) },
      ],
    });
    // three upstreams, and the time service, which is only watched
    expect(votesOf(report)).toEqual(SERVERS.map(() => ({ liesLeft: 1, lossesLeft: 1 })));
    expect(served()).toEqual(SERVERS.map(addressesOf));
    // and of the clients each has the servers'
    const judged = judgedHere(pod, ALL).filter(({ host: { tier } }) => tier === 'client');
    expect(judged.map(({ votes: { liesLeft, lossesLeft } }) => ({ liesLeft, lossesLeft }))).toEqual(
      CLIENTS.map(() => ({ liesLeft: 1, lossesLeft: 1 })),
    );
  });

  really(
    'under a limit that it cannot be sure of a clock is uncertain, and not adrift: its offset is within its own',
    () => {
      // what the daemons said a moment ago, by a pod that wants to know within a nanosecond, also of daemons so young
      const unsure = judgedHere(pod, ALL, ALL, { errorBoundMs: 1e-6, startingSeconds: 1 });
      expect(unsure.map(({ state, findings, confident }) => ({ state, findings, confident }))).toEqual(
        ALL.map(() => ({ state: 'uncertain', findings: ['uncertain'], confident: false })),
      );
      for (const { sentence, measures } of unsure) {
        expect(sentence).toMatch(/^clock error bound [\d.]+ ms/);
        expect(Math.abs(measures.offsetMs ?? Number.NaN)).toBeLessThan(50);
      }
    },
  );

  really(
    'a server that lies, sure of itself, is contradicted by its clients and withdrawn; the honest are not',
    async () => {
      await lie(pod, LIAR, LIE_MS);
      const report = await until('contradicted by all', 'blue', 90, (seen) => {
        const liar = row(seen, LIAR);
        return liar?.state === 'contradicted' && SERVER_APART.test(liar.sentence);
      });
      const { state, sentence, confident } = row(report, LIAR) as WholeHost;
      expect({ state, sentence, confident }).toEqual({
        state: 'contradicted',
        sentence: expect.stringMatching(SERVER_APART),
        confident: false,
      });
      // by itself it is well: what it is withdrawn for is known from its clients alone
      const byItself = judgedHere(pod, ALL, [LIAR]).map(({ state, confident }) => ({ state, confident }));
      expect(byItself).toEqual([{ state: 'healthy', confident: true }]);
      expect(rows(report, HONEST).map((each) => [each?.state, each?.confident])).toEqual(
        HONEST.map(() => ['healthy', true]),
      );
      await until('withdrawn', 'blue', 60, () => served()[2]?.length === 0);
      expect(served()).toEqual([...HONEST.map(addressesOf), []]);
    },
    LONG_MS,
  );

  really(
    'healed, it is no longer contradicted, and is published again once it is confident',
    async () => {
      await lie(pod, LIAR, 0);
      const report = await until(
        'confident',
        'blue',
        90,
        (seen) => isWell(row(seen, LIAR)) && served()[2]?.length === 2,
      );
      expect(served()).toEqual(SERVERS.map(addressesOf));
      expect(report.clocks?.contradicted).toEqual([]);
    },
    LONG_MS,
  );

  really(
    'an upstream that lies is named by the boundary servers, costs each a vote, and nobody is withdrawn',
    async () => {
      await pod.hosts.drift(UPSTREAM, LIE_MS);
      const report = await until('named by all', 'blue', 90, ({ clocks }) =>
        UPSTREAM_APART.test(clocks?.contradicted[0] ?? ''),
      );
      expect(report.clocks?.contradicted).toEqual([expect.stringMatching(UPSTREAM_APART)]);
      const later = await until('out of the votes', 'blue', 90, (seen) =>
        votesOf(seen).every(({ liesLeft }) => liesLeft === 0),
      );
      expect(votesOf(later)).toEqual(SERVERS.map(() => ({ liesLeft: 0, lossesLeft: 0 })));
      expect(rows(later, SERVERS).map((each) => [each?.state, each?.confident])).toEqual(
        SERVERS.map(() => ['healthy', true]),
      );
      await pod.hosts.mend(UPSTREAM);
      const healed = await until('right again', 'blue', 90, (seen) =>
        votesOf(seen).every(({ liesLeft }) => liesLeft === 1),
      );
      expect(healed.clocks?.contradicted).toEqual([]);
      expect(served()).toEqual(SERVERS.map(addressesOf));
    },
    LONG_MS,
  );

  really(
    'both upstreams cut: ntpsec and chrony are in holdover by one rule, each with the bound that it tells; none is withdrawn while no other is confident',
    async () => {
      const { well, alone: heldOver, later, healed } = await cut;
      const [ntpsec, chrony] = rows(later, CUT);
      expect([ntpsec?.state, chrony?.state]).toEqual(['holdover', 'holdover']);
      // beside a time service that is heard, ntpsec may fill its dead sources with samples of MAXDISPERSE (16 s), and then tells 8 s of itself
      expect(ntpsec?.sentence).toMatch((ntpsec?.measures.errorBoundMs ?? 0) > 200 ? UNTRUSTED : TRUSTED);
      expect(chrony?.sentence).toMatch(TRUSTED);
      for (const each of [ntpsec, chrony]) {
        const { errorBoundMs = 0, growthPpm, horizonSeconds } = each?.measures ?? {};
        const leftSeconds = Math.max(0, (200 - errorBoundMs) / 0.015);
        // the report tells whole seconds
        expect([each?.confident, growthPpm, horizonSeconds]).toEqual([false, 15, expect.closeTo(leftSeconds, -1)]);
      }
      expect(CUT.map((each) => votesIn(heldOver, each))).toEqual(CUT.map(() => ({ liesLeft: 0, lossesLeft: 0 })));
      // it grows
      for (const each of CUT) {
        const [before = 0, after = 0] = [heldOver, later].map((report) => row(report, each)?.measures.errorBoundMs);
        expect(after - before).toBeGreaterThan(0.1);
      }
      const greens = CUT.map((each) => pod.served('green', nameOf('green', each.az.slice(-1))).toSorted());
      expect(greens).toEqual(CUT.map(addressesOf));
      for (const report of [well, healed])
        expect(CUT.map((each) => votesIn(report, each))).toEqual(CUT.map(() => ({ liesLeft: 1, lossesLeft: 1 })));
      expect(heldOver.clocks?.unwitnessed).toEqual(CUT.map(({ id }) => id).toSorted());
    },
    LONG_MS,
  );

  really(
    'a row that ntpsec still follows is believed for 15 minutes of silence, and no longer; its bound grows by 15 ppm',
    async () => {
      const looks = await silence;
      const [before, [holdover]] = [looks.slice(0, -1), looks.slice(-1)];
      expect(before.length).toBeGreaterThan(3);
      for (const { state, peer } of before) {
        expect(state).not.toBe('holdover');
        expect(peer?.whenSeconds).toBeLessThanOrEqual(900);
      }
      expect(holdover?.sentence).toMatch(/^heard nobody for \d+ min \(silent\); bound /);
      expect(holdover?.peer).toEqual({ tally: '*', whenSeconds: expect.any(Number), reach: expect.any(Number) });
      expect(holdover?.peer?.whenSeconds).toBeGreaterThan(900);
      expect(holdover?.peer?.reach).toBeGreaterThan(0);
      const [first] = before;
      const seconds = (holdover?.peer?.whenSeconds ?? 0) - (first?.peer?.whenSeconds ?? 0);
      const grownMs = (holdover?.errorBoundMs ?? 0) - (first?.errorBoundMs ?? 0);
      // the two are printed one after the other, within a second of the machine's
      expect(Math.abs((grownMs / seconds) * 1000 - 15)).toBeLessThan(1);
    },
    LONG_MS,
  );

  really("the machine's own clock is as it was", () => {
    expect(clockSettings()).toBe(clock);
  });
});
