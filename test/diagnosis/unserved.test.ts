import { describe, expect, it } from '@jest/globals';
import type { Inherited } from '../../src/diagnosis/descent.ts';
import { heldByServer } from '../../src/diagnosis/held-by-server.ts';
import { type ClockJudgement, clockJudge, type JudgeContext, judgeAll } from '../../src/diagnosis/judge.ts';
import type { Judgement, Sighting } from '../../src/diagnosis/judgement.ts';
import { podClocksOf } from '../../src/diagnosis/pod-clocks.ts';
import type { Host, Pod } from '../../src/fleet/fleet.ts';
import type { Collected } from '../../src/host/collected.ts';
import type { Source, SystemState } from '../../src/ntp/source.ts';
import { collected, context, host, POD, rowOfNtpdRs, server, source } from '../builders/sightings.ts';

const NOW_MS = 1_800_000_000_000;
const A = server('a', ['10.0.1.5']);
const B = server('b', ['10.0.2.5']);
const CLIENT = host('i-0c0');
const HOSTS = [A, B, CLIENT];

const CHRONY = { daemon: { kind: 'chrony', version: '4.9' }, ageSeconds: 86_400 } as const;
const NTPSEC = { daemon: { kind: 'ntpsec', version: '1.2.2' } } as const;
const NTPD_RS = { daemon: { kind: 'ntpd-rs', version: '1.4.0' }, ageSeconds: 86_400 } as const;

/** A server with 1 ms by its own word; of chrony that grows by 0.5 + |-0.5| + 1 = 2 ppm now, by 1 at the least, and its clock may run off by 15. */
const SERVED: Partial<SystemState> = {
  stratum: 3,
  refid: '192.0.2.1',
  offsetMs: 0,
  rootDelayMs: 1,
  rootDispersionMs: 0.5,
  skewPpm: 0.5,
  residualFrequencyPpm: -0.5,
};
const upstream = (given: Partial<Source> = {}) =>
  source('192.0.2.1', { tally: '*', stratum: 2, pollSeconds: 1024, ...given });
const serving = (row: Partial<Source> = {}, given: Partial<Collected> = CHRONY, system: Partial<SystemState> = {}) =>
  collected({
    ...given,
    sources: [upstream(row), source('192.0.2.2', { tally: '-' })],
    system: { ...SERVED, ...system },
  });

const onNtpdRs = collected({
  ...NTPD_RS,
  sources: [rowOfNtpdRs('192.0.2.1', { pollSeconds: 1024, unansweredPolls: 1 })],
  system: { ...SERVED, minimumAgreeing: 1 },
});

const clientRow = (address: string, given: Partial<Source> = {}) => source(address, { whenSeconds: 0, ...given });
/** 0.25 + 1 / 2 + 2 ms by its own word. */
const client = (given: Partial<Collected> = {}, system: Partial<SystemState> = {}) =>
  collected({
    sources: [clientRow('10.0.1.5', { tally: '*' }), clientRow('10.0.2.5')],
    ...given,
    system: { stratum: 4, refid: '10.0.1.5', offsetMs: 0.25, rootDelayMs: 1, rootDispersionMs: 2, ...system },
  });

const sightings = (answers: [Host, Collected][]): Sighting[] =>
  answers.map(([each, answer]) => ({
    host: each,
    collected: answer,
    status: 'Success',
    judgedAt: { nowMs: NOW_MS, ageSeconds: 0 },
  }));

function judged(servers: [Host, Collected][], answer = client(), given: Partial<JudgeContext> = {}) {
  const all = judgeAll(sightings([...servers, [CLIENT, answer]]), context({ hosts: HOSTS, ...given }));
  const { state, sentence, remarks, confident, confidence, over, lastBound, measures } = all[
    servers.length
  ] as Judgement;
  const { errorBoundMs, growthPpm, horizonSeconds } = measures;
  return { state, sentence, remarks, confident, confidence, over, lastBound, errorBoundMs, growthPpm, horizonSeconds };
}

const boundBy = (answer: Collected, given: Partial<JudgeContext> = {}) =>
  judged([[A, answer]], client(), given).errorBoundMs;
const podWith = (thresholds: Partial<Pod['thresholds']>): Partial<JudgeContext> => ({
  pod: { ...POD, thresholds: { ...POD.thresholds, ...thresholds } },
});

describe('a client of a server in touch whose clock may run off by more than it serves', () => {
  it('has that added to its own bound: (15 - 1) ppm since the server heard anybody', () => {
    expect(boundBy(serving({ whenSeconds: 1100, pollSeconds: 64 }))).toBeCloseTo(2.75 + 0.014 * 1100, 9);
  });

  it('has it of the time before the server’s last answer too, which may be the one that it had', () => {
    expect(boundBy(serving({ whenSeconds: 3 }))).toBeCloseTo(2.75 + 0.014 * 1024, 9);
    expect(boundBy(serving({ whenSeconds: 3, reach: 0o375 }))).toBeCloseTo(2.75 + 0.014 * 2048, 9);
  });

  it.each<[string, Collected, number]>([
    ['ntpd-rs serves a dispersion that stands still: two polls', onNtpdRs, 0.015 * 2048],
    ['ntpsec serves it as it grows', serving({ whenSeconds: 1100 }, NTPSEC), 0],
    ['chrony by 1 ppm at the least, whatever its skew is now', serving({}, CHRONY, { skewPpm: 14 }), 0.014 * 1024],
    ['nor need it tell one', serving({}, CHRONY, { skewPpm: null }), 0.014 * 1024],
    ['when it last answered may not be known: a poll', serving({ whenSeconds: null }), 0.014 * 1024],
    ['nor how long that is', serving({ whenSeconds: null, pollSeconds: null }), 0],
    ['nor that alone: since it answered', serving({ pollSeconds: null }), 0.014 * 12],
    ['a server whose clock is not set serves nobody', serving({}, CHRONY, { leap: 'alarm' }), 0],
  ])('%s', (_, answer, addedMs) => {
    expect(boundBy(answer)).toBeCloseTo(2.75 + addedMs, 9);
  });

  it('has nothing of it of a server in holdover whose whole bound is within its own', () => {
    const lost = serving({ reach: 0, whenSeconds: 5000 });
    const wide = client({}, { rootDispersionMs: 150 });
    const silent = { ...lost, sources: lost.sources.slice(0, 1) };
    expect(judged([[A, silent]], wide).errorBoundMs).toBe(150.75);
  });

  it('has it of any daemon where clocks are said to be worse than PHI', () => {
    expect(boundBy(serving({ pollSeconds: 64 }, NTPSEC), podWith({ holdoverPpm: 65 }))).toBeCloseTo(
      2.75 + 0.05 * 64,
      9,
    );
  });

  it('keeps its state within the limit, and says no more than the larger number', () => {
    const { horizonSeconds, ...rest } = judged([[A, serving()]]);
    expect(rest).toEqual({
      state: 'healthy',
      sentence: 'offset 0.25 ms (limit 50 ms), error bound 17.09 ms (limit 200 ms), 2 usable sources.',
      remarks: [],
      confident: true,
      confidence: expect.stringContaining('error bound 17.09 ms (limit 200 ms)'),
      over: undefined,
      lastBound: undefined,
      errorBoundMs: 17.086,
      growthPpm: 15,
    });
    expect(horizonSeconds).toBeCloseTo((200 - 17.086) / 0.015, 6);
  });

  it('is uncertain over the limit, and says of which server', () => {
    const limited = podWith({ errorBoundMs: 10 });
    expect(judged([[A, serving()]], client(), limited)).toMatchObject({
      state: 'uncertain',
      sentence:
        'clock error bound 17.09 ms is over the limit of 10 ms: it follows i-0a, which from one answer of its own to the next may run off by 14.34 ms more than it serves.',
      remarks: [],
      confident: false,
      over: ['bound'],
      horizonSeconds: 0,
    });
  });
});

describe('what else goes by that bound', () => {
  const LOCAL = source('127.127.1.0', { tally: ' ', type: 'l' });
  const BESIDE_ITSELF = client({ sources: [...client().sources, LOCAL] });

  it('what is remembered of it, rounded up', () => {
    expect(judged([[A, serving()]], BESIDE_ITSELF).lastBound).toEqual({ boundMs: 17.086, atMs: NOW_MS });
  });

  it('what would be remembered of a server that keeps one time, were it convicted', () => {
    const pod = { ...POD, together: true };
    const [, clock] = sightings([
      [A, serving()],
      [B, client()],
    ]).map(clockJudge(context({ pod, hosts: HOSTS })));
    const inherited: Inherited = {
      boundMs: 17.0855,
      growthPpm: 15,
      by: { kind: 'unserved', from: 'i-0a', ms: 14.3355 },
    };
    const held = heldByServer(clock as ClockJudgement, inherited, pod.thresholds);
    expect([clock?.keeper, held.keeper]).toEqual([
      { now: { boundMs: 2.75, atMs: NOW_MS }, before: null },
      { now: { boundMs: 17.086, atMs: NOW_MS }, before: null },
    ]);
  });

  it('the skew of the pod', () => {
    const clocks = sightings([
      [A, serving()],
      [CLIENT, client()],
    ]).map(clockJudge(context({ hosts: HOSTS })));
    const { skew } = podClocksOf(clocks, POD.thresholds, { hosts: HOSTS, expected: 2, tookSeconds: 0 });
    // the client is by far the widest: 0.5 ms by its own root delay, 2 ms, and what its server may have run off, to either side
    expect(skew).toEqual({ skewMs: 2 * (2.5 + 14.336), hosts: 2, of: 2 });
  });

  it('that of another server which follows it, and of that one’s clients', () => {
    const mate = { tally: '*', stratum: 3, refid: '192.0.2.1' } as const;
    const followingA = collected({
      ...CHRONY,
      sources: [clientRow('10.0.1.5', mate)],
      system: { ...SERVED, stratum: 4, refid: '10.0.1.5' },
    });
    const ofB = client({ sources: [clientRow('10.0.2.5', { tally: '*' })] }, { refid: '10.0.2.5' });
    const servers: [Host, Collected][] = [
      [A, serving()],
      [B, followingA],
    ];
    expect(judged(servers, ofB).errorBoundMs).toBeCloseTo(2.75 + 14.336 + 0.014 * 64, 9);
  });

  it('is the largest of those that agree where the daemon names no system peer', () => {
    const rows = ['10.0.1.5', '10.0.2.5', '192.0.2.9'].map((address) => rowOfNtpdRs(address));
    const answer = client({ ...NTPD_RS, sources: rows }, { refid: null });
    const bounds = [['a'], ['a', 'b']].map((letters) => {
      const polls = { a: 256, b: 1024 };
      const servers = [A, B].filter(({ instanceId }) => letters.includes(instanceId.slice(-1)));
      const answers = servers.map((each): [Host, Collected] => [
        each,
        serving({ pollSeconds: polls[each.instanceId.slice(-1) as 'a' | 'b'] }),
      ]);
      return judged(answers, answer).errorBoundMs;
    });
    const alone = judged([], answer).errorBoundMs as number;
    expect(bounds).toEqual([expect.closeTo(alone + 0.014 * 256, 9), expect.closeTo(alone + 0.014 * 1024, 9)]);
  });
});
