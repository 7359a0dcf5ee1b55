import { describe, expect, it } from '@jest/globals';
import { clockJudge, judgeAll } from '../../src/diagnosis/judge.ts';
import type { HeldBound, Judgement } from '../../src/diagnosis/judgement.ts';
import { podClocksOf } from '../../src/diagnosis/pod-clocks.ts';
import type { Host } from '../../src/fleet/fleet.ts';
import type { Collected } from '../../src/host/collected.ts';
import type { Source } from '../../src/ntp/source.ts';
import { collected, context, host, POD, rowOfNtpdRs, server, source } from '../builders/sightings.ts';

const NOW_MS = 1_800_000_000_000;
const HOUR_MS = 3_600_000;
const TICK_MS = 300_000;
const A = server('a', ['10.0.1.5']);
const CLIENT = host('i-0c0');

/** A server on ntpd-rs that has heard nobody since; its bound was 2 ms 3 h ago, and is 164 ms. */
const lost = collected({
  daemon: { kind: 'ntpd-rs', version: '1.4.0' },
  ageSeconds: 86_400,
  sources: ['192.0.2.1', '192.0.2.2'].map((each) => rowOfNtpdRs(each, { unansweredPolls: 8, reach: 0 })),
  system: { stratum: 3, refid: null, offsetMs: 0, rootDelayMs: 0.031, rootDispersionMs: 5.722 },
});
const LAST_BOUNDS = { 'i-0a': { boundMs: 2, atMs: NOW_MS - 3 * HOUR_MS } };
const well = collected({
  ageSeconds: 86_400,
  sources: [source('192.0.2.1', { tally: '*', stratum: 2 }), source('192.0.2.2', { stratum: 2 })],
  system: { stratum: 3, refid: '192.0.2.1', offsetMs: 0, rootDelayMs: 1, rootDispersionMs: 2 },
});

/** 0.25 + 1 / 2 + 2 ms by its own word, and within 1 ms of server a. */
const client = (given: Partial<Source> = {}, others: Partial<Collected> = {}) => {
  const row = source('10.0.1.5', { tally: '*', offsetMs: 0.25, delayMs: 1, jitterMs: 0.25, whenSeconds: 0, ...given });
  return collected({
    ageSeconds: 86_400,
    sources: [row, source('10.0.2.5', { tally: '-' })],
    ...others,
    system: { offsetMs: 0.25, rootDelayMs: 1, rootDispersionMs: 2, ...others.system },
  });
};
const silent = client({}, { sources: [source('10.0.1.5', { tally: '*', reach: 0, whenSeconds: 1000 })] });

interface Tick {
  server?: Collected | null;
  client: Collected;
  held?: HeldBound | undefined;
  nowMs?: number;
  /** Of the client's answer. */
  ageSeconds?: number;
}

const sightings = ({ server: ofServer = lost, client: ofClient, nowMs = NOW_MS, ageSeconds = 0 }: Tick) =>
  (
    [
      [A, ofServer],
      [CLIENT, ofClient],
    ] as [Host, Collected | null][]
  ).map(([each, answer]) => ({
    host: each,
    collected: answer,
    status: answer === null ? 'TimedOut' : 'Success',
    judgedAt: { nowMs, ageSeconds: each === CLIENT ? ageSeconds : 0 },
  }));

const contextOf = ({ held }: Tick) =>
  context({ hosts: [A, CLIENT], lastBounds: LAST_BOUNDS, ...(held && { heldBounds: { [CLIENT.instanceId]: held } }) });

function judged(tick: Tick): Judgement {
  return judgeAll(sightings(tick), contextOf(tick))[1] as Judgement;
}

const shown = ({ state, remarks, confident, measures, heldBound }: Judgement) => ({
  state,
  remarks,
  confident,
  bound: [measures.errorBoundMs, measures.growthPpm],
  heldBound,
});

const HELD: HeldBound = { boundMs: 165, atMs: NOW_MS };
const REMARK = 'it had that by a server in holdover, and has heard none since that is not.';

describe('a client of a server in holdover', () => {
  it('remembers the bound that it has by it', () => {
    expect(judged({ client: client() }).heldBound).toEqual(HELD);
  });

  it('remembers that it is not known, where it is not', () => {
    const { heldBound } = judgeAll(sightings({ client: client() }), context({ hosts: [A, CLIENT] }))[1] as Judgement;
    expect(heldBound).toEqual({ boundMs: null, atMs: NOW_MS });
  });

  it('remembers nothing of a server in touch, nor where nobody says when that was', () => {
    expect(judged({ server: well, client: client() })).not.toHaveProperty('heldBound');
    const sighted = sightings({ client: client() }).map(({ judgedAt, ...others }) => others);
    expect(judgeAll(sighted, context({ hosts: [A, CLIENT] }))[1]).not.toHaveProperty('heldBound');
  });
});

describe('once it hears that server no more', () => {
  const later = NOW_MS + 1_000_000;

  it.each<[string, Tick]>([
    ['which is gone', { server: null, client: silent }],
    [
      'which has begun anew',
      { server: collected({ ageSeconds: 10, sources: [], system: { leap: 'alarm', stratum: 16 } }), client: silent },
    ],
  ])('%s, it has that bound and what has grown since', (_, tick) => {
    const { sentence, ...rest } = judged({ ...tick, held: HELD, nowMs: later });
    expect(shown({ sentence, ...rest })).toEqual({
      state: 'holdover',
      remarks: ['source 10.0.1.5 (the system peer) heard 0 of its last 8 polls.', `error bound 180 ms: ${REMARK}`],
      confident: false,
      bound: [180, 15],
      heldBound: HELD,
    });
    expect(sentence).toContain('bound 180 ms grows by 15 ppm (limit 200 ms): trustworthy for 22 min more');
  });

  it('has none where none was known', () => {
    const none = { boundMs: null, atMs: NOW_MS };
    expect(shown(judged({ server: null, client: silent, held: none, nowMs: later }))).toMatchObject({
      bound: [null, 15],
      heldBound: none,
    });
  });

  it('goes by what it last told once it follows itself', () => {
    const alone = client(
      {},
      {
        sources: [source('127.127.1.0', { tally: '*', type: 'l', stratum: 5 })],
        system: { refid: 'LOCAL(0)', stratum: 6 } as Collected['system'],
      },
    );
    expect(judged({ server: null, client: alone, held: HELD, nowMs: later })).toMatchObject({
      state: 'holdover',
      measures: { errorBoundMs: null },
    });
    expect(judged({ server: null, client: alone, held: HELD, nowMs: later })).not.toHaveProperty('heldBound');
  });

  it('grows as fast as it did then', () => {
    const fast = { ...HELD, growthPpm: 20 };
    expect(shown(judged({ server: null, client: silent, held: fast, nowMs: later }))).toMatchObject({
      bound: [185, 20],
      heldBound: fast,
    });
  });

  it('the skew of the pod has it too', () => {
    const tick = { server: well, client: silent, held: HELD, nowMs: later };
    const clocks = sightings(tick).map(clockJudge(contextOf(tick)));
    const { skew } = podClocksOf(clocks, POD.thresholds, { hosts: [A, CLIENT], expected: 2, tookSeconds: 0 });
    expect(skew).toEqual({ skewMs: 2 * 180, hosts: 2, of: 2 });
  });

  it('forgets it when its own daemon began since', () => {
    const young = { ...silent, ageSeconds: 999 };
    expect(judged({ server: null, client: young, held: HELD, nowMs: later }).measures.errorBoundMs).toBeLessThan(20);
  });
});

describe('that bound', () => {
  const later = NOW_MS + 1_000_000;
  const boundOf = (tick: Tick) => judged({ server: null, ...tick }).measures.errorBoundMs;
  const own = boundOf({ client: silent, nowMs: later });

  it.each<[string, Partial<Tick>, number | null]>([
    ['counts of a daemon that is just as old', { client: { ...silent, ageSeconds: 1000 } }, 180],
    ['and of one whose age nobody knows', { client: { ...silent, ageSeconds: null } }, 180],
    ['counts at the instant at which it was known', { held: { boundMs: 165, atMs: later } }, 165],
    ['is no bound of before where it lies ahead', { held: { boundMs: 165, atMs: later + 1 } }, own],
    [
      'makes none of a clock that is not set',
      { client: client({}, { system: { leap: 'alarm' } as Collected['system'] }) },
      null,
    ],
  ])('%s', (_, given, expected) => {
    expect(boundOf({ client: silent, held: HELD, nowMs: later, ...given })).toBe(expected);
  });

  it('grows as fast as the clock may run off now, where that is faster', () => {
    const tick = { server: null, client: silent, held: HELD, nowMs: later };
    const pod = { ...POD, thresholds: { ...POD.thresholds, holdoverPpm: 60 } };
    const [, judgement] = judgeAll(sightings(tick), { ...contextOf(tick), pod });
    expect(judgement?.measures).toMatchObject({ errorBoundMs: 225, growthPpm: 60 });
  });

  it('does not count where nobody says when that is, nor of who does not answer', () => {
    const tick = { server: null, client: silent, held: HELD, nowMs: later };
    const undated = sightings(tick).map(({ judgedAt, ...others }) => others);
    expect(judgeAll(undated, contextOf(tick))[1]?.measures.errorBoundMs).toBe(own);
    const silentHost = sightings(tick).map((each) => ({ ...each, collected: null, status: 'TimedOut' }));
    expect(judgeAll(silentHost, contextOf(tick))[1]).toMatchObject({
      state: 'unknown',
      measures: { errorBoundMs: null },
    });
  });

  it('holds in silence too, whomever it followed, and no longer than it has heard better', () => {
    const upstream = client({}, { sources: [source('192.0.2.7', { tally: '*', reach: 0, whenSeconds: 1000 })] });
    const back = { ...HELD, backMs: later - 1_500_000, atMs: later - 1_600_000 };
    expect([
      boundOf({ client: upstream, held: HELD, nowMs: later }),
      boundOf({ client: silent, held: back, nowMs: later }),
    ]).toEqual([180, own]);
  });

  it('passes on from a boundary server that has it', () => {
    const B = server('b', ['10.0.2.5']);
    const hosts = [A, B, CLIENT];
    const sighted = [
      [B, client({ whenSeconds: 60 })] as const,
      [CLIENT, client({ address: '10.0.2.5', remote: '10.0.2.5' })] as const,
    ].map(([each, collectedOf]) => ({
      host: each,
      collected: collectedOf,
      status: 'Success',
      judgedAt: { nowMs: later, ageSeconds: 0 },
    }));
    const all = judgeAll(
      [{ ...sighted[0], host: A, collected: well } as never, ...sighted],
      context({ hosts, heldBounds: { 'i-0b': HELD } }),
    );
    // 1 ms between the two
    expect(all.slice(1).map(({ measures }) => measures.errorBoundMs)).toEqual([180, 181]);
  });
});

describe('of a chain that ends in an undisciplined clock', () => {
  const following = (address: string) =>
    client(
      { address, remote: address, stratum: 10, refid: null },
      {
        system: {
          stratum: 11,
          refid: address,
          offsetMs: 0,
          rootDelayMs: 1,
          rootDispersionMs: 1,
        } as Collected['system'],
      },
    );
  const heldBy = (address: string, together = true) => {
    const leading = collected({
      ageSeconds: 86_400,
      sources: [source('192.0.2.1', { tally: ' ', reach: 0, whenSeconds: 600 })],
      system: { stratum: 10, refid: '127.127.1.1', offsetMs: 0, rootDelayMs: 0, rootDispersionMs: 0 },
    });
    const tick = { server: leading, client: following(address) };
    const pod = { ...POD, together };
    return judgeAll(sightings(tick), { ...contextOf(tick), pod })[1]?.heldBound;
  };

  it('the bound is remembered alike: that of the pod’s servers, or that it is not known', () => {
    const unknown = { boundMs: null, atMs: NOW_MS };
    expect([heldBy('10.0.1.5'), heldBy('192.0.2.9')]).toEqual([
      // 164 ms, and 1.5 by its own word
      { boundMs: 165.5, atMs: NOW_MS },
      unknown,
    ]);
    expect([heldBy('10.0.1.5', false), heldBy('192.0.2.9', false)]).toEqual([unknown, unknown]);
  });
});

describe('once that server is well again', () => {
  const later = NOW_MS + TICK_MS;
  const latest = later + TICK_MS;
  const back = { ...HELD, backMs: later };

  it('keeps the bound for a tick: it may have asked before that', () => {
    expect(shown(judged({ server: well, client: client({ whenSeconds: 60 }), held: HELD, nowMs: later }))).toEqual({
      state: 'healthy',
      remarks: [`error bound 169.5 ms: ${REMARK}`],
      confident: true,
      bound: [169.5, 15],
      heldBound: back,
    });
  });

  it('over the limit it is uncertain, and says why', () => {
    const wide = { boundMs: 198, atMs: NOW_MS };
    expect(judged({ server: well, client: client(), held: wide, nowMs: later })).toMatchObject({
      state: 'uncertain',
      sentence: `clock error bound 202.5 ms is over the limit of 200 ms: ${REMARK}`,
      confident: false,
    });
  });

  it('then goes by its own word, once it has heard it since', () => {
    const heard = judged({ server: well, client: client({ whenSeconds: 299 }), held: back, nowMs: latest });
    expect(shown(heard)).toEqual({
      state: 'healthy',
      remarks: [],
      confident: true,
      bound: [2.75, 15],
      heldBound: undefined,
    });
  });

  it.each<[string, Source]>([
    ['has not', source('10.0.1.5', { tally: '*', whenSeconds: 300 })],
    ['may not have', source('10.0.1.5', { tally: '*', whenSeconds: null })],
  ])('keeps it as long as it %s', (_, row) => {
    const tick = { server: well, client: client({}, { sources: [row] }), held: back, nowMs: latest };
    expect(judged(tick)).toMatchObject({ measures: { errorBoundMs: 174 }, heldBound: back });
  });

  it('forgets it at once where it follows none of its pod any more, and not where nobody knows whom', () => {
    const by = (address: string | null) =>
      judged({
        server: well,
        client: client({}, { sources: [source('192.0.2.7', { tally: '*', whenSeconds: 60, address })] }),
        held: HELD,
        nowMs: later,
      });
    expect([shown(by('192.0.2.7')), shown(by(null))]).toMatchObject([
      { bound: [2.75, 15], heldBound: undefined },
      { bound: [169.5, 15], heldBound: back },
    ]);
  });

  it('keeps it while it follows nobody yet, or may follow a server of its pod', () => {
    const plus = source('192.0.2.7', { whenSeconds: 60 });
    const rs = ['10.0.1.5', '192.0.2.7', '192.0.2.8'].map((address) =>
      rowOfNtpdRs(address, { whenSeconds: 60, offsetMs: 0 }),
    );
    const ofRs = client({}, { daemon: { kind: 'ntpd-rs', version: '1.4.0' }, sources: rs });
    const bounds = [client({}, { sources: [plus] }), ofRs].map(
      (answer) => judged({ server: well, client: answer, held: HELD, nowMs: later }).measures.errorBoundMs,
    );
    expect(bounds).toEqual([169.5, 169.5]);
  });

  it('counts the age of its answer: it may have heard it so long before', () => {
    const tick = { server: well, client: client({ whenSeconds: 295 }), held: back, nowMs: latest, ageSeconds: 10 };
    expect(judged(tick).measures.errorBoundMs).toBe(174);
  });

  it('has the larger of the two, its own where that is', () => {
    const wide = client(
      { whenSeconds: 60 },
      { system: { offsetMs: 0.25, rootDelayMs: 1, rootDispersionMs: 180 } as Collected['system'] },
    );
    expect(shown(judged({ server: well, client: wide, held: HELD, nowMs: later }))).toMatchObject({
      remarks: [],
      bound: [180.75, 15],
      heldBound: back,
    });
  });

  it('has the bound of now where the server is lost again', () => {
    const row = client({ whenSeconds: 300 });
    // 164 + 9 ms, and 1 ms and 15 ppm of 300 s between the two: as much as is held, or more
    for (const boundMs of [169.5, 100]) {
      const { heldBound, remarks } = judged({ client: row, held: { ...back, boundMs }, nowMs: latest });
      expect({ heldBound, remarks }).toEqual({
        heldBound: { boundMs: 178.5, atMs: latest },
        remarks: ['error bound 178.5 ms: it follows i-0a, whose bound is 173 ms.'],
      });
    }
  });
});
