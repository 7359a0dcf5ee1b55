import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { refusalOf } from '../src/testing/index.ts';
import { type BucketBench, startBuckets } from './buckets.ts';

let bench: BucketBench;
beforeEach(async () => {
  bench = await startBuckets();
});
afterEach(() => bench.close());

const Bucket = 'versions';
const remove = (Key: string, VersionId?: string, bucket = Bucket) =>
  bench.s3.send(new DeleteObjectCommand({ Bucket: bucket, Key, VersionId }));
const statusOf = async (bucket: string) =>
  (await bench.s3.send(new GetBucketVersioningCommand({ Bucket: bucket }))).Status;
const setStatus = (bucket: string, Status: 'Enabled' | 'Suspended') =>
  bench.s3.send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status } }));

describe('a bucket with versions', () => {
  it('keeps what was overwritten, under its version id', async () => {
    const first = await bench.put(Bucket, 'k', 'one');
    const second = await bench.put(Bucket, 'k', 'two');
    expect([first, second]).toEqual([expect.stringMatching(/^[\w.]{32}$/), expect.stringMatching(/^[\w.]{32}$/)]);
    expect([await bench.text(Bucket, 'k'), await bench.text(Bucket, 'k', first)]).toEqual(['two', 'one']);
    const head = await bench.s3.send(new HeadObjectCommand({ Bucket, Key: 'k', VersionId: first }));
    expect([head.VersionId, head.ContentLength]).toEqual([first, 3]);
    expect((await bench.s3.send(new GetObjectCommand({ Bucket, Key: 'k' }))).VersionId).toBe(second);
    expect(await bench.versionRows(Bucket)).toEqual([`k ${second} *`, `k ${first}`]);
  });

  it('hides what is deleted behind a marker, and shows it again when the marker is gone', async () => {
    const heard: string[] = [];
    bench.endpoint.on((event) => event.kind === 'object deleted' && heard.push(event.key));
    const first = await bench.put(Bucket, 'k');
    const deleted = await remove('k');
    expect(deleted).toMatchObject({ DeleteMarker: true, VersionId: expect.stringMatching(/^[\w.]{32}$/) });
    expect([heard, bench.endpoint.object(Bucket, 'k')]).toEqual([['k'], null]);
    expect(await bench.versionRows(Bucket)).toEqual([`k ${first}`, `k ${deleted.VersionId} * deleted`]);
    expect((await bench.s3.send(new ListObjectsV2Command({ Bucket }))).KeyCount).toBe(0);

    const failure = await bench.s3.send(new GetObjectCommand({ Bucket, Key: 'k' })).catch((error) => error);
    expect([failure.name, failure.$response.headers['x-amz-delete-marker']]).toEqual(['NoSuchKey', 'true']);
    const named = await bench.s3
      .send(new GetObjectCommand({ Bucket, Key: 'k', VersionId: deleted.VersionId }))
      .catch((error) => error);
    expect([named.name, named.$metadata.httpStatusCode, named.$response.headers.allow]).toEqual([
      'MethodNotAllowed',
      405,
      'DELETE',
    ]);

    expect(await remove('k', deleted.VersionId)).toMatchObject({ DeleteMarker: true, VersionId: deleted.VersionId });
    expect(await bench.text(Bucket, 'k')).toBe('k');
  });

  it('takes a put with If-None-Match * where a marker stands, and none with If-Match', async () => {
    await bench.put(Bucket, 'k');
    await remove('k');
    const conditional = (conditions: object) =>
      bench.s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'new', ...conditions }));
    expect(await refusalOf(conditional({ IfMatch: '*' }))).toMatchObject({ name: 'NoSuchKey', status: 404 });
    await conditional({ IfNoneMatch: '*' });
    expect(await refusalOf(conditional({ IfNoneMatch: '*' }))).toMatchObject({ name: 'PreconditionFailed' });
  });

  it('deletes a version that is named for good, and a key that never was by a marker', async () => {
    const first = await bench.put(Bucket, 'k');
    const second = await bench.put(Bucket, 'k');
    await remove('k', second);
    await remove('k', second);
    expect(await bench.versionRows(Bucket)).toEqual([`k ${first} *`]);
    const { VersionId } = await remove('never');
    expect(await bench.versionRows(Bucket)).toEqual([`k ${first} *`, `never ${VersionId} * deleted`]);
  });

  it('knows no version that it did not give', async () => {
    const id = await bench.put(Bucket, 'k');
    const get = (Key: string, VersionId?: string) =>
      refusalOf(bench.s3.send(new GetObjectCommand({ Bucket, Key, VersionId })));
    expect(await get('other', id)).toMatchObject({ name: 'NoSuchVersion', status: 404 });
    expect(await get('k', 'x')).toMatchObject({ name: 'InvalidArgument', message: 'Invalid version id specified' });
    expect(await get('k', 'null')).toMatchObject({ name: 'NoSuchVersion' });
  });

  it('lists versions by key and newest first, page after page, rolled up by a delimiter', async () => {
    for (const key of ['b/1', 'a', 'b/2', 'a', 'c']) await bench.put(Bucket, key);
    const whole = await bench.versionRows(Bucket);
    expect(whole.map((row) => row.replace(/ [\w.]{32}/, ''))).toEqual(['a *', 'a', 'b/1 *', 'b/2 *', 'c *']);
    const paged: string[] = [];
    const next: { KeyMarker?: string; VersionIdMarker?: string } = {};
    for (;;) {
      const page = await bench.s3.send(
        new ListObjectVersionsCommand({ Bucket, MaxKeys: 1, Delimiter: '/', EncodingType: 'url', ...next }),
      );
      paged.push(...(page.Versions ?? []).map(({ Key, VersionId }) => `${Key} ${VersionId}`));
      paged.push(...(page.CommonPrefixes ?? []).map(({ Prefix }) => `${Prefix}`));
      if (!page.IsTruncated) break;
      [next.KeyMarker, next.VersionIdMarker] = [page.NextKeyMarker, page.NextVersionIdMarker];
    }
    const plain = whole.map((row) => row.replace(' *', ''));
    expect(paged).toEqual([plain[0], plain[1], 'b/', plain[4]]);
    const below = await bench.s3.send(new ListObjectVersionsCommand({ Bucket, Prefix: 'b/', KeyMarker: 'b/1' }));
    expect(below.Versions?.map(({ Key }) => Key)).toEqual(['b/2']);
    const alone = refusalOf(bench.s3.send(new ListObjectVersionsCommand({ Bucket, VersionIdMarker: 'x' })));
    expect(await alone).toMatchObject({ name: 'InvalidArgument', status: 400 });
  });

  it('deletes many at once, and tells of each', async () => {
    const id = await bench.put(Bucket, 'k');
    const Objects = [{ Key: 'k', VersionId: id }, { Key: 'other' }];
    const { Deleted, Errors } = await bench.s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    expect(Deleted).toEqual([
      { Key: 'k', VersionId: id },
      { Key: 'other', DeleteMarker: true, DeleteMarkerVersionId: expect.any(String) },
    ]);
    expect(Errors).toBeUndefined();
    const quiet = await bench.s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }));
    expect(quiet.Deleted).toBeUndefined();
    const many = Array.from({ length: 1001 }, (_, at) => ({ Key: `k${at}` }));
    const refused = refusalOf(bench.s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: many } })));
    expect(await refused).toMatchObject({ name: 'MalformedXML', status: 400 });
  });
});

describe('the versioning of a bucket', () => {
  it('is what its template says, and may be set', async () => {
    expect(await Promise.all(['plain', 'versions', 'locked'].map(statusOf))).toEqual([undefined, 'Enabled', 'Enabled']);
    await setStatus('plain', 'Enabled');
    expect(await statusOf('plain')).toBe('Enabled');
    const wrong = refusalOf(setStatus('plain', 'Off' as 'Enabled'));
    expect(await wrong).toMatchObject({ name: 'MalformedXML', status: 400 });
    expect(await refusalOf(setStatus('locked', 'Suspended'))).toMatchObject({
      name: 'InvalidBucketState',
      status: 409,
    });
  });

  it('gives what was there before, and what is put while it is suspended, the id null', async () => {
    expect(await bench.put('plain', 'k', 'before')).toBeUndefined();
    expect(await bench.versionRows('plain')).toEqual(['k null *']);
    await setStatus('plain', 'Enabled');
    const kept = await bench.put('plain', 'k', 'kept');
    expect(await bench.text('plain', 'k', 'null')).toBe('before');
    await setStatus('plain', 'Suspended');
    expect(await bench.put('plain', 'k', 'now')).toBe('null');
    expect(await bench.versionRows('plain')).toEqual(['k null *', `k ${kept}`]);
    expect(await remove('k', undefined, 'plain')).toMatchObject({ DeleteMarker: true, VersionId: 'null' });
    expect(await bench.versionRows('plain')).toEqual([`k ${kept}`, 'k null * deleted']);
  });
});
