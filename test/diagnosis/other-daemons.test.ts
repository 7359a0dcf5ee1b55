import { describe, expect, it } from '@jest/globals';
import { clockJudge, judgeAll } from '../../src/diagnosis/judge.ts';
import type { Collected } from '../../src/host/collected.ts';
import type { Source } from '../../src/ntp/source.ts';
import { collected, context, host, judge, rowOfNtpdRs, source } from '../builders/sightings.ts';

// Daemons that podtime serves no file for: what they do not tell is judged by what they do, and told as what it is.

const forgotten = (remote: string) =>
  rowOfNtpdRs(remote, { reach: 0, unansweredPolls: 8, offsetMs: null, delayMs: null });

const rs = (sources: Source[], system: Partial<NonNullable<Collected['system']>> = {}) =>
  collected({
    daemon: { kind: 'ntpd-rs', version: '1.4.0' },
    sources,
    system: { offsetMs: null, refid: null, jitterMs: null, frequencyPpm: null, ...system },
  });

/** From -2 to 4, 0 to 6 and -5 to 1 ms, and a little more. */
const THREE = [
  rowOfNtpdRs('10.0.1.5', { offsetMs: 1, delayMs: 6 }),
  rowOfNtpdRs('10.0.2.5', { offsetMs: 3, delayMs: 6 }),
  rowOfNtpdRs('10.0.3.5', { offsetMs: -2, delayMs: 6 }),
];

describe('a host of ntpd-rs', () => {
  it('is confident by sources that agree, with words for what it does not tell', () => {
    const { state, sentence, confidence, remarks, measures, votes } = judge(rs(THREE));
    expect({ state, sentence, confidence, remarks, measures, votes }).toEqual({
      state: 'healthy',
      sentence: 'offset 1 ms (limit 50 ms), error bound 3.21 ms (limit 200 ms), 3 usable sources.',
      confidence:
        'confident: the daemon is 3600 s old (at least 300 s); no leap alarm; ntpd-rs 1.4.0 tells no system peer and no reach register: 3 of 3 heard sources agree (at least 3), last 0 polls of 10.0.1.5 unanswered (at most 2); 3 usable sources (at least 2); offset 1 ms (limit 50 ms), error bound 3.21 ms (limit 200 ms).',
      remarks: [],
      measures: {
        offsetMs: 1,
        timeServiceOffsetMs: null,
        errorBoundMs: 3.21,
        growthPpm: 15,
        horizonSeconds: expect.closeTo(((200 - 3.21) / 15) * 1000, 3),
        jitterMs: null,
        delayMs: null,
        reachRatio: null,
        reachableSources: 3,
        usableSources: 3,
        ageSeconds: 3600,
        frequencyPpm: null,
      },
      votes: { liesLeft: 1, lossesLeft: 1 },
    });
  });

  it.each<[string, Source[], number | undefined, string]>([
    [
      'two of the three that must agree',
      [...THREE.slice(0, 2), forgotten('10.0.3.5')],
      undefined,
      '2 of 2 heard sources agree (at least 3 wanted)',
    ],
    [
      'a half of those heard',
      [...THREE, ...falsetickers(3)],
      undefined,
      '3 of 6 heard sources agree (at least 4 wanted)',
    ],
    [
      'the two that its file wants, each long silent',
      THREE.slice(0, 2).map((each) => ({ ...each, unansweredPolls: 3 })),
      2,
      'ntpd-rs 1.4.0 tells no system peer and no reach register: 2 of 2 heard sources agree (at least 2), last 3 polls of 10.0.1.5 unanswered (at most 2 wanted)',
    ],
  ])('is not confident with %s', (_, sources, minimumAgreeing, lacking) => {
    const { confident, confidence } = judge(rs(sources, minimumAgreeing === undefined ? {} : { minimumAgreeing }));
    expect({ confident, confidence }).toEqual({
      confident: false,
      confidence: expect.stringContaining(`not confident: ${lacking}`),
    });
  });

  it('is confident with the two sources that its file wants to agree, of which one missed two polls', () => {
    const sources = [rowOfNtpdRs('10.0.1.5', { unansweredPolls: 2 }), rowOfNtpdRs('10.0.2.5', { unansweredPolls: 7 })];
    expect(judge(rs(sources, { minimumAgreeing: 2 }))).toMatchObject({
      confident: true,
      remarks: ['source 10.0.1.5 left its last 2 polls unanswered; source 10.0.2.5 left its last 7 polls unanswered.'],
    });
  });

  it('takes a majority for no majority while rows are missing', () => {
    const answer = { ...rs(THREE), truncated: true };
    expect(judge(answer)).toMatchObject({
      state: 'healthy',
      confident: false,
      confidence: expect.stringContaining('not confident: whether its sources agree is not known;'),
    });
  });

  it.each([
    ['of none', [0, 1, 2]],
    ['of one that could change it', [2]],
  ])('says what is not known where it tells no offset %s', (_, unread) => {
    const sources = THREE.map((each, at) => (unread.includes(at) ? { ...each, offsetMs: null } : each));
    expect(judge(rs(sources))).toMatchObject({
      state: 'healthy',
      confident: false,
      confidence: expect.stringContaining('not confident: whether its sources agree is not known;'),
      remarks: ['not known: the offset and the error bound.'],
      measures: { offsetMs: null, usableSources: null },
    });
  });

  it('calls no source a falseticker whose offset it does not tell', () => {
    expect(judge(rs([...THREE, rowOfNtpdRs('10.0.4.5', { offsetMs: null })]))).toMatchObject({
      state: 'healthy',
      remarks: [],
    });
  });

  it('is in no holdover by rows whose poll could not be read: whether they are fresh is not known', () => {
    const unread = THREE.map((each) => ({ ...each, pollSeconds: null }));
    expect(judge(rs(unread))).toMatchObject({
      state: 'healthy',
      confident: false,
      confidence: expect.stringContaining('not confident: whether its sources agree is not known;'),
      measures: { usableSources: null },
    });
  });

  it('is in holdover where its sources disagree, though it keeps its stratum and says no leap alarm', () => {
    expect(judge(rs([rowOfNtpdRs('10.0.1.5'), ...falsetickers(1)], { minimumAgreeing: 1 }))).toMatchObject({
      state: 'holdover',
      sentence: 'no majority among 2 sources; error bound not known (limit 200 ms).',
      measures: { offsetMs: null, errorBoundMs: null, usableSources: 0 },
    });
  });

  it.each([
    ['0, 45 and -45 ms, each by 0.2 ms', [0, 45, -45], 0],
    ['two alike and one 1 ms off', [0, 0.5, 1.1], 2],
  ])('is in holdover where too few of its sources meet, however little they differ by: %s', (_, offsets, agreeing) => {
    const sources = offsets.map((offsetMs, at) =>
      rowOfNtpdRs(`10.0.${at + 1}.5`, { offsetMs, delayMs: 0.4, uncertaintyMs: 0.1 }),
    );
    expect(judge(rs(sources))).toMatchObject({
      state: 'holdover',
      sentence: 'no majority among 3 sources; error bound not known (limit 200 ms).',
      confidence: expect.stringContaining(`not confident: ${agreeing} of 3 heard sources agree (at least 3 wanted)`),
      measures: { offsetMs: null, usableSources: 0 },
    });
  });

  it('is not where they do by the uncertainty that it allows each, twice', () => {
    const sources = [0, 0.5, 0.79].map((offsetMs, at) =>
      rowOfNtpdRs(`10.0.${at + 1}.5`, { offsetMs, delayMs: 0.4, uncertaintyMs: 0.1 }),
    );
    expect(judge(rs(sources))).toMatchObject({ state: 'healthy', confident: true, measures: { offsetMs: 0.5 } });
  });

  it('has no vote of a source that ntpd-rs disregards, being too uncertain, and names it', () => {
    // 2 x 100 + 204 / 4 is 251; 2 x 100 + 200 / 4 is 250
    const vague = (remote: string, delayMs: number) =>
      rowOfNtpdRs(remote, { offsetMs: 1, delayMs, uncertaintyMs: 100 });
    const two = THREE.slice(0, 2);
    const wantsTwo = (...sources: Source[]) => {
      const { state, measures, confidence, remarks } = judge(rs(sources, { minimumAgreeing: 2 }));
      return {
        state,
        usable: measures.usableSources,
        heard: /\d of \d heard sources? agree/.exec(confidence)?.[0],
        remarks,
      };
    };
    const DISREGARDED = 'ntpd-rs 1.4.0 disregards 10.0.8.1 (251 ms): uncertain by more than 250 ms.';
    expect({
      within: wantsTwo(...two, vague('10.0.8.1', 200)),
      over: wantsTwo(...two, vague('10.0.8.1', 204)),
      // of four half would be no majority: of two that vote they are
      majority: wantsTwo(...two, vague('10.0.8.1', 204), { ...vague('10.0.8.2', 40_000), offsetMs: 9000 }),
      alone: wantsTwo(vague('10.0.8.1', 204)),
      silent: wantsTwo(...two, { ...vague('10.0.8.1', 204), unansweredPolls: 8, reach: 0 }),
    }).toEqual({
      within: { state: 'healthy', usable: 3, heard: '3 of 3 heard sources agree', remarks: [] },
      over: { state: 'healthy', usable: 2, heard: '2 of 2 heard sources agree', remarks: [DISREGARDED] },
      majority: {
        state: 'healthy',
        usable: 2,
        heard: '2 of 2 heard sources agree',
        remarks: ['ntpd-rs 1.4.0 disregards 10.0.8.1 (251 ms) and 10.0.8.2 (10200 ms): uncertain by more than 250 ms.'],
      },
      alone: {
        state: 'holdover',
        usable: 0,
        heard: '0 of 0 heard sources agree',
        remarks: [DISREGARDED, 'not known: the error bound.'],
      },
      silent: { state: 'degraded', usable: 2, heard: '2 of 2 heard sources agree', remarks: [] },
    });
  });

  it('names the source that stands apart from those that agree', () => {
    expect(judge(rs([...THREE, ...falsetickers(1)]))).toMatchObject({
      state: 'healthy',
      remarks: ['1 falseticker: 10.0.9.1 (offset 3500 ms).'],
    });
  });

  it('is adrift where its sources agree that its clock is', () => {
    const behind = THREE.map((each) => ({ ...each, offsetMs: (each.offsetMs ?? 0) + 3500 }));
    expect(judge(rs(behind))).toMatchObject({
      state: 'adrift',
      sentence: 'offset 3501 ms is over the limit of 50 ms: the clock is behind its reference.',
    });
  });

  it('has a bound that all its silence grows, and the poll that may be about to be asked, as its own root dispersion does not', () => {
    const silent = THREE.map((each) => ({ ...each, pollSeconds: 256, unansweredPolls: 2 }));
    expect(judge(rs(silent)).measures.errorBoundMs).toBe(2.25 + (15 * 3 * 256) / 1000);
  });

  it('tells its offset from the time service', () => {
    expect(
      judge(rs([...THREE, rowOfNtpdRs('169.254.169.123', { offsetMs: 0.5, unansweredPolls: 7 })])).measures
        .timeServiceOffsetMs,
    ).toBe(0.5);
    expect(judge(rs([...THREE, forgotten('169.254.169.123')])).measures.timeServiceOffsetMs).toBeNull();
  });

  it('says that a source is not heard after eight polls', () => {
    expect(judge(rs([...THREE, forgotten('10.0.4.5')]))).toMatchObject({
      state: 'degraded',
      sentence: 'source 10.0.4.5 heard 0 of its last 8 polls.',
      missesSource: true,
      measures: { reachRatio: null, reachableSources: 3 },
    });
  });

  it('shows its pod where its clock stands by the offset of the sources that agree', () => {
    const { evidence } = clockJudge(context())({ host: host('i-0c'), collected: rs(THREE), status: 'Success' });
    expect(evidence.clock).toEqual({ offsetMs: 1, rootDistanceMs: 2.21, growthPpm: 15 });
  });

  it('misses no source that answered one of its last eight polls, or that it cannot reach', () => {
    const late = rowOfNtpdRs('10.0.4.5', { unansweredPolls: 7 });
    expect(judge(rs([...THREE, late])).missesSource).toBeUndefined();
    const [ofOneFamily] = judgeAll(
      [
        {
          host: host('i-0c', { ipv4: '10.0.0.9', ipv6: [] }),
          collected: rs([...THREE, forgotten('fd00:ec2::123')]),
          status: 'Success',
        },
      ],
      context(),
    );
    expect([ofOneFamily?.state, ofOneFamily?.missesSource]).toEqual(['healthy', undefined]);
  });

  it('is told with a daemon beside it by its name', () => {
    expect(judge({ ...rs(THREE), otherDaemons: ['openntpd', 'chrony'] })).toMatchObject({
      state: 'degraded',
      sentence: '3 time daemons are active (1 wanted): ntpd-rs 1.4.0, OpenNTPD and chrony.',
    });
  });

  function falsetickers(count: number): Source[] {
    return Array.from({ length: count }, (_, n) => rowOfNtpdRs(`10.0.9.${n + 1}`, { offsetMs: 3500 * (n + 1) ** 2 }));
  }
});

describe('a host of systemd-timesyncd', () => {
  const peer = source('169.254.169.123', {
    tally: '*',
    refid: null,
    stratum: 3,
    reach: null,
    offsetMs: 2,
    whenSeconds: 100,
  });
  const timesyncd = (given: Partial<Source> = {}) =>
    collected({
      daemon: { kind: 'systemd-timesyncd', version: '252' },
      configNames: [],
      configAddresses: [],
      configRevision: null,
      sources: [{ ...peer, ...given }],
      system: { offsetMs: 2 },
    });
  const unserved = { expectedRevision: () => null };

  it('is judged by its one server, unmanaged, and never confident', () => {
    const { state, sentence, confident, confidence, remarks, unmanaged, stale } = judge(
      timesyncd(),
      'Success',
      unserved,
    );
    expect({ state, sentence, confident, confidence, remarks, unmanaged, stale }).toEqual({
      state: 'healthy',
      sentence: 'offset 2 ms (limit 50 ms), error bound 3.25 ms (limit 200 ms), usable sources not known.',
      confident: false,
      confidence:
        'not confident: systemd-timesyncd 252 keeps no reach register of the AWS time service (169.254.169.123); 0 usable sources (at least 2 wanted).',
      remarks: ["polls no server of podtime's: counted, never touched."],
      unmanaged: true,
      stale: null,
    });
  });

  it('tells its offset from the time service while that is fresh', () => {
    expect(judge(timesyncd()).measures.timeServiceOffsetMs).toBe(2);
    expect(judge(timesyncd({ whenSeconds: 901 })).measures.timeServiceOffsetMs).toBeNull();
  });

  it('is in holdover when its server has been silent for long', () => {
    expect(judge(timesyncd({ whenSeconds: 5000, pollSeconds: 2048 }), 'Success', unserved)).toMatchObject({
      state: 'holdover',
      sentence: expect.stringMatching(/^heard nobody for 83 min \(silent\); bound 3.25 ms grows by 15 ppm/),
    });
  });

  it('serves nobody, which a boundary server is to do', () => {
    const [judgement] = judgeAll(
      [{ host: host('i-0b', { tier: 'boundary' }), collected: timesyncd(), status: 'Success' }],
      context(unserved),
    );
    expect(judgement).toMatchObject({
      state: 'no-daemon',
      sentence: 'systemd-timesyncd 252 serves nobody: no time server runs on this boundary server.',
      cause: 'they run systemd-timesyncd, which serves nobody',
    });
  });
});

describe('hosts that podtime does not read', () => {
  it.each([
    ['openntpd' as const, 'OpenNTPD'],
    ['busybox-ntpd' as const, 'busybox ntpd'],
  ])('%s is called by its name, and nothing is known of its clock', (kind, name) => {
    const answer = collected({ daemon: { kind, version: null }, sources: [], system: null });
    expect(judge(answer)).toMatchObject({
      state: 'unknown',
      sentence: `runs ${name}, which podtime does not read: nothing is known of its clock.`,
      cause: `they run ${name}, which podtime does not read`,
      unmanaged: false,
      stale: null,
      measures: { ageSeconds: 3600 },
    });
  });

  it('a Windows host is called so, and not a host without an answer', () => {
    expect(judge(null, 'InvalidPlatform')).toMatchObject({
      state: 'unknown',
      sentence: 'a Windows host, by SSM (InvalidPlatform): podtime reads Linux hosts alone.',
      cause: 'they are Windows hosts, by SSM (InvalidPlatform)',
    });
  });
});
