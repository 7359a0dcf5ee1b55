import {
  GetBucketLocationCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compareKeys } from '../src/s3/keys.ts';
import { listPage } from '../src/s3/listing.ts';
import { refusalOf } from '../src/testing/index.ts';
import { type BucketBench, startBuckets } from './buckets.ts';

let bench: BucketBench;
const KEYS = ['a/1', 'a/2', 'a/b/1', 'b', 'c d+é.txt', 'test_file(3).png', 'z/', '\uffee', '\u{1f600}'];
beforeAll(async () => {
  bench = await startBuckets();
  for (const key of KEYS.toReversed()) await bench.put('plain', key);
});
afterAll(() => bench.close());

const list = async (input: Partial<ListObjectsV2CommandInput> = {}) => {
  const page = await bench.s3.send(new ListObjectsV2Command({ Bucket: 'plain', ...input }));
  return {
    ...page,
    keys: page.Contents?.map(({ Key }) => Key) ?? [],
    prefixes: page.CommonPrefixes?.map(({ Prefix }) => Prefix) ?? [],
  };
};

describe('ListObjectsV2', () => {
  it("tells every key in the order of UTF-8's bytes, with what there is to tell of it", async () => {
    const page = await list();
    expect(page.keys).toEqual(KEYS);
    expect(page).toMatchObject({ Name: 'plain', Prefix: '', MaxKeys: 1000, KeyCount: KEYS.length, IsTruncated: false });
    expect(page.NextContinuationToken).toBeUndefined();
    expect(page.Contents?.[0]).toEqual({
      Key: 'a/1',
      LastModified: expect.any(Date),
      ETag: expect.stringMatching(/^"[0-9a-f]{32}"$/),
      Size: 3,
      StorageClass: 'STANDARD',
      ChecksumAlgorithm: ['CRC32'],
      ChecksumType: 'FULL_OBJECT',
    });
    expect((await list({ FetchOwner: true })).Contents?.[0]?.Owner?.ID).toMatch(/^[0-9a-f]{64}$/);
  });

  it('rolls up what shares its name up to the delimiter; both kinds count', async () => {
    const top = await list({ Delimiter: '/' });
    expect([top.keys, top.prefixes, top.KeyCount]).toEqual([
      ['b', 'c d+é.txt', 'test_file(3).png', '\uffee', '\u{1f600}'],
      ['a/', 'z/'],
      7,
    ]);
    const below = await list({ Delimiter: '/', Prefix: 'a/' });
    expect([below.keys, below.prefixes]).toEqual([['a/1', 'a/2'], ['a/b/']]);
    const folder = await list({ Delimiter: '/', Prefix: 'z/' });
    expect([folder.keys, folder.prefixes]).toEqual([['z/'], []]);
    expect((await list({ Prefix: 'nothing/' })).KeyCount).toBe(0);
  });

  it('goes on by its token, also behind a common prefix, and begins after a key', async () => {
    const [keys, prefixes]: [unknown[], unknown[]] = [[], []];
    let token: string | undefined;
    let pages = 0;
    do {
      const page = await list({ MaxKeys: 1, Delimiter: '/', ContinuationToken: token, StartAfter: 'a' });
      expect([page.KeyCount, page.MaxKeys, page.ContinuationToken]).toEqual([1, 1, token]);
      keys.push(...page.keys);
      prefixes.push(...page.prefixes);
      token = page.NextContinuationToken;
      pages += 1;
    } while (token !== undefined);
    expect([keys.length, prefixes, pages]).toEqual([5, ['a/', 'z/'], 7]);
    expect((await list({ StartAfter: 'b' })).keys[0]).toBe('c d+é.txt');
    expect(await refusalOf(list({ ContinuationToken: 'x' }))).toEqual({
      name: 'InvalidArgument',
      message: 'The continuation token provided is incorrect',
      status: 400,
    });
  });

  it('takes 1,000 for any more, nothing for 0, and no number below', async () => {
    expect((await list({ MaxKeys: 5000 })).MaxKeys).toBe(1000);
    expect(await list({ MaxKeys: 0 })).toMatchObject({ KeyCount: 0, IsTruncated: false, keys: [] });
    expect(await refusalOf(list({ MaxKeys: -1 }))).toMatchObject({ name: 'InvalidArgument', status: 400 });
  });

  it('encodes names when asked', async () => {
    const page = await list({ EncodingType: 'url', Prefix: 'c d', Delimiter: '+' });
    expect(page).toMatchObject({ EncodingType: 'url', Prefix: 'c+d', Delimiter: '%2B', prefixes: ['c+d%2B'] });
    const encoded = (await list({ EncodingType: 'url' })).keys;
    expect(encoded).toEqual(expect.arrayContaining(['test_file%283%29.png', 'a/b/1', 'c+d%2B%C3%A9.txt']));
  });

  it('is NoSuchBucket of a bucket that is not there', async () => {
    expect(await refusalOf(list({ Bucket: 'other' }))).toMatchObject({ name: 'NoSuchBucket', status: 404 });
  });
});

describe('buckets', () => {
  it('are listed by name, page by page where that is asked', async () => {
    const all = await bench.s3.send(new ListBucketsCommand({}));
    expect(all.Buckets?.map(({ Name }) => Name)).toEqual(['lockable', 'locked', 'plain', 'versions']);
    expect(all.Buckets?.[0]?.CreationDate).toBeInstanceOf(Date);
    const first = await bench.s3.send(new ListBucketsCommand({ MaxBuckets: 3 }));
    const ContinuationToken = first.ContinuationToken;
    const second = await bench.s3.send(new ListBucketsCommand({ MaxBuckets: 3, ContinuationToken }));
    expect([first.Buckets?.length, second.Buckets?.map(({ Name }) => Name), second.ContinuationToken]).toEqual([
      3,
      ['versions'],
      undefined,
    ]);
    expect((await bench.s3.send(new ListBucketsCommand({ Prefix: 'lock' }))).Buckets?.length).toBe(2);
  });

  it('tell where they are', async () => {
    const { BucketRegion } = await bench.s3.send(new HeadBucketCommand({ Bucket: 'plain' }));
    const { LocationConstraint } = await bench.s3.send(new GetBucketLocationCommand({ Bucket: 'plain' }));
    expect([BucketRegion, LocationConstraint]).toEqual(['us-west-2', 'us-west-2']);
    const missing = refusalOf(bench.s3.send(new HeadBucketCommand({ Bucket: 'other' })));
    expect(await missing).toMatchObject({ name: 'NotFound', status: 404 });
  });

  it('answer a call that the endpoint lacks with those it has', async () => {
    const refusal = await refusalOf(bench.s3.send(new ListObjectsCommand({ Bucket: 'plain' })));
    expect(refusal).toMatchObject({ name: 'NotImplemented', status: 501 });
    expect(refusal.message).toMatch(
      /^The local endpoint has no operation ListObjects of S3\. Did you mean ListObjectsV2\? It has DeleteObject, /,
    );
  });
});

describe('properties of lists', () => {
  const key = fc.array(fc.constantFrom('a', 'b', '/', '0', '\uffee', '\u{1f600}'), { minLength: 1, maxLength: 6 });
  const keys = fc.uniqueArray(
    key.map((letters) => letters.join('')),
    { maxLength: 40 },
  );
  const text = fc.constantFrom('', 'a', '/', 'a/', 'ab', '\u{1f600}');

  it('keys stand in the order of their bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
        const bytes = Buffer.compare(Buffer.from(a), Buffer.from(b));
        expect(Math.sign(compareKeys(a, b))).toBe(bytes);
      }),
    );
  });

  it('pages of any size put together are the whole, each entry once', () => {
    fc.assert(
      fc.property(keys, text, text, fc.integer({ min: 1, max: 5 }), (given, prefix, delimiter, maxKeys) => {
        const sorted = given.toSorted(compareKeys);
        const expected = sorted
          .filter((one) => one.startsWith(prefix))
          .map((one) => {
            const end = delimiter === '' ? -1 : one.indexOf(delimiter, prefix.length);
            return end < 0 ? one : `${one.slice(0, end + delimiter.length)}*`;
          });
        const found: string[] = [];
        let from = { key: '', isCommonPrefix: false };
        for (;;) {
          const { key: after, isCommonPrefix } = from;
          const page = listPage(sorted, { prefix, delimiter, maxKeys }, from, (one) =>
            one === after && !isCommonPrefix ? [] : [one],
          );
          for (const entry of page.entries) {
            found.push(entry.commonPrefix === null ? entry.key : `${entry.commonPrefix}*`);
            from = { key: entry.commonPrefix ?? entry.key, isCommonPrefix: entry.commonPrefix !== null };
          }
          if (!page.isTruncated) break;
          expect(page.entries.length).toBe(maxKeys);
        }
        expect(found).toEqual([...new Set(expected)]);
      }),
    );
  });
});
