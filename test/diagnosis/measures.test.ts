import { describe, expect, it } from '@jest/globals';
import { judgeAll } from '../../src/diagnosis/judge.ts';
import type { State } from '../../src/diagnosis/judgement.ts';
import { NOT_READ } from '../../src/diagnosis/judgement.ts';
import type { Host } from '../../src/fleet/fleet.ts';
import type { Collected } from '../../src/host/collected.ts';
import type { Source, SystemState } from '../../src/ntp/source.ts';
import { collected, context, host, judge, POD, source } from '../builders/sightings.ts';

const peer = (given: Parameters<typeof source>[1] = {}) => source('10.0.1.5', { tally: '*', ...given });
const other = source('10.0.2.5');

describe('a host', () => {
  it('whose answer was not read is unknown, and not said to be silent', () => {
    expect(judge(null, NOT_READ)).toMatchObject({
      state: 'unknown',
      sentence: 'its answer was not read: the time of the look was up.',
      cause: 'their answers were not read: the time of the look was up',
    });
  });

  it('that is silent is unknown, with the reason that SSM gives', () => {
    expect(judge(null, 'DeliveryTimedOut')).toEqual({
      host: host('i-0c'),
      state: 'unknown',
      sentence: 'SSM has no answer from it (DeliveryTimedOut).',
      cause: 'SSM has no answer from them (DeliveryTimedOut)',
      findings: ['unknown'],
      remarks: [],
      confident: false,
      confidence: 'not confident: SSM has no answer from it (DeliveryTimedOut).',
      measures: {
        offsetMs: null,
        timeServiceOffsetMs: null,
        errorBoundMs: null,
        growthPpm: null,
        horizonSeconds: null,
        jitterMs: null,
        delayMs: null,
        reachRatio: null,
        reachableSources: null,
        usableSources: null,
        ageSeconds: null,
        frequencyPpm: null,
      },
      votes: { liesLeft: null, lossesLeft: null },
      stale: null,
      unjoinedNames: [],
      unmanaged: false,
      leapAnnounced: false,
      polled: [],
      cycledSecondsAgo: null,
    });
  });

  it('that answers with something else is unknown, and SSM is not blamed', () => {
    expect(judge(null, 'Success').sentence).toBe(
      'SSM says Success, but what came back is not what the collect document prints.',
    );
  });
});

describe('hosts that are judged in brief, by the thousand', () => {
  it('are spared what nobody reads of a healthy one, and nothing else', () => {
    expect(judge(collected(), 'Success', { isBrief: true })).toEqual({
      ...judge(collected()),
      sentence: '',
      confidence: '',
    });
    const young = collected({ ageSeconds: 299 });
    expect(judge(young, 'Success', { isBrief: true })).toEqual(judge(young));
  });
});

describe('several things wrong at once', () => {
  const SET = collected().system as SystemState;
  const worst = collected({
    ageSeconds: 20,
    otherDaemons: ['chrony'],
    system: { leap: 'alarm', offsetMs: 999 },
    sources: [source('10.0.1.5', { tally: ' ', reach: 0 })],
  });
  const silentPeer = peer({ reach: 0, whenSeconds: 5000 });
  const service = source('169.254.169.123', { offsetMs: 70 });
  const all: [Partial<Collected>, State][] = [
    [{ daemon: null }, 'no-daemon'],
    [{}, 'starting'],
    [{ ageSeconds: 4000 }, 'unsynchronised'],
    [
      {
        ageSeconds: 4000,
        system: { ...SET, offsetMs: 999 },
        sources: [peer({ reach: 0 })],
      },
      'adrift',
    ],
    [{ ageSeconds: 4000, system: SET, sources: [peer({ reach: 0, whenSeconds: 1000 })] }, 'holdover'],
    [{ ageSeconds: 4000, system: { ...SET, rootDispersionMs: 400 }, sources: [peer({ reach: 0 })] }, 'uncertain'],
    [{ ageSeconds: 4000, system: SET, sources: [peer({ reach: 0 })] }, 'degraded'],
    [{ ageSeconds: 4000, system: SET, sources: [peer()], otherDaemons: [] }, 'healthy'],
  ];

  it.each(all)('%j: the first in precedence is the state: %s', (given, state) => {
    expect(judge({ ...worst, ...given }).state).toBe(state);
  });

  const found: [what: string, answer: Collected, findings: State[]][] = [
    ['nothing', collected(), []],
    ['no daemon', collected({ daemon: null }), ['no-daemon']],
    ['the worst', { ...worst, ageSeconds: 4000 }, ['unsynchronised', 'degraded']],
    ['a start, in which much is normal', worst, ['starting', 'degraded']],
    [
      'two offsets and a bound',
      collected({ system: { offsetMs: 900 }, sources: [peer(), service] }),
      ['adrift', 'uncertain'],
    ],
    [
      'holdover beside a time service that is watched, with a bound over the limit',
      collected({ system: { rootDispersionMs: 400 }, sources: [silentPeer, { ...service, tally: ' ' }] }),
      ['adrift', 'holdover', 'degraded'],
    ],
  ];

  it.each(found)('is all found, each state once, in order of precedence: %s', (_, answer, findings) => {
    expect(judge(answer).findings).toEqual(findings);
  });

  it('tells the rest as remarks', () => {
    const drifting = judge(
      collected({
        system: { offsetMs: 60, rootDispersionMs: 400 },
        configRevision: 'fedcba9876543210',
        otherDaemons: ['ntpd'],
      }),
    );
    expect([drifting.state, drifting.sentence, ...drifting.remarks]).toEqual([
      'adrift',
      'offset 60 ms is over the limit of 50 ms: the clock is behind its reference.',
      'clock error bound 460.3 ms is over the limit of 200 ms.',
      '2 time daemons are active (1 wanted): ntpsec 1.2.2 and ntpd.',
      'runs on an old file: revision fedcba9876543210, podtime serves 0123456789abcdef.',
    ]);
  });
});

describe('the numbers a host is judged by', () => {
  it('come from the daemon, its system peer and all its sources', () => {
    const answer = collected({
      sources: [
        peer({ delayMs: 0.75, reach: 0o377 }),
        source('10.0.2.5', { reach: 0o17 }),
        source('169.254.169.123', { offsetMs: -0.5, delayMs: 0.25, reach: 0o377 }),
        source('fd00:ec2::123', { offsetMs: 9, delayMs: 3, reach: 0o377 }),
        source('10.0.3.5', { reach: 0, stratum: 16, tally: ' ' }),
        source('pool.example', { type: 'p', reach: 0 }),
      ],
      cycledSecondsAgo: 700,
    });
    expect(judge(answer)).toMatchObject({
      measures: {
        offsetMs: 0.125,
        timeServiceOffsetMs: -0.5,
        errorBoundMs: 1.375,
        growthPpm: 15,
        // 198.625 ms at 15 ppm
        horizonSeconds: 13241.6666666667,
        jitterMs: 0.0625,
        delayMs: 0.75,
        reachRatio: 28 / 40,
        reachableSources: 4,
        // the time service by both its addresses is one
        usableSources: 3,
        ageSeconds: 3600,
      },
      polled: ['10.0.1.5', '10.0.2.5', '10.0.3.5', '169.254.169.123', 'fd00:ec2::123'],
      cycledSecondsAgo: 700,
    });
  });

  it.each([
    ['no system peer', collected({ sources: [other] }), 1.375],
    ['a system peer not heard for long', collected({ sources: [peer({ reach: 0, whenSeconds: 5000 })] }), 1.375],
    ['leap alarm', collected({ system: { leap: 'alarm' } }), null],
    ['stratum 16', collected({ system: { stratum: 16 } }), null],
  ])(
    'are old without a reference, however the daemon fills its variables; the bound holds the last of them: %s',
    (_, answer, bound) => {
      const { offsetMs, errorBoundMs, jitterMs, delayMs } = judge(answer).measures;
      expect([offsetMs, errorBoundMs, jitterMs, delayMs]).toEqual([null, bound, null, null]);
    },
  );

  it('are not counted from rows that may be missing or could not be read', () => {
    const cut = judge(collected({ truncated: true })).measures;
    expect([cut.reachableSources, cut.usableSources, cut.reachRatio]).toEqual([null, null, 1]);
    const unread = judge(collected({ sources: [peer(), source('10.0.2.5', { reach: null })] })).measures;
    expect([unread.reachableSources, unread.usableSources, unread.reachRatio]).toEqual([null, null, 1]);
  });

  it('take the age that the daemon itself told when the document told none', () => {
    expect(judge(collected({ ageSeconds: null, system: { uptimeSeconds: 1234 } })).measures.ageSeconds).toBe(1234);
    expect(judge(collected({ ageSeconds: null, system: null })).measures.ageSeconds).toBeNull();
  });
});

describe('the limits', () => {
  it("are the pod's own", () => {
    const strict = { ...POD, thresholds: { ...POD.thresholds, offsetMs: 0.1 } };
    expect(judge(collected(), 'Success', { pod: strict }).sentence).toBe(
      'offset 0.125 ms is over the limit of 0.1 ms: the clock is behind its reference.',
    );
  });

  it('know nothing of a revision when podtime does not say which it serves', () => {
    expect(
      judge(collected({ configRevision: 'fedcba9876543210' }), 'Success', { expectedRevision: () => null }).state,
    ).toBe('healthy');
  });
});

describe('a time service that the host has no address to reach from', () => {
  const answer = (silent: string, given: Partial<Source> = {}) =>
    collected({ sources: [peer(), other, source(silent, { tally: ' ', reach: 0, ...given })] });
  const judged = (given: Partial<Host>, what: Collected) =>
    judgeAll([{ host: host('i-0c', given), collected: what, status: 'Success' }], context())[0];
  const FOUR = { ipv4: '10.0.5.9', ipv6: [] };
  const SIX = { ipv4: null, ipv6: ['fd00:10::9'] };

  it.each([
    [
      FOUR,
      'fd00:ec2::123',
      'the AWS time service (fd00:ec2::123) cannot be heard: EC2 gives this host no IPv6 address.',
    ],
    [
      SIX,
      '169.254.169.123',
      'the AWS time service (169.254.169.123) cannot be heard: EC2 gives this host no IPv4 address.',
    ],
  ])('is told, and costs neither health nor reach (%j, %s)', (addresses, silent, told) => {
    const judgement = judged(addresses, answer(silent));
    expect(judgement).toMatchObject({ state: 'healthy', remarks: [told], measures: { reachRatio: 1 } });
  });

  it.each([
    ['a host of its family', FOUR, '169.254.169.123', 'the AWS time service (169.254.169.123)'],
    [
      'a host of both families',
      { ...FOUR, ipv6: ['fd00:10::9'] },
      'fd00:ec2::123',
      'the AWS time service (fd00:ec2::123)',
    ],
    [
      'a host of which EC2 tells no address',
      { ipv4: null, ipv6: [] },
      'fd00:ec2::123',
      'the AWS time service (fd00:ec2::123)',
    ],
    ['another server', FOUR, 'fd00:10::5', 'source fd00:10::5'],
  ])('is news for %s', (_, addresses, silent, who) => {
    const judgement = judged(addresses, answer(silent));
    expect(judgement).toMatchObject({ state: 'degraded', sentence: `${who} heard 0 of its last 8 polls.` });
    expect(judgement?.measures.reachRatio).toBeCloseTo(2 / 3);
  });

  it('counts like any other once it is heard', () => {
    const judgement = judged(FOUR, answer('fd00:ec2::123', { tally: '+', reach: 1 }));
    expect(judgement?.measures.reachRatio).toBeCloseTo(17 / 24);
    expect(judgement?.remarks).toEqual(['the AWS time service (fd00:ec2::123) heard 1 of its last 8 polls.']);
  });
});
