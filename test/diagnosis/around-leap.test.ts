import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { clockNames } from '../../src/diagnosis/clock-names.ts';
import { clockJudge, judgeAll } from '../../src/diagnosis/judge.ts';
import type { Judgement, State } from '../../src/diagnosis/judgement.ts';
import { podClocksOf } from '../../src/diagnosis/pod-clocks.ts';
import { smearClasses } from '../../src/diagnosis/smear-classes.ts';
import type { Host, SmearClass, Tier } from '../../src/fleet/fleet.ts';
import type { SmearingFleet } from '../../src/fleet/smear.ts';
import { readUpstream } from '../../src/fleet/sources.ts';
import { runs } from '../builders/property-runs.ts';
import { collected, context, host, judge, POD, server, source } from '../builders/sightings.ts';
import { exactRow } from '../builders/witnessing.ts';

const TIME_SERVICE = '169.254.169.123';
const UPSTREAMS = ['192.0.2.1', '192.0.2.2', '192.0.2.3'];
type Mode = SmearingFleet['timeService']['mode'];

/** Upstreams of these classes, by name; and how the time service is followed. */
const fleet = (classes: SmearClass[], mode: Partial<Mode> = {}): SmearingFleet => ({
  upstreams: classes.map((smear, index) => readUpstream({ host: `upstream${index}.invalid`, smear })),
  timeService: { mode: { boundary: 'reference', client: 'reference', ...mode } },
});
const UTC = fleet(['utc', 'utc']);
const MIXED = fleet(['utc', 'utc'], { client: 'source' });

const fromTimeService = (offsetMs: number) =>
  collected({
    sources: [source('10.0.1.5', { tally: '*' }), source('10.0.2.5'), source(TIME_SERVICE, { offsetMs })],
  });

describe('around a leap second', () => {
  const offset = (offsetMs: number) => collected({ system: { offsetMs } });
  const TOLD_TIME_SERVICE =
    "offset from the AWS time service 499 ms is over the limit of 50 ms: the clock is behind AWS's; not judged, since a leap second is near, which the two smear differently.";
  const TOLD_OFFSET =
    'offset 400 ms is over the limit of 50 ms: the clock is behind its reference; not judged, since a leap second is near, which its sources smear differently.';
  const cases: [
    what: string,
    ReturnType<typeof collected>,
    SmearingFleet | null,
    Pick<Judgement, 'state' | 'confident'>,
    remarks: string[],
  ][] = [
    ['a host that follows utc is not judged by AWS’s smear', fromTimeService(499), UTC, fine(), [TOLD_TIME_SERVICE]],
    ['at any other time it is', fromTimeService(499), null, bad('adrift'), []],
    [
      'a host that follows AWS’s smear is judged by it',
      fromTimeService(499),
      fleet(['aws'], { client: 'source' }),
      bad('adrift'),
      [],
    ],
    [
      'one that follows two classes is not judged by its offset, nor by the bound that holds it',
      offset(400),
      MIXED,
      fine(),
      [TOLD_OFFSET],
    ],
    ['one that follows one class is judged by its offset', offset(60), UTC, bad('adrift'), []],
    [
      'one that follows two is judged by the rest of its bound',
      collected({ system: { offsetMs: 400, rootDispersionMs: 300 } }),
      MIXED,
      bad('uncertain'),
      [TOLD_OFFSET],
    ],
    [
      'one that follows two, and tells no bound, is not judged by one',
      collected({ system: { offsetMs: 400, rootDelayMs: null } }),
      MIXED,
      { state: 'healthy', confident: false },
      [TOLD_OFFSET, 'not known: the error bound.'],
    ],
    ['all else is judged as ever', collected({ system: { leap: 'alarm' } }), UTC, bad('unsynchronised'), []],
  ];

  it.each(cases)('%s', (_, answer, aroundLeap, expected, remarks) => {
    const { state, confident, remarks: found, over } = judge(answer, 'Success', { aroundLeap });
    expect({ state, confident }).toEqual(expected);
    expect(found).toEqual(remarks);
    expect(over?.includes('time-service') ?? false).toBe(expected.state === 'adrift' && answer.sources.length === 3);
  });

  it('confidence says what it did not judge', () => {
    expect(judge(fromTimeService(499), 'Success', { aroundLeap: UTC }).confidence).toMatch(
      /error bound 1\.375 ms \(limit 200 ms\), offset from the AWS time service 499 ms \(not judged near a leap second\)\.$/,
    );
  });

  it('what was over its limit before is not held against it', () => {
    const { state, over } = judge(fromTimeService(45), 'Success', {
      aroundLeap: UTC,
      overBefore: { 'i-0c': ['time-service'] },
    });
    expect({ state, over }).toEqual({ state: 'healthy', over: undefined });
  });
});

function fine() {
  return { state: 'healthy' as State, confident: true };
}
function bad(state: State) {
  return { state, confident: false };
}

describe('sources that a daemon rejects around a leap second', () => {
  const SERVERS = ['a', 'b', 'c'].map((letter, index) => server(letter, [`10.0.${index + 1}.5`]));
  const ofRs = (remote: string, offsetMs: number) =>
    source(remote, {
      ...{ tally: null, refid: null, stratum: null, whenSeconds: null, reach: null, jitterMs: null },
      ...{ uncertaintyMs: 0.01, unansweredPolls: 0, offsetMs },
    });
  const rs = (sources: ReturnType<typeof source>[], minimumAgreeing: number) =>
    collected({
      daemon: { kind: 'ntpd-rs', version: '1.4.0' },
      sources,
      system: { offsetMs: null, refid: null, jitterMs: null, frequencyPpm: null, minimumAgreeing },
    });
  const judged = (answer: ReturnType<typeof collected>, aroundLeap: SmearingFleet | null) => {
    const { state, sentence, remarks } = judge(answer, 'Success', { hosts: SERVERS, aroundLeap });
    return { state, sentence: state === 'healthy' ? '' : sentence, remarks };
  };
  const NOT_JUDGED = 'not judged, since a leap second is near, which they may smear differently.';

  it.each([
    ['ntpd-rs', rs([ofRs('10.0.1.5', 0), ofRs('10.0.2.5', 0), ofRs('10.0.3.5', 60), ofRs(TIME_SERVICE, 400)], 2)],
    [
      'ntpsec',
      collected({
        sources: [
          source('10.0.1.5', { tally: '*' }),
          source('10.0.2.5'),
          source('10.0.3.5', { tally: 'x', offsetMs: 60 }),
          source(TIME_SERVICE, { tally: 'x', offsetMs: 400 }),
        ],
      }),
    ],
  ])('are falsetickers within a class, and told and not judged beside another: of %s', (_, answer) => {
    const rejected =
      answer.daemon?.kind === 'ntpd-rs' ? { ...answer, sources: [...answer.sources, ofRs('10.0.1.5', 0)] } : answer;
    const remarksOf = (aroundLeap: SmearingFleet | null) =>
      judged(rejected, aroundLeap).remarks.filter((remark) => /apart|falseticker/.test(remark));
    expect({ near: remarksOf(MIXED), atAnyTime: remarksOf(null) }).toEqual({
      near: [
        '1 falseticker: 10.0.3.5 (offset 60 ms).',
        `the AWS time service (${TIME_SERVICE}, offset 400 ms) stands apart from the sources that are followed; ${NOT_JUDGED}`,
      ],
      atAnyTime: [`2 falsetickers: 10.0.3.5 (offset 60 ms) and the AWS time service (${TIME_SERVICE}, offset 400 ms).`],
    });
  });

  it('are told in one sentence where they are several', () => {
    const rejected = [TIME_SERVICE, 'fd00:ec2::123'].map((remote) => source(remote, { tally: 'x', offsetMs: 400 }));
    const answer = collected({ sources: [source('10.0.1.5', { tally: '*' }), source('10.0.2.5'), ...rejected] });
    expect(judged(answer, MIXED).remarks.filter((remark) => /apart|falseticker/.test(remark))).toEqual([
      `the AWS time service (${TIME_SERVICE}, offset 400 ms) and the AWS time service (fd00:ec2::123, offset 400 ms) stand apart from the sources that are followed; ${NOT_JUDGED}`,
    ]);
  });

  it('leave an ntpd-rs without a majority in holdover, which it is, with what may be why', () => {
    const answer = rs([ofRs('10.0.1.5', 0), ofRs(TIME_SERVICE, 400)], 1);
    expect([judged(answer, MIXED).sentence, ...judged(answer, null).remarks]).toEqual([
      'no majority among 2 sources, which may smear the leap second that is near differently; error bound not known (limit 200 ms).',
      'no majority among 2 sources; error bound not known (limit 200 ms).',
      'not known: the error bound.',
    ]);
    const oneClass = rs([ofRs('10.0.1.5', 0), ofRs('10.0.2.5', 400)], 1);
    expect(judged(oneClass, MIXED).sentence).toBe('no majority among 2 sources; error bound not known (limit 200 ms).');
  });
});

describe('the smear class of a clock', () => {
  const hosts = [server('a', ['10.0.1.5'])];
  const classes = (given: SmearingFleet, tier: Tier = 'boundary') => {
    const { followed, classOf } = smearClasses(given, clockNames(hosts));
    const clocks = ['i-0a', 'the AWS time service', '192.0.2.1', 'reference clock PHC0'];
    return { followed, clocks: clocks.map((clock) => classOf(clock, tier)) };
  };

  it.each<[string, SmearingFleet, Tier, ReturnType<typeof classes>]>([
    [
      'upstreams of one class',
      UTC,
      'boundary',
      { followed: { boundary: 'utc', client: 'utc' }, clocks: ['utc', 'aws', 'utc', null] },
    ],
    [
      'a client’s own sources are not known',
      UTC,
      'client',
      { followed: { boundary: 'utc', client: 'utc' }, clocks: ['utc', 'aws', null, null] },
    ],
    [
      'upstreams of two classes are not known by address',
      fleet(['utc', 'google']),
      'boundary',
      { followed: { boundary: null, client: null }, clocks: [null, 'aws', null, null] },
    ],
    [
      'an upstream that the file has by address',
      { ...UTC, upstreams: [readUpstream({ host: '192.0.2.1', smear: 'meta' }), readUpstream('a.invalid')] },
      'boundary',
      { followed: { boundary: null, client: null }, clocks: [null, 'aws', 'meta', null] },
    ],
    [
      'clients that follow the time service beside servers of utc',
      MIXED,
      'boundary',
      { followed: { boundary: 'utc', client: null }, clocks: ['utc', 'aws', 'utc', null] },
    ],
  ])('%s', (_, given, tier, expected) => {
    expect(classes(given, tier)).toEqual(expected);
  });
});

describe('witnesses around a leap second', () => {
  const SERVERS = ['a', 'b', 'c'].map((letter, index) => server(letter, [`10.0.${index + 1}.5`]));
  const CLIENTS = ['1', '2', '3', '4'].map((digit) => host(`i-c${digit}`));

  /** Servers so far from true time, the time service so far from it; clients and servers hear all there is. */
  function judgedPod(serversMs: number[], timeServiceMs: number, aroundLeap: SmearingFleet | null) {
    const row = (address: string, offsetMs: number, place: number) =>
      exactRow(address, offsetMs, { tally: place === 0 ? '*' : '+' });
    const clientRows = [
      ...serversMs.map((ms, place) => row(`10.0.${place + 1}.5`, ms, place)),
      row(TIME_SERVICE, timeServiceMs, 3),
    ];
    const serverRows = [
      ...UPSTREAMS.map((address, place) => row(address, 0, place)),
      row(TIME_SERVICE, timeServiceMs, 3),
    ];
    const sightings = [
      ...SERVERS.map((each) => ({ host: each, status: 'Success', collected: collected({ sources: serverRows }) })),
      ...CLIENTS.map((each) => ({ host: each, status: 'Success', collected: collected({ sources: clientRows }) })),
    ];
    const hosts: Host[] = [...SERVERS, ...CLIENTS];
    const given = context({ hosts, aroundLeap });
    const judgements = judgeAll(sightings, given);
    const clocks = podClocksOf(sightings.map(clockJudge(given)), POD.thresholds, {
      hosts,
      expected: 7,
      tookSeconds: 0,
    });
    return {
      states: judgements.map(({ state }) => state),
      unsure: judgements.filter(({ confident }) => !confident).map(({ host: { instanceId } }) => instanceId),
      contradicted: clocks.contradicted.map(({ clock }) => clock),
      unwitnessed: clocks.unwitnessed,
      skewOver: clocks.skew?.hosts ?? 0,
    };
  }
  const ALL_WELL = { states: Array(7).fill('healthy'), unsure: [], contradicted: [], unwitnessed: [], skewOver: 7 };

  it('compare no clocks of different classes, and find the liar among those of one', () => {
    expect(judgedPod([0, 0, 0], 500, UTC)).toEqual(ALL_WELL);
    const { states, contradicted } = judgedPod([0, 0, 30], 500, UTC);
    expect(states).toEqual(['healthy', 'healthy', 'contradicted', ...Array(4).fill('healthy')]);
    expect(contradicted).toEqual([]);
  });

  it('at any other time accuse a time service that is 500 ms off', () => {
    const { states, contradicted } = judgedPod([0, 0, 0], 500, null);
    expect(states).toEqual(Array(7).fill('adrift'));
    expect(contradicted).toEqual(['the AWS time service']);
  });

  it('say nothing where the servers follow several classes, and hosts that do are not in the skew', () => {
    const mixed = fleet(['utc', 'google'], { boundary: 'source', client: 'source' });
    expect(judgedPod([0, 0, 400], 500, mixed)).toEqual({
      ...ALL_WELL,
      unwitnessed: ['i-0a', 'i-0b', 'i-0c'],
      skewOver: 0,
    });
    expect(judgedPod([0, 0, 0], 500, MIXED)).toEqual({ ...ALL_WELL, skewOver: 3 });
  });

  it('and all else change nothing where all follow one class, that of the time service', () => {
    const ms = fc.double({ min: -100, max: 100, noNaN: true });
    const aws = fleet(['aws', 'aws'], { boundary: 'source', client: 'source' });
    fc.assert(
      fc.property(fc.array(ms, { minLength: 3, maxLength: 3 }), ms, (serversMs, timeServiceMs) => {
        expect(judgedPod(serversMs, timeServiceMs, aws)).toEqual(judgedPod(serversMs, timeServiceMs, null));
      }),
      runs(50),
    );
  });

  it('make nobody bad for what classes differ by, whatever that is', () => {
    const ms = fc.double({ min: -1000, max: 1000, noNaN: true });
    const mode = fc.constantFrom<Mode['client']>('reference', 'source');
    fc.assert(
      fc.property(ms, mode, mode, (timeServiceMs, boundary, client) => {
        const given = fleet(['utc', 'utc'], { boundary, client });
        const { states, unsure, contradicted } = judgedPod([0, 0, 0], timeServiceMs, given);
        expect({ states, unsure, contradicted }).toEqual({
          states: ALL_WELL.states,
          unsure: [],
          contradicted: [],
        });
      }),
      runs(50),
    );
  });
});
