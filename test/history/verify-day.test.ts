import { describe, expect, it } from '@jest/globals';
import { DAY_MS } from '../../src/history/keys.ts';
import type { Manifest } from '../../src/history/manifest.ts';
import { readManifest } from '../../src/history/manifest.ts';
import type { LockSeen } from '../../src/history/verdict.ts';
import { verifyDay } from '../../src/history/verify-day.ts';

const DAY = '2026-11-24';
const KEY = `history/ticks/pod=blue/day=${DAY}/140007Z-tick.parquet`;
const [SHA, OTHER] = ['a'.repeat(64), 'b'.repeat(64)];
const UNTIL_MS = Date.parse(DAY) + 31 * DAY_MS;

const MANIFEST: Manifest = {
  schema: 1,
  pod: 'blue',
  day: DAY,
  writtenAt: '2026-11-25T00:30:00.000Z',
  lock: { mode: 'compliance', days: 30 },
  before: null,
  objects: [{ key: KEY, version: 'v1', bytes: 100, sha256: SHA }],
};

interface Read {
  sha256: string;
  bytes: number;
  lock: LockSeen['lock'];
}

const GOOD: Read = { sha256: SHA, bytes: 100, lock: { mode: 'compliance', untilMs: UNTIL_MS } };

/** What is found where S3 answers so of the one object there is. */
async function found(read: Read | Error): Promise<string[]> {
  const version = { key: KEY, version: 'v1', bytes: 100, isDeleteMarker: false, modifiedMs: Date.parse(DAY) };
  const versions = {
    list: async (prefix: string) => (KEY.startsWith(prefix) ? [version] : []),
    read: async () => {
      if (read instanceof Error) throw read;
      return read;
    },
    readWhole: () => Promise.reject(new Error('no manifest is read')),
  };
  const { findings } = await verifyDay(versions, MANIFEST, Date.parse('2026-11-26'));
  return findings.map(({ kind, sentence }) => `${kind}: ${sentence}`);
}

describe('an object of a day', () => {
  it.each<[string, Read | Error, string[]]>([
    ['as its manifest says', GOOD, []],
    [
      'of other bytes',
      { ...GOOD, sha256: OTHER },
      [
        `changed: ${KEY} was changed: it has SHA-256 ${OTHER} of 100 bytes, its manifest has SHA-256 ${SHA} of 100 bytes.`,
      ],
    ],
    [
      'that shows no lock',
      { ...GOOD, lock: null },
      [
        `unlocked: of 1 object 1 without a lock that shows (there is none, or s3:GetObjectRetention is missing), the first of them ${KEY}.`,
      ],
    ],
    [
      'locked by less than the manifest says',
      { ...GOOD, lock: { mode: 'governance', untilMs: UNTIL_MS } },
      [
        `unlocked: of 1 object 1 locked by governance alone, where the manifest says compliance, the first of them ${KEY}.`,
      ],
    ],
    [
      'locked for less time',
      { ...GOOD, lock: { mode: 'compliance', untilMs: UNTIL_MS - 2 * DAY_MS } },
      [`unlocked: of 1 object 1 locked for less than the 30 days that the manifest says, the first of them ${KEY}.`],
    ],
    [
      'that cannot be read',
      new Error('reading it: SlowDown'),
      [`unread: ${KEY} could not be read: reading it: SlowDown.`],
    ],
  ])('%s', async (_, read, told) => {
    expect(await found(read)).toEqual(told);
  });
});

describe('a manifest that is none', () => {
  const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  it.each<[string, Uint8Array, string]>([
    ['no JSON', new TextEncoder().encode('{"schema":'), 'is no JSON'],
    ['null', bytes(null), 'has schema undefined; this podtime reads 1'],
    ['of a newer podtime', bytes({ ...MANIFEST, schema: 2 }), 'has schema 2; this podtime reads 1'],
    [
      'without objects',
      bytes({ ...MANIFEST, objects: null }),
      'lacks what a manifest has: pod, day, lock, before and objects',
    ],
    [
      'with a digest that is none',
      bytes({ ...MANIFEST, objects: [{ ...MANIFEST.objects[0], sha256: 'a' }] }),
      'lacks what a manifest has: pod, day, lock, before and objects',
    ],
  ])('%s', (_, given, why) => {
    expect(readManifest(given)).toBe(why);
    expect(readManifest(bytes(MANIFEST))).toEqual(MANIFEST);
  });
});
