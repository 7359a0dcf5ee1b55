import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  GetObjectLockConfigurationCommand,
  GetObjectRetentionCommand,
  HeadObjectCommand,
  type ObjectLockRetention,
  PutObjectCommand,
  type PutObjectCommandInput,
  PutObjectRetentionCommand,
} from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readStack } from '../src/stack.ts';
import { refusalOf } from '../src/testing/index.ts';
import { type BucketBench, startBuckets } from './buckets.ts';

let bench: BucketBench;
beforeEach(async () => {
  bench = await startBuckets();
});
afterEach(() => bench.close());

const DAY_MS = 86_400_000;
const inDays = (days: number) => new Date(bench.clock.wallMs() + days * DAY_MS);
const lock = async (mode: 'GOVERNANCE' | 'COMPLIANCE', days: number, more: Partial<PutObjectCommandInput> = {}) => {
  const own = { ObjectLockMode: mode, ObjectLockRetainUntilDate: inDays(days) };
  const input = { Bucket: 'lockable', Key: 'k', Body: 'kept', ...own, ...more };
  return (await bench.s3.send(new PutObjectCommand(input))).VersionId;
};
const remove = (VersionId?: string, more: object = {}) =>
  bench.s3.send(new DeleteObjectCommand({ Bucket: 'lockable', Key: 'k', VersionId, ...more }));
const retain = (Retention: ObjectLockRetention, more: object = {}) =>
  bench.s3.send(new PutObjectRetentionCommand({ Bucket: 'lockable', Key: 'k', Retention, ...more }));
const LOCKED = { name: 'AccessDenied', message: 'Access Denied because object protected by object lock.', status: 403 };
const BYPASS = { BypassGovernanceRetention: true };

describe('a locked version', () => {
  it('in COMPLIANCE is deleted by nobody until its date, and then by anybody', async () => {
    const id = await lock('COMPLIANCE', 10);
    expect(await refusalOf(remove(id))).toEqual(LOCKED);
    expect(await refusalOf(remove(id, BYPASS))).toEqual(LOCKED);
    await bench.clock.advance(10 * DAY_MS - 1000);
    expect(await refusalOf(remove(id))).toEqual(LOCKED);
    await bench.clock.advance(2000);
    await remove(id);
    expect(await bench.versionRows('lockable')).toEqual([]);
  });

  it('in GOVERNANCE is deleted by who bypasses it', async () => {
    const id = await lock('GOVERNANCE', 10);
    expect(await refusalOf(remove(id))).toEqual(LOCKED);
    await remove(id, BYPASS);
    expect(await bench.versionRows('lockable')).toEqual([]);
  });

  it('stops neither a new version nor a delete marker', async () => {
    const first = await lock('COMPLIANCE', 10);
    const second = await bench.put('lockable', 'k', 'new');
    const { VersionId, DeleteMarker } = await remove();
    expect(DeleteMarker).toBe(true);
    expect(await bench.versionRows('lockable')).toEqual([`k ${second}`, `k ${first}`, `k ${VersionId} * deleted`]);
    expect(await bench.text('lockable', 'k', first)).toBe('kept');
    await remove(VersionId);
    await remove(second);
    expect(await bench.text('lockable', 'k')).toBe('kept');
  });

  it('tells how long it is kept', async () => {
    await lock('GOVERNANCE', 10);
    const told = { ObjectLockMode: 'GOVERNANCE', ObjectLockRetainUntilDate: inDays(10) };
    const place = { Bucket: 'lockable', Key: 'k' };
    expect(await bench.s3.send(new HeadObjectCommand(place))).toMatchObject(told);
    expect(await bench.s3.send(new GetObjectCommand(place))).toMatchObject(told);
    expect((await bench.s3.send(new GetObjectRetentionCommand(place))).Retention).toEqual({
      Mode: 'GOVERNANCE',
      RetainUntilDate: inDays(10),
    });
  });

  it('is told among many that are deleted', async () => {
    const id = await lock('COMPLIANCE', 10);
    const Delete = { Objects: [{ Key: 'k', VersionId: id }, { Key: 'other' }] };
    const { Deleted, Errors } = await bench.s3.send(new DeleteObjectsCommand({ Bucket: 'lockable', Delete }));
    expect(Errors).toEqual([{ Key: 'k', VersionId: id, Code: 'AccessDenied', Message: LOCKED.message }]);
    expect(Deleted).toEqual([expect.objectContaining({ Key: 'other', DeleteMarker: true })]);
  });
});

describe('a retention', () => {
  it('in COMPLIANCE is made longer, never shorter, weaker or taken away', async () => {
    const id = await lock('COMPLIANCE', 10);
    await retain({ Mode: 'COMPLIANCE', RetainUntilDate: inDays(20) });
    expect(await refusalOf(retain({ Mode: 'COMPLIANCE', RetainUntilDate: inDays(15) }, BYPASS))).toEqual(LOCKED);
    expect(await refusalOf(retain({ Mode: 'GOVERNANCE', RetainUntilDate: inDays(30) }, BYPASS))).toEqual(LOCKED);
    expect(await refusalOf(retain({}, BYPASS))).toEqual(LOCKED);
    await bench.clock.advance(15 * DAY_MS);
    expect(await refusalOf(remove(id))).toEqual(LOCKED);
  });

  it('in GOVERNANCE is changed by who bypasses it, and made longer by anybody', async () => {
    const id = await lock('GOVERNANCE', 10);
    await retain({ Mode: 'GOVERNANCE', RetainUntilDate: inDays(20) });
    expect(await refusalOf(retain({ Mode: 'GOVERNANCE', RetainUntilDate: inDays(1) }))).toEqual(LOCKED);
    await retain({}, BYPASS);
    const none = refusalOf(bench.s3.send(new GetObjectRetentionCommand({ Bucket: 'lockable', Key: 'k' })));
    expect(await none).toMatchObject({ name: 'NoSuchObjectLockConfiguration', status: 404 });
    await remove(id);
  });

  it('is set on a version that has none', async () => {
    const id = await bench.put('lockable', 'k');
    await bench.put('lockable', 'k', 'newer');
    await retain({ Mode: 'COMPLIANCE', RetainUntilDate: inDays(1) }, { VersionId: id });
    expect(await refusalOf(remove(id))).toEqual(LOCKED);
  });

  it('has a mode, and a date that is to come', async () => {
    await bench.put('lockable', 'k');
    const past = { name: 'InvalidArgument', message: 'The retain until date must be in the future!', status: 400 };
    expect(await refusalOf(retain({ Mode: 'COMPLIANCE', RetainUntilDate: inDays(-1) }))).toEqual(past);
    expect(await refusalOf(lock('COMPLIANCE', -1))).toEqual(past);
    expect(await refusalOf(lock('COMPLIANCE', 1, { ObjectLockRetainUntilDate: undefined }))).toMatchObject({
      name: 'InvalidArgument',
      message: 'x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied',
    });
    expect(await refusalOf(lock('SOON' as 'COMPLIANCE', 1))).toMatchObject({ message: 'Unknown wormMode directive.' });
    const half = retain({ Mode: 'COMPLIANCE' });
    expect(await refusalOf(half)).toMatchObject({ name: 'MalformedXML', status: 400 });
  });

  it('wants a bucket that was made for it, and a body that is protected', async () => {
    const missing = { name: 'InvalidRequest', message: 'Bucket is missing Object Lock Configuration', status: 400 };
    expect(await refusalOf(lock('COMPLIANCE', 1, { Bucket: 'versions' }))).toEqual(missing);
    const bare = await fetch(`${bench.endpoint.url}/locked/k`, {
      method: 'PUT',
      headers: { authorization: 'AWS4-HMAC-SHA256 Credential=A/20260101/us-west-2/s3/aws4_request' },
      body: 'first',
    });
    expect([bare.status, await bare.text()]).toEqual([
      400,
      expect.stringContaining('Content-MD5 OR x-amz-checksum- HTTP header is required'),
    ]);
  });

  it('is the default of the bucket where a put says none', async () => {
    const id = await bench.put('locked', 'k');
    const { Retention } = await bench.s3.send(new GetObjectRetentionCommand({ Bucket: 'locked', Key: 'k' }));
    expect(Retention).toEqual({ Mode: 'COMPLIANCE', RetainUntilDate: inDays(30) });
    expect(
      await refusalOf(bench.s3.send(new DeleteObjectCommand({ Bucket: 'locked', Key: 'k', VersionId: id }))),
    ).toEqual(LOCKED);
    const configuration = async (Bucket: string) =>
      (await bench.s3.send(new GetObjectLockConfigurationCommand({ Bucket }))).ObjectLockConfiguration;
    expect(await configuration('lockable')).toEqual({ ObjectLockEnabled: 'Enabled' });
    expect(await configuration('locked')).toEqual({
      ObjectLockEnabled: 'Enabled',
      Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: 30 } },
    });
    expect(await refusalOf(configuration('plain'))).toMatchObject({
      name: 'ObjectLockConfigurationNotFoundError',
      status: 404,
    });
  });
});

describe('a template', () => {
  const read = (Properties: object) => () =>
    readStack(
      { Resources: { B: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'b', ...Properties } } } },
      { region: 'us-west-2', accountId: '123456789012', stackName: 'test' },
    );
  const rule = (DefaultRetention: object) => ({
    ObjectLockEnabled: true,
    ObjectLockConfiguration: { Rule: { DefaultRetention } },
  });

  it('may say years', () => {
    expect(read(rule({ Mode: 'GOVERNANCE', Years: 2 }))().bucketConfigs.b?.objectLock).toEqual({
      defaultRetention: { mode: 'GOVERNANCE', years: 2 },
    });
  });

  it.each<[string, object, string]>([
    ['a retention without Object Lock', { ObjectLockConfiguration: {} }, 'without ObjectLockEnabled: true'],
    ['no mode', rule({ Days: 1 }), 'has Mode GOVERNANCE or COMPLIANCE'],
    ['days and years', rule({ Mode: 'COMPLIANCE', Days: 1, Years: 1 }), 'not both'],
    ['no days', rule({ Mode: 'COMPLIANCE', Days: 0 }), 'above 0'],
    ['versions that are off', { VersioningConfiguration: { Status: 'Off' } }, 'Enabled or Suspended, not Off'],
    [
      'suspended versions under Object Lock',
      { ObjectLockEnabled: true, VersioningConfiguration: { Status: 'Suspended' } },
      'cannot be suspended',
    ],
  ])('with %s is refused', (_what, properties, sentence) => {
    expect(read(properties)).toThrow(sentence);
    expect(read(properties)).toThrow('bucket b: ');
  });
});
