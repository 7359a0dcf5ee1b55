import { GetObjectCommand, HeadObjectCommand, ListObjectVersionsCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type Manifest, sha256Of } from '../../src/history/manifest.ts';
import { LOCKED, type LockedHistory, lockedHistory, threeLockedDays } from '../builders/locked-history.ts';

let history: LockedHistory;
afterEach(() => history.close());

async function manifestsThere(): Promise<string[]> {
  const asked = { Bucket: LOCKED, Prefix: 'history/manifests/' };
  const { Versions = [] } = await history.s3.send(new ListObjectVersionsCommand(asked));
  return Versions.map(({ Key = '' }) => Key.replace('history/manifests/pod=blue/day=', '').replace('.json', ''));
}

async function bytesOf(day: string): Promise<Uint8Array> {
  const Key = `history/manifests/pod=blue/day=${day}.json`;
  const { Body } = await history.s3.send(new GetObjectCommand({ Bucket: LOCKED, Key }));
  return (await Body?.transformToByteArray()) ?? new Uint8Array();
}

const manifestOf = async (day: string) => JSON.parse(Buffer.from(await bytesOf(day)).toString()) as Manifest;

describe('what lies under a lock', () => {
  it('is put with its SHA-256, which S3 holds it to', async () => {
    history = await lockedHistory();
    const Key = await history.tick(-1, 9);
    await history.tend(0);
    const puts = history.exchanges.filter(({ operation }) => operation === 'PutObject');
    // tick, hour, day and manifest
    expect(puts).toHaveLength(4);
    for (const { request } of puts) expect(request.headers['x-amz-checksum-sha256']).toMatch(/^.{43}=$/);
    const head = await history.s3.send(new HeadObjectCommand({ Bucket: LOCKED, Key, ChecksumMode: 'ENABLED' }));
    expect(head).toMatchObject({ ObjectLockMode: 'GOVERNANCE', ChecksumSHA256: expect.any(String) });
  });
});

describe('the manifest of a day', () => {
  it('names each version of the day with its SHA-256, and the manifest before', async () => {
    history = await threeLockedDays();
    const [first, second] = [await manifestOf(history.day(-3)), await manifestOf(history.day(-2))];
    expect(first.before).toBeNull();
    expect(first).toMatchObject({
      schema: 1,
      pod: 'blue',
      day: history.day(-3),
      lock: { mode: 'governance', days: 30 },
    });
    expect(first.objects.map(({ key }) => key.split('/').at(-1))).toEqual([
      '09.parquet',
      '21.parquet',
      '090000Z-tick.parquet',
      '210000Z-tick.parquet',
    ]);
    for (const { key, version, bytes, sha256 } of first.objects) {
      const { Body } = await history.s3.send(new GetObjectCommand({ Bucket: LOCKED, Key: key, VersionId: version }));
      const body = (await Body?.transformToByteArray()) ?? new Uint8Array();
      expect([key, body.byteLength, sha256Of(body)]).toEqual([key, bytes, sha256]);
    }
    expect(second.before).toMatchObject({ day: history.day(-3), sha256: sha256Of(await bytesOf(history.day(-3))) });
  });

  it('reads no object for that: S3 tells what it reckoned', async () => {
    history = await lockedHistory();
    await history.tick(-1, 9);
    await history.tend(0);
    const reads = history.exchanges.filter(({ operation }) => operation === 'GetObject');
    // what is folded is read, once
    expect(reads.map(({ request }) => request.path.slice(-20))).toEqual([
      '090000Z-tick.parquet',
      `${history.day(-1).slice(1)}/09.parquet`,
    ]);
  });

  it('is written once, and its digest told at each run', async () => {
    history = await threeLockedDays();
    const days = [-3, -2, -1].map(history.day);
    expect(await manifestsThere()).toEqual(days);
    const sha256 = sha256Of(await bytesOf(history.day(-1)));
    for (let run = 0; run < 2; run += 1) {
      const { manifests, sentences } = await history.tend(0);
      expect(manifests).toEqual([expect.objectContaining({ pod: 'blue', day: history.day(-1), sha256 })]);
      expect(sentences).toEqual(['0 hours put in the order of hosts, 0 days into hours.']);
    }
    expect(await manifestsThere()).toEqual(days);
  });

  it('is made up for, day by day, also of a day without a tick', async () => {
    history = await lockedHistory();
    await history.tick(-4, 9);
    await history.tick(-2, 9);
    const { sentences } = await history.tend(0);
    expect(await manifestsThere()).toEqual([-4, -3, -2, -1].map(history.day));
    expect((await manifestOf(history.day(-3))).objects).toEqual([]);
    expect(sentences.filter((each) => each.startsWith('The manifest of pod blue for'))).toHaveLength(4);
  });

  it('waits until the hours of the day are put in order, for a day', async () => {
    history = await lockedHistory();
    const key = await history.tick(-2, 9);
    history.endpoint.faults.next('PutObject', 'AccessDenied');
    expect((await history.tend(-1)).manifests).toBeUndefined();
    expect(await manifestsThere()).toEqual([]);
    // an hour that could not be folded by then is none in the manifest either
    await history.tend(0);
    expect((await manifestOf(history.day(-2))).objects.map((each) => each.key)).toEqual([key]);
  });

  it('goes by the first version of the one before, whatever was put over it', async () => {
    history = await lockedHistory();
    await history.tick(-2, 9);
    await history.tend(-1);
    const sha256 = sha256Of(await bytesOf(history.day(-2)));
    const Key = `history/manifests/pod=blue/day=${history.day(-2)}.json`;
    await history.s3.send(new PutObjectCommand({ Bucket: LOCKED, Key, Body: '{}' }));
    await history.tend(0);
    expect((await manifestOf(history.day(-1))).before).toMatchObject({ sha256 });
  });

  it('that could not be written is told, and fails the run once it is a day late', async () => {
    history = await lockedHistory();
    await history.tick(-2, 9);
    const refuse = () => history.endpoint.faults.next('HeadObject', 'AccessDenied');
    refuse();
    const { sentences } = await history.tend(-1);
    expect(sentences[1]).toMatch(/^Pod blue: asking for the SHA-256 of history\/hours\/.*\/09\.parquet: /);
    refuse();
    await expect(history.tend(0)).rejects.toThrow('Pod blue: asking for the SHA-256 of history/hours/');
    await history.tend(0);
    expect(await manifestsThere()).toEqual([-2, -1].map(history.day));
  });
});

it('leaves pods without a lock alone', async () => {
  history = await lockedHistory();
  history.pod.history = { days: 30, lock: null };
  await history.tick(-1, 9);
  expect(await history.tend(0)).toEqual({
    sentences: ['1 hour put in the order of hosts, 1 day into hours.'],
    folded: 1,
    days: 1,
  });
  expect(await manifestsThere()).toEqual([]);
});
