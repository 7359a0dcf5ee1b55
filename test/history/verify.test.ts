import { DeleteObjectCommand, GetObjectCommand, ListObjectVersionsCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterEach, describe, expect, it } from '@jest/globals';
import { DAY_MS } from '../../src/history/keys.ts';
import { verdictJson, verdictSentences } from '../../src/history/verdict.ts';
import { LOCK_DAYS, LOCKED, type LockedHistory, lockedHistory, threeLockedDays } from '../builders/locked-history.ts';

let history: LockedHistory;
afterEach(() => history.close());

const tickOf = (offset: number) => `history/ticks/pod=blue/day=${history.day(offset)}/090000Z-tick.parquet`;
const manifestOf = (offset: number) => `history/manifests/pod=blue/day=${history.day(offset)}.json`;

const put = (Key: string, Body: string | Uint8Array) =>
  history.s3.send(new PutObjectCommand({ Bucket: LOCKED, Key, Body }));
const hide = (Key: string) => history.s3.send(new DeleteObjectCommand({ Bucket: LOCKED, Key }));

async function versionsOf(Key: string): Promise<string[]> {
  const { Versions = [] } = await history.s3.send(new ListObjectVersionsCommand({ Bucket: LOCKED, Prefix: Key }));
  return Versions.map(({ VersionId = '' }) => VersionId);
}

/** As who may bypass governance. */
async function destroy(Key: string) {
  for (const VersionId of await versionsOf(Key)) {
    const asked = { Bucket: LOCKED, Key, VersionId, BypassGovernanceRetention: true };
    await history.s3.send(new DeleteObjectCommand(asked));
  }
}

async function bytesOf(Key: string): Promise<string> {
  const { Body } = await history.s3.send(new GetObjectCommand({ Bucket: LOCKED, Key }));
  return (await Body?.transformToString()) ?? '';
}

const VERSION = '\\(version [\\w.]{32}\\)';
const AT = '\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d UTC';

/** What does not hold, as day, kind and sentence. */
async function findings(asked?: Parameters<LockedHistory['verify']>[0]) {
  const verdict = await history.verify(asked);
  return verdict.findings.map(({ day, kind, sentence }) => [day, kind, sentence]);
}

describe('a history that nobody touched', () => {
  it('holds, and says how it is locked and what the last digest is', async () => {
    history = await threeLockedDays('compliance');
    const verdict = await history.verify();
    expect(verdict.findings).toEqual([]);
    expect(verdict).toMatchObject({
      ...{ from: history.day(-3), to: history.day(-1), days: 3, named: 12, read: 15, expired: 0 },
      locked: { compliance: 15, governance: 0, none: 0 },
    });
    const sentences = verdictSentences(verdict);
    expect(sentences[1]).toMatch(
      new RegExp(`^Locked: 15 by compliance; the first until ${AT}, the last until ${AT}\\.$`),
    );
    expect(sentences[2]).toContain('No digest from elsewhere was given');
    expect(sentences.at(-1)).toBe(
      'All holds: nothing of these days is missing, changed, written over, hidden or added.',
    );
    const digests = new Map([[history.day(-1), verdict.last?.sha256 ?? '']]);
    expect(await history.verify({ digests })).toMatchObject({ findings: [], anchor: history.day(-1) });
    expect(await history.verify({ from: history.day(-2), to: history.day(-2) })).toMatchObject({
      findings: [],
      days: 1,
    });
  });

  it('cannot be deleted under compliance, by nobody, nor under governance without the right to', async () => {
    history = await threeLockedDays('compliance');
    const [VersionId] = await versionsOf(tickOf(-2));
    const asked = { Bucket: LOCKED, Key: tickOf(-2), VersionId, BypassGovernanceRetention: true };
    await expect(history.s3.send(new DeleteObjectCommand(asked))).rejects.toMatchObject({ name: 'AccessDenied' });
    expect(await findings()).toEqual([]);
  });

  it('may expire once its lock is over', async () => {
    history = await threeLockedDays();
    await destroy(tickOf(-3));
    const to = history.day(-1);
    const overMs = Date.parse(history.day(-3)) + LOCK_DAYS * DAY_MS;
    const expired = await history.verify({ nowMs: overMs, to });
    expect(expired).toMatchObject({ findings: [], days: 3, expired: 1 });
    expect(verdictSentences(expired)[0]).toContain('; 1 object more had expired, their lock being over.');
    expect(await history.verify({ nowMs: overMs - 1, to })).toMatchObject({
      findings: [{ kind: 'missing' }],
      expired: 0,
    });
    await destroy(manifestOf(-3));
    expect(await history.verify({ nowMs: overMs + DAY_MS, to })).toMatchObject({ findings: [], days: 2 });
  });
});

describe('what somebody did shows', () => {
  const cases: [what: string, done: () => Promise<unknown>, told: () => [number, string, string][]][] = [
    [
      'an object written over',
      () => put(tickOf(-2), 'better rows'),
      () => [[-2, 'written over', `${tickOf(-2)} was written over on ${AT} ${VERSION}, with other bytes\\.`]],
    ],
    [
      'an object hidden',
      () => hide(tickOf(-2)),
      () => [[-2, 'hidden', `${tickOf(-2)} is hidden by a delete marker of ${AT}\\.`]],
    ],
    [
      'an object destroyed',
      () => destroy(tickOf(-2)),
      () => [[-2, 'missing', `${tickOf(-2)} is missing: version [\\w.]{32} \\(\\d+ bytes\\) is gone\\.`]],
    ],
    [
      'an object destroyed and put anew',
      async () => {
        await destroy(tickOf(-2));
        await put(tickOf(-2), 'better rows');
      },
      () => [
        [-2, 'missing', `${tickOf(-2)} is missing: .*`],
        [-2, 'written over', `${tickOf(-2)} was written over on ${AT} ${VERSION}, with other bytes\\.`],
      ],
    ],
    [
      'an object added',
      () => put(tickOf(-2).replace('tick.', 'another.'), 'more rows'),
      () => [[-2, 'extra', `.*-another\\.parquet is in no manifest: it was put on ${AT} ${VERSION}\\.`]],
    ],
    [
      'a manifest put over another',
      async () => put(manifestOf(-2), (await bytesOf(manifestOf(-2))).replace('"bytes":', '"bytes":1')),
      () => [[-2, 'written over', `its manifest has another version, put on ${AT} ${VERSION}\\.`]],
    ],
    [
      'a manifest replaced by another',
      async () => {
        const body = (await bytesOf(manifestOf(-2))).replace(/"writtenAt":"[^"]*"/, '"writtenAt":""');
        await destroy(manifestOf(-2));
        await put(manifestOf(-2), body);
      },
      () => [[-2, 'changed', `its manifest has SHA-256 \\w{64}; the manifest of ${history.day(-1)} names \\w{64}\\.`]],
    ],
    [
      'a day cut out',
      async () => {
        for (const Key of [tickOf(-2), tickOf(-2).replace('09', '21'), manifestOf(-2)]) await destroy(Key);
      },
      () => [
        [
          -2,
          'manifest',
          `its manifest is missing: nothing is proven of this day\\. The manifest of ${history.day(-1)} names it, version [\\w.]{32}\\.`,
        ],
      ],
    ],
    [
      'the beginning cut off',
      () => destroy(manifestOf(-3)),
      () => [[-3, 'manifest', 'its manifest is missing: nothing is proven of this day\\. .*']],
    ],
  ];

  it.each(cases)('%s', async (_, done, told) => {
    history = await threeLockedDays();
    await done();
    expect(await findings()).toEqual(
      told().map(([offset, kind, sentence]) => [
        history.day(offset),
        kind,
        expect.stringMatching(new RegExp(`^${sentence}$`)),
      ]),
    );
  });

  it('also where the last manifest was made anew, by its digest from elsewhere alone', async () => {
    history = await threeLockedDays();
    const { last } = await history.verify();
    await destroy(tickOf(-1));
    await destroy(manifestOf(-1));
    await history.tend(0);
    expect(await findings()).toEqual([]);
    expect(await findings({ digests: new Map([[history.day(-1), last?.sha256 ?? '']]) })).toEqual([
      [history.day(-1), 'digest', expect.stringContaining(`the digest that was given is ${last?.sha256}.`)],
    ]);
  });

  it('that there is no manifest at all', async () => {
    history = await lockedHistory();
    await history.tick(-1, 9);
    expect(await findings()).toEqual([
      [
        history.day(0),
        'manifest',
        'pod blue has no manifest: the first comes within an hour of the end of its first day.',
      ],
    ]);
  });

  it('that manifests stopped', async () => {
    history = await threeLockedDays();
    expect(await findings({ nowMs: Date.parse(history.day(2)) })).toEqual([
      [history.day(0), 'manifest', expect.stringContaining('there is no manifest of this day or later')],
    ]);
  });

  it('in a bounded list', async () => {
    history = await threeLockedDays();
    for (let n = 0; n < 25; n += 1) await put(tickOf(-2).replace('tick.', `${n}.`), 'more');
    const verdict = await history.verify();
    const sentences = verdictSentences(verdict);
    expect(sentences.filter((each) => each.includes('is in no manifest'))).toHaveLength(20);
    expect(sentences).toContain('Likewise (extra): 5 more.');
    expect(sentences.at(-1)).toBe('It does not hold: 25 findings.');
    expect(verdictJson(verdict)).toMatchObject({ holds: false, findingsLeftOut: 0 });
  });
});
