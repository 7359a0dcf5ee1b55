import { describe, expect, it } from '@jest/globals';
import type { JudgeContext } from '../../src/diagnosis/judge.ts';
import type { Judgement } from '../../src/diagnosis/judgement.ts';
import { milliseconds, millisecondsBeside } from '../../src/diagnosis/milliseconds.ts';
import { NOT_AS_IT_CAME } from '../../src/fleet/printable.ts';
import type { Fault, SystemState } from '../../src/ntp/source.ts';
import { collected, judge, POD, rowOfNtpdRs, source } from '../builders/sightings.ts';

const LIMITS = POD.thresholds;
const TIME_SERVICE = '169.254.169.123';
const peer = (given: Parameters<typeof source>[1] = {}) => source('10.0.1.5', { tally: '*', ...given });
const other = source('10.0.2.5');
const FAILED: Fault = { line: 7, field: null, text: 'ntpq: read: Connection refused', reason: 'the query tool failed' };
const LOST: Fault = { line: 9, field: null, text: '+10', reason: 'not a row' };

describe('a measure that is exactly its limit', () => {
  const zero = { rootDelayMs: 0, rootDispersionMs: 0 };
  it.each<[string, Parameters<typeof collected>[0]]>([
    ['the offset', { system: { ...zero, offsetMs: LIMITS.offsetMs } }],
    ['the offset, ahead', { system: { ...zero, offsetMs: -LIMITS.offsetMs } }],
    ['the error bound', { system: { offsetMs: 0, rootDelayMs: 0, rootDispersionMs: LIMITS.errorBoundMs } }],
    [
      'the offset from the time service',
      { sources: [peer(), other, source(TIME_SERVICE, { offsetMs: LIMITS.timeServiceOffsetMs })] },
    ],
  ])('%s is not over it', (_, given) => {
    expect(judge(collected(given))).toMatchObject({ state: 'healthy', confident: true });
  });
});

describe('a leap second', () => {
  it.each(['add', 'delete'] as const)('%s: is announced', (leap) => {
    const { leapAnnounced, remarks } = judge(collected({ system: { leap } }));
    expect(leapAnnounced).toBe(leap);
    expect(remarks).toEqual([`a leap second is announced: one second to ${leap}.`]);
  });

  it.each(['none', 'alarm', null] as const)('%s: is not', (leap) => {
    const { leapAnnounced, remarks } = judge(collected({ system: { leap } }));
    expect(leapAnnounced).toBe(false);
    expect(remarks.join()).not.toContain('a leap second');
  });
});

describe('a query tool that failed', () => {
  const nothing: Partial<SystemState> = { leap: null, stratum: null, offsetMs: null };

  it('is a daemon that does not answer, when nothing at all was told', () => {
    const answers = [collected({ system: nothing, sources: [], faults: [FAILED] })];
    answers.push(collected({ system: null, sources: [], faults: [LOST, FAILED] }));
    for (const answer of answers)
      expect(judge(answer)).toMatchObject({
        state: 'no-daemon',
        sentence: 'ntpsec 1.2.2 is there, but does not answer: ntpq: read: Connection refused.',
      });
  });

  it.each<[string, Parameters<typeof collected>[0]]>([
    ['a leap indicator', { system: { ...nothing, leap: 'none' }, sources: [] }],
    ['a stratum', { system: { ...nothing, stratum: 3 }, sources: [] }],
    ['an offset', { system: { ...nothing, offsetMs: 1 }, sources: [] }],
    ['a source', { system: null, sources: [peer()] }],
    ['a cut', { system: null, sources: [], truncated: true }],
  ])('is not, beside %s', (_, given) => {
    expect(judge(collected({ ...given, faults: [FAILED] })).state).not.toBe('no-daemon');
  });

  it('is not what another fault is', () => {
    expect(judge(collected({ system: null, sources: [], faults: [LOST] })).state).toBe('unknown');
  });
});

describe('what is not known', () => {
  it('of lost lines is told as that, not as a cut', () => {
    expect(judge(collected({ system: { leap: null }, sources: [], faults: [LOST] })).sentence).toBe(
      'ntpsec 1.2.2 runs, but the answer tells neither its leap indicator nor a system peer: lines of the output could not be read.',
    );
  });

  it('of what its query tool could not get is told in the words of the tool', () => {
    const REFUSED = { ...FAILED, text: '***Server disallowed request. ..' };
    expect(judge(collected({ system: { leap: null }, sources: [], faults: [REFUSED] })).sentence).toBe(
      'ntpsec 1.2.2 runs, but the answer tells neither its leap indicator nor a system peer: ***Server disallowed request.',
    );
  });

  it('is no measure: without a system peer in sight there is no delay', () => {
    expect(judge(collected({ sources: [other], faults: [LOST] })).measures.delayMs).toBeNull();
  });

  it.each(['offsetMs', 'rootDispersionMs', 'rootDelayMs'])('of an error bound is one of its parts: %s', (part) => {
    expect(judge(collected({ system: { [part]: null } })).measures.errorBoundMs).toBeNull();
  });

  it('of a file is no remark when podtime does not know what it would serve', () => {
    const given = { expectedRevision: () => null };
    expect(judge(collected({ configRevision: null }), 'Success', given).remarks).toEqual([]);
    expect(judge(collected(), 'Success', given)).toMatchObject({ state: 'healthy', remarks: [] });
  });

  it('of its own look-ups counts for a host on the very file that is served to it', () => {
    const asked: unknown[] = [];
    const ownLookupSeconds: JudgeContext['ownLookupSeconds'] = (host, daemon, version) => {
      asked.push([host.instanceId, daemon, version]);
      return 896;
    };
    const [answer, old] = [collected(), collected({ configRevision: 'fedcba9876543210' })];
    const judged = judge(answer, 'Success', { ownLookupSeconds });
    expect(judged.ownLookupSeconds).toBe(896);
    expect(asked).toEqual([[judged.host.instanceId, answer.daemon?.kind, answer.daemon?.version]]);
    expect([
      judge(old, 'Success', { ownLookupSeconds }).ownLookupSeconds,
      judge(answer, 'Success', { ownLookupSeconds, expectedRevision: () => null }).ownLookupSeconds,
      judge(collected({ configRevision: null }), 'Success', { ownLookupSeconds, expectedRevision: () => null })
        .ownLookupSeconds,
      judge(answer, 'Success', { ownLookupSeconds: () => null }).ownLookupSeconds,
      judge(answer).ownLookupSeconds,
      judge(null, 'Success', { ownLookupSeconds }).ownLookupSeconds,
    ]).toEqual([undefined, undefined, undefined, undefined, undefined, undefined]);
    expect(Object.keys(judge(answer))).not.toContain('ownLookupSeconds');
  });

  it('of what it printed is counted without hostile text, which has a remark of its own', () => {
    const hostile: Fault = { line: 2, field: 'found', text: '?', reason: NOT_AS_IT_CAME };
    const bad: Fault = { line: 14, field: 'delayMs', text: 'x', reason: 'not a decimal number' };
    expect(judge(collected({ faults: [hostile, bad] })).remarks).toEqual([
      `${NOT_AS_IT_CAME}.`,
      '1 fault in what it printed, the first at line 14, delayMs: not a decimal number.',
    ]);
  });
});

describe('several of one kind', () => {
  it('that are silent stand in one sentence', () => {
    const silent = (remote: string) => source(remote, { tally: ' ', reach: 0 });
    const { state, sentence } = judge(collected({ sources: [peer(), other, silent('10.0.3.5'), silent('10.0.4.5')] }));
    expect(state).toBe('degraded');
    expect(sentence).toBe('source 10.0.3.5 heard 0 of its last 8 polls; source 10.0.4.5 heard 0 of its last 8 polls.');
  });

  it('that are heard in part stand in one remark', () => {
    expect(judge(collected({ sources: [peer({ reach: 0o17 }), source('10.0.2.5', { reach: 0o7 })] })).remarks).toEqual([
      'source 10.0.1.5 heard 4 of its last 8 polls; source 10.0.2.5 heard 3 of its last 8 polls.',
    ]);
  });

  it.each([
    [['time.example'], 'time.example has not resolved.'],
    [['time.example', 'clock.example'], 'clock.example and time.example have not resolved.'],
  ])('that have not resolved: %j', (names, sentence) => {
    const rows = names.map((name) => source(name, { tally: ' ', refid: '.DNS.', reach: 0, stratum: 16 }));
    const answer = collected({ sources: [peer(), other, ...rows], configNames: names });
    expect(judge(answer)).toMatchObject({ state: 'degraded', sentence });
  });

  it('that have not resolved, of which one may fail for another reason, are told with that', () => {
    const rows = [
      source('clock.example', { tally: ' ', refid: '.DNS.', reach: 0, stratum: 16 }),
      source('time.example', { tally: ' ', refid: '.STEP.', reach: 0, stratum: 16 }),
    ];
    const answer = collected({ sources: [peer(), other, ...rows], configNames: ['clock.example', 'time.example'] });
    expect(judge(answer)).toMatchObject({
      state: 'degraded',
      sentence:
        'clock.example and time.example have not resolved, or NTS fails there: once it has stepped its clock ntpsec does not tell which.',
    });
  });
});

describe('what is normal of a young daemon', () => {
  const old = (remote: string, whenSeconds: number) => source(remote, { whenSeconds });
  const ofNtpdRs = ['10.0.1.5', '10.0.2.5', '10.0.3.5'].map((remote, at) =>
    rowOfNtpdRs(remote, { unansweredPolls: at }),
  );
  it.each<[string, Parameters<typeof collected>[0], settled: Partial<Judgement>]>([
    [
      'that it follows nobody',
      { system: { stratum: 16 } },
      {
        state: 'unsynchronised',
        sentence: 'stratum 16: ntpsec 1.2.2 says that it follows nobody (1 to 15 wanted).',
        remarks: [],
      },
    ],
    [
      'a row of before it started',
      { sources: [peer(), other, old('10.0.3.5', 5000), old('10.0.4.5', 4000)] },
      {
        state: 'degraded',
        sentence:
          'source 10.0.3.5 last heard 5000 s ago (limit 900 s); source 10.0.4.5 last heard 4000 s ago (limit 900 s).',
        remarks: [],
      },
    ],
    [
      'a poll without an answer',
      {
        daemon: { kind: 'ntpd-rs', version: '1.4.0' },
        sources: ofNtpdRs,
        system: { offsetMs: null, refid: null, jitterMs: null, frequencyPpm: null },
      },
      {
        state: 'healthy',
        remarks: ['source 10.0.2.5 left its last 1 poll unanswered; source 10.0.3.5 left its last 2 polls unanswered.'],
      },
    ],
  ])('is told once it has settled, and not before: %s', (_, given, settled) => {
    expect(judge(collected(given))).toMatchObject(settled);
    expect(judge(collected({ ...given, ageSeconds: 20 }))).toMatchObject({
      state: 'starting',
      findings: ['starting'],
      remarks: [],
    });
  });
});

describe('milliseconds', () => {
  it.each([
    [0, '0 ms'],
    [-0, '0 ms'],
    [-0.0000001, '0 ms'],
    [152.34, '152.3 ms'],
    [1e12, '1000000000000 ms'],
  ])('%d is shown as %s', (value, shown) => expect(milliseconds(value)).toBe(shown));

  it.each([
    [100.00001, 100, '100.00001 ms'],
    [-100.00001, 100, '-100.00001 ms'],
    [123.456, 100, '123.5 ms'],
    [100, 100, '100 ms'],
  ])('%d beside a limit of %d is shown as %s', (value, limit, shown) => {
    expect(millisecondsBeside(value, limit)).toBe(shown);
  });
});
