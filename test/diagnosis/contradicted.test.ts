import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type ClockJudgement, clockJudge, judgeAll, judgeFollowing } from '../../src/diagnosis/judge.ts';
import type { Judgement, Sighting } from '../../src/diagnosis/judgement.ts';
import { podClocksOf } from '../../src/diagnosis/pod-clocks.ts';
import {
  client,
  judged,
  onto,
  POD_CONTEXT,
  servers,
  serving,
  THREE,
  UPSTREAMS,
  upstreamRow,
} from '../builders/contradicted-pod.ts';
import { expectEqual } from '../builders/expectations.ts';
import { runs } from '../builders/property-runs.ts';
import { collected, context, host, POD, record, source } from '../builders/sightings.ts';
import { addressOf, exactRow, LETTERS, rowsSeen, SERVERS, type Standing, standings } from '../builders/witnessing.ts';

describe('a boundary server that its clients see apart from the others', () => {
  it('is contradicted, with the number and the limit, and not confident whatever it says of itself', () => {
    const clients = Array.from({ length: 12 }, (_, number) => client(number, 8.1));
    const { state, findings, sentence, cause, confident, confidence, remarks } = judged(
      [...servers(), ...clients],
      'i-0c',
    );
    const text =
      "12 of 12 clients see it 8.1 ms ahead of where their other sources agree (limit 5 ms; so while each host's majority is honest).";
    expect({ state, findings, sentence, cause, confident, confidence, remarks }).toEqual({
      state: 'contradicted',
      findings: ['contradicted'],
      sentence: text,
      cause: 'clients see them ahead of or behind where their other sources agree, by more than 5 ms',
      confident: false,
      confidence: `not confident: ${text}`,
      remarks: [],
    });
  });

  it('and the honest servers beside it stay as they were', () => {
    const clients = [1, 2, 3].map((number) => client(number, 12));
    const judgements = judgeAll([...servers(), ...clients], POD_CONTEXT);
    expect(judgements.slice(0, 3).map(({ state, confident }) => [state, confident])).toEqual([
      ['healthy', true],
      ['healthy', true],
      ['contradicted', false],
    ]);
  });

  it('is unwitnessed by two, and by half of many', () => {
    const { state, remarks, confident, accused } = judged([...servers(), client(1, -9), client(2, -9)], 'i-0c');
    expect({ state, remarks, confident, accused }).toEqual({
      state: 'healthy',
      confident: true,
      accused: true,
      remarks: [
        "unwitnessed: contradicted by 2 of the 3 witnesses wanted; 2 of 2 clients see it 9 ms behind where their other sources agree (limit 5 ms; so while each host's majority is honest).",
      ],
    });
    const six = [client(1, 9), client(2, 9), client(3, 9), client(4, 0), client(5, 0), client(6, 0)];
    const half = judged([...servers(), ...six], 'i-0c');
    expect([half.state, half.remarks, half.confident]).toEqual(['healthy', [], true]);
  });

  it('is told of, and not contradicted, where less than a quarter of those that hear it accuse it', () => {
    // systemd-timesyncd asks one server
    const timesyncd = (number: number) =>
      client(number, 0, {
        daemon: { kind: 'systemd-timesyncd', version: '252' },
        sources: [exactRow(addressOf('c'), 0, { tally: '*', reach: null })],
      });
    const starting = (number: number) => client(number, 9, { ageSeconds: 60 });
    const cut = (number: number) => client(number, 9, { truncated: true });
    // one whose sources disagree knows nothing of it
    const torn = (number: number) =>
      client(number, 0, {
        sources: ['a', 'b', 'c'].map((letter, place) =>
          exactRow(addressOf(letter), place * 30, { tally: place === 0 ? '*' : '+' }),
        ),
      });
    const seeing = [1, 2, 3].map((number) => client(number, 9));
    const NINE = [4, 5, 6, 7, 8, 9, 10, 11, 12];
    const ofThem = (others: Sighting[]) => {
      const { state, sentence, remarks, accused } = judged([...servers(), ...seeing, ...others], 'i-0c');
      return { state, sentence: state === 'contradicted' ? sentence : '', remarks, accused };
    };
    const text =
      "3 of 3 clients see it 9 ms ahead of where their other sources agree (limit 5 ms; so while each host's majority is honest)";
    for (const uncomparing of [timesyncd, starting, cut, torn]) {
      expect(ofThem(NINE.map(uncomparing))).toEqual({
        state: 'contradicted',
        sentence: `${text}; 9 more hear it and cannot compare it.`,
        remarks: [],
        accused: undefined,
      });
      expect(ofThem([...NINE, 13].map(uncomparing))).toEqual({
        state: 'healthy',
        sentence: '',
        remarks: [
          `unwitnessed: contradicted by 3 of the 4 witnesses wanted (a quarter of the 13 that hear it); ${text}; 10 more hear it and cannot compare it.`,
        ],
        accused: undefined,
      });
    }
  });

  it('is not contradicted by three, be they all that compare it, where as many see it stand with the others that they hear', () => {
    const few = (number: number) =>
      client(number, 0, { sources: [exactRow(addressOf('a'), 0, { tally: '*' }), exactRow(addressOf('c'), 0)] });
    const inventing = [1, 2, 3].map((number) => client(number, 9));
    const ofThem = (honest: Sighting[]) => {
      const { state, remarks, accused } = judged([...servers(), ...inventing, ...honest], 'i-0c');
      return { state, remarks, accused };
    };
    expect(ofThem([4, 5, 6].map(few))).toEqual({
      state: 'healthy',
      remarks: [
        "unwitnessed: contradicted by 3 of the 4 witnesses wanted (most of the 6 that see it beside others); 3 of 3 clients see it 9 ms ahead of where their other sources agree (limit 5 ms; so while each host's majority is honest); 3 more hear it and cannot compare it.",
      ],
      accused: undefined,
    });
    expect(ofThem([4, 5].map(few))).toMatchObject({ state: 'contradicted', remarks: [] });
  });

  it('is acquitted by three that compare it, and by no fewer, whoever accuses it', () => {
    const acquitted = (offsMs: number[]) =>
      judged([...servers(), ...offsMs.map((offMs, index) => client(index, offMs))], 'i-0c').acquitted ?? false;
    expect([[], [0, 0], [9, 9], [0, 0, 0], [9, 9, 0, 0], [9, 9, 0], [9, 9, 9]].map(acquitted)).toEqual([
      false,
      false,
      false,
      true,
      true,
      false,
      false,
    ]);
  });

  it('is contradicted by clients that are adrift themselves, and not by those whose clock is still being set', () => {
    const adrift = [1, 2, 3].map((number) => client(number, 8, { system: { offsetMs: 900 } }));
    expect(judged([...servers(), ...adrift], 'i-0c').state).toBe('contradicted');
    const starting = [1, 2, 3].map((number) => client(number, 8, { ageSeconds: 60 }));
    expect(judged([...servers(), ...starting], 'i-0c').state).toBe('healthy');
  });

  it('keeps a state that comes before, and makes a remark of one that comes after', () => {
    const clients = [1, 2, 3].map((number) => client(number, 8));
    const text =
      "3 of 3 clients see it 8 ms ahead of where their other sources agree (limit 5 ms; so while each host's majority is honest).";
    const unset = serving({ system: { leap: 'alarm' } });
    const before = judged([...servers({ 'i-0c': unset }), ...clients], 'i-0c');
    expect([before.state, before.findings, before.remarks.at(-1)]).toEqual([
      'unsynchronised',
      ['unsynchronised', 'contradicted'],
      text,
    ]);
    const off = serving({ system: { offsetMs: 60.5 } });
    const after = judged([...servers({ 'i-0c': off }), ...clients], 'i-0c');
    expect([after.state, after.findings, after.remarks, after.confidence]).toEqual([
      'contradicted',
      ['contradicted', 'adrift'],
      ['offset 60.5 ms is over the limit of 50 ms: the clock is behind its reference.'],
      `not confident: offset 60.5 ms (limit 50 ms); ${text}`,
    ]);
  });

  it('is named in the sentence of a silent one, which stays unknown', () => {
    const silence = judged(servers({ 'i-0c': null }), 'i-0c');
    const clients = [1, 2, 3, 4].map((number) => client(number, 80));
    const { state, findings, sentence, cause, remarks } = judged([...servers({ 'i-0c': null }), ...clients], 'i-0c');
    expect({ state, findings, sentence, cause, remarks }).toEqual({
      state: 'unknown',
      findings: ['unknown', 'contradicted'],
      sentence: `${silence.sentence.replace(/\.$/, '')}; 4 of 4 clients see it 80 ms ahead of where their other sources agree (limit 5 ms; so while each host's majority is honest).`,
      cause: `${silence.cause}; clients see them ahead of or behind where their other sources agree, by more than 5 ms`,
      remarks: silence.remarks,
    });
  });

  it('is named beside a daemon that podtime does not read', () => {
    const unread = collected({ daemon: { kind: 'openntpd', version: '7.3' } });
    const clients = [1, 2, 3].map((number) => client(number, 80));
    expect(judged([...servers({ 'i-0c': unread }), ...clients], 'i-0c').sentence).toBe(
      "runs OpenNTPD 7.3, which podtime does not read: nothing is known of its clock; 3 of 3 clients see it 80 ms ahead of where their other sources agree (limit 5 ms; so while each host's majority is honest).",
    );
  });

  it('is no server to cycle a client for', () => {
    const names = { configNames: ['ntp.az-c.pod'] };
    const other = (offMs: number): Sighting => ({
      host: host('i-1f'),
      status: 'Success',
      collected: collected({
        ...names,
        sources: [exactRow(addressOf('a'), 0, { tally: '*' }), exactRow(addressOf('b'), offMs)],
      }),
    });
    const clients = (offMs: number) => [1, 2, 3].map((number) => client(number, offMs));
    expect(judged([...servers(), ...clients(0), other(0)], 'i-1f').unjoinedNames).toEqual(['ntp.az-c.pod']);
    expect(judged([...servers(), ...clients(8), other(0)], 'i-1f').unjoinedNames).toEqual([]);
  });

  it('a witness whose sources disagree says so', () => {
    const torn = client(1, 0, {
      sources: [
        exactRow(addressOf('a'), 0, { tally: '*' }),
        exactRow(addressOf('b'), 30),
        exactRow(addressOf('c'), 60),
      ],
    });
    const { state, remarks } = judged([...servers(), torn], 'i-11');
    expect([state, remarks]).toEqual([
      'healthy',
      ['its sources disagree: no more than 1 of 3 clocks stand within 5 ms of each other (2 wanted).'],
    ]);
  });
});

describe('servers that follow one clock', () => {
  const seen = (offsetsMs: number[], timeServiceMs: number | null = null): Sighting[] =>
    [1, 2, 3, 4, 5].map((number) =>
      client(number, 0, {
        sources: [
          ...offsetsMs.map((offMs, index) =>
            exactRow(addressOf(LETTERS[index] ?? ''), offMs, { tally: index === 0 ? '*' : '+' }),
          ),
          ...(timeServiceMs === null ? [] : [exactRow('169.254.169.123', timeServiceMs)]),
        ],
      }),
    );
  const states = (sightings: Sighting[]) =>
    judgeAll(sightings, POD_CONTEXT)
      .slice(0, 3)
      .map(({ state }) => state);
  const WELL = ['healthy', 'healthy', 'healthy'];
  const [first, , third] = UPSTREAMS;
  const onTimeService = collected({
    sources: [exactRow('169.254.169.123', 0, { tally: '*' }), upstreamRow('192.0.2.2', 0), upstreamRow('192.0.2.3', 0)],
  });

  it('a lying upstream of two does not convict the one that follows another', () => {
    const lied = servers({ 'i-0a': onto(first), 'i-0b': onto(first), 'i-0c': onto(third) });
    expect(states([...lied, ...seen([8, 8, 0])])).toEqual(WELL);
  });

  it('the time service and two that follow it do not convict a third', () => {
    const lied = servers({ 'i-0b': onTimeService, 'i-0c': onTimeService });
    expect(states([...lied, ...seen([0, 8, 8], 8)])).toEqual(WELL);
  });

  it('all of one system peer differ by faults of their own: the one apart is contradicted', () => {
    const onOne = servers({ 'i-0a': onto(first), 'i-0b': onto(first), 'i-0c': onto(first) });
    expect(states([...onOne, ...seen([0, 0, 8])])).toEqual(['healthy', 'healthy', 'contradicted']);
  });

  it('one that stands apart from another of the same clock, and from a third, is contradicted', () => {
    const shared = servers({ 'i-0a': onto(first), 'i-0c': onto(first) });
    expect(states([...shared, ...seen([0, 0, 80])])).toEqual(['healthy', 'healthy', 'contradicted']);
  });

  it('one that nobody knows whom it follows gives no vote, and may be apart', () => {
    const quiet = servers({ 'i-0c': null });
    const [, , silent] = judgeAll([...quiet, ...seen([0, 0, 80])], POD_CONTEXT) as Judgement[];
    expect(silent?.findings).toContain('contradicted');
    expect(states([...quiet, ...seen([0, 8, 8])])).toEqual(['healthy', 'healthy', 'unknown']);
  });
});

describe('votes left', () => {
  const votes = (sightings: Sighting[], id: string) => {
    const { liesLeft, lossesLeft } = judged(sightings, id).votes;
    return { liesLeft, lossesLeft };
  };
  const [first, second, third] = UPSTREAMS as [string, string, string];

  it('of a boundary server are by its upstreams', () => {
    expect(votes(servers(), 'i-0a')).toEqual({ liesLeft: 1, lossesLeft: 1 });
    const two = serving({ sources: [upstreamRow(first, 0), upstreamRow(second, 0)] });
    expect(votes(servers({ 'i-0a': two }), 'i-0a')).toEqual({ liesLeft: 0, lossesLeft: 0 });
  });

  it('of a client are by what its boundary servers follow', () => {
    expect(votes([...servers(), client(1, 0)], 'i-11')).toEqual({ liesLeft: 1, lossesLeft: 1 });
    const onOne = servers({ 'i-0a': onto(third), 'i-0b': onto(third), 'i-0c': onto(third) });
    expect(votes([...onOne, client(1, 0)], 'i-11')).toEqual({ liesLeft: 0, lossesLeft: 0 });
    const unheard = servers({ 'i-0c': null });
    expect(votes([...unheard, client(1, 0)], 'i-11')).toEqual({ liesLeft: 0, lossesLeft: 0 });
  });

  it('are not known where rows are missing, or nothing was heard', () => {
    expect(votes([...servers(), client(1, 0, { truncated: true })], 'i-11')).toEqual({
      liesLeft: null,
      lossesLeft: null,
    });
    expect(votes([{ ...client(1, 0), collected: null }], 'i-11')).toEqual({ liesLeft: null, lossesLeft: null });
  });
});

describe('the clocks of a pod together', () => {
  const together = (sightings: Sighting[], given: Partial<Parameters<typeof podClocksOf>[2]> = {}) =>
    podClocksOf(sightings.map(clockJudge(POD_CONTEXT)), POD.thresholds, {
      hosts: THREE,
      expected: sightings.length,
      tookSeconds: 0,
      ...given,
    });

  it('have a skew over those that are set and known, also in holdover', () => {
    const ahead = serving({ system: { offsetMs: -3, rootDelayMs: 2, rootDispersionMs: 1 } });
    const behind = serving({ system: { offsetMs: 4, rootDelayMs: 2, rootDispersionMs: 1 } });
    const unset = serving({ system: { leap: 'alarm' } });
    const pod = servers({ 'i-0a': ahead, 'i-0b': behind, 'i-0c': unset });
    // -3 - 2 to 4 + 2
    expect(together(pod).skew).toEqual({ skewMs: 11, hosts: 2, of: 3 });
    // 15 ppm of 40 s on either side
    expect(together(pod, { expected: 5, tookSeconds: 40 }).skew).toEqual({ skewMs: 12.2, hosts: 2, of: 5 });
    const silent = serving({
      sources: UPSTREAMS.map((address) => ({ ...upstreamRow(address, 0), whenSeconds: 4000, reach: 0 })),
      system: { offsetMs: 4, rootDelayMs: 2, rootDispersionMs: 61 },
    });
    expect(together(servers({ 'i-0a': ahead, 'i-0b': silent, 'i-0c': null })).skew).toEqual({
      skewMs: 124,
      hosts: 2,
      of: 3,
    });
    expect(together([]).skew).toBeNull();
  });

  it('raise an upstream, or the time service, that two boundary servers see apart', () => {
    const lying = (offMs: number) =>
      serving({
        sources: [
          upstreamRow('192.0.2.1', 0),
          upstreamRow('192.0.2.2', 0),
          upstreamRow('192.0.2.3', offMs),
          exactRow('169.254.169.123', -offMs),
        ],
      });
    expect(together(servers({ 'i-0a': lying(30), 'i-0b': lying(30), 'i-0c': null })).contradicted).toEqual([]);
    const more = (offMs: number) => {
      const answer = lying(offMs);
      return { ...answer, sources: [...answer.sources, exactRow('192.0.2.4', 0, { stratum: 1, refid: '.GPS.' })] };
    };
    expect(together(servers({ 'i-0a': more(30), 'i-0b': more(31), 'i-0c': null })).contradicted).toEqual([
      {
        clock: '192.0.2.3',
        sentence:
          "2 of 2 boundary servers see 192.0.2.3 30 ms ahead of where their other sources agree (limit 5 ms; so while each host's majority is honest).",
      },
      {
        clock: 'the AWS time service',
        sentence:
          "2 of 2 boundary servers see the AWS time service 31 ms behind where their other sources agree (limit 5 ms; so while each host's majority is honest).",
      },
    ]);
    expect(together(servers({ 'i-0a': more(30), 'i-0b': null, 'i-0c': null })).contradicted).toEqual([]);
    expect(together(servers({ 'i-0a': more(30), 'i-0b': more(0), 'i-0c': null })).contradicted).toEqual([]);
  });

  it('no reference clock of two hosts is one clock', () => {
    const own = serving({
      sources: [...UPSTREAMS.map((address) => upstreamRow(address, 0)), source('PHC0', { offsetMs: 70, type: 'l' })],
    });
    expect(together(servers({ 'i-0a': own, 'i-0b': own })).contradicted).toEqual([]);
  });

  it('say which boundary servers too few clients compare with others', () => {
    expect(together([...servers(), client(1, 0), client(2, 0)]).unwitnessed).toEqual(['i-0a', 'i-0b', 'i-0c']);
    const partly = client(3, 0, {
      sources: [exactRow(addressOf('a'), 0), exactRow('169.254.169.123', 0), exactRow(addressOf('c'), 0)],
    });
    expect(together([...servers(), client(1, 0), client(2, 0), partly]).unwitnessed).toEqual(['i-0b']);
    expect(together([...servers(), client(1, 0), client(2, 0), client(3, 0)]).unwitnessed).toEqual([]);
  });
});

describe('whatever servers and witnesses lie', () => {
  const FIVE = context({ hosts: SERVERS, records: LETTERS.map((letter) => record(letter, addressOf(letter))) });

  const trial = standings.chain((standing) =>
    fc.integer({ min: 1, max: 7 }).chain((honest) =>
      fc.record({
        standing: fc.constant(standing),
        honest: fc.array(rowsSeen(standing), { minLength: honest, maxLength: honest }),
        // of the liars each shows the servers wherever it likes
        lying: fc.array(
          fc
            .array(fc.integer({ min: -2000, max: 2000 }), { minLength: 5, maxLength: 5 })
            .map((stands) => stands.map((each): Standing => ({ isHonest: false, stands: each })))
            .chain(rowsSeen),
          { maxLength: honest - 1 },
        ),
      }),
    ),
  );

  it('fewer liars than honest ones take no honest server’s confidence, in whatever order all are judged', () => {
    fc.assert(
      fc.property(trial, ({ standing, honest, lying }) => {
        const hosts = [...lying, ...honest].map(
          (sources, index): Sighting => ({
            host: host(`i-1${index}`),
            status: 'Success',
            collected: collected({ sources }),
          }),
        );
        const pod = [
          ...SERVERS.map((of): Sighting => ({ host: of, status: 'Success', collected: serving() })),
          ...hosts,
        ];
        const judgements = judgeAll(pod, FIVE);
        for (const [index, { isHonest }] of standing.entries()) {
          const { state, confident } = judgements[index] as Judgement;
          if (isHonest) expectEqual([state, confident], ['healthy', true]);
        }
        expectEqual(judgeAll([...pod].reverse(), FIVE).reverse(), judgements);
      }),
      runs(200),
    );
  });
});

describe('a host’s answer is kept small', () => {
  it('of ten thousand with the same sources what they say is kept once', () => {
    const judge = clockJudge(POD_CONTEXT);
    const [a, b] = [client(1, 0), client(2, 0)].map(judge) as [ClockJudgement, ClockJudgement];
    const clocksOf = ({ evidence: { heard } }: ClockJudgement) => heard[0]?.names;
    expect(clocksOf(a)).toEqual(['i-0a', 'i-0b', 'i-0c']);
    expect(a.evidence.heard).toBe(b.evidence.heard);
    expect(a.evidence.ballot).toBe(b.evidence.ballot);
    expect(a.polling).toBe(b.polling);
    const [first, second] = judgeFollowing([a, b], POD_CONTEXT);
    expect(first?.votes).toBe(second?.votes);
    expect(first?.measures).toBe(a.measures);
  });

  it('of one that hears a clock apart its own rows are kept', () => {
    const judge = clockJudge(POD_CONTEXT);
    const [a, b] = [client(1, 8), client(2, 9)].map(judge) as [ClockJudgement, ClockJudgement];
    expect(a.evidence.heard).not.toBe(b.evidence.heard);
    expect(a.evidence.heard[0]?.intervals).not.toEqual(b.evidence.heard[0]?.intervals);
  });
});
