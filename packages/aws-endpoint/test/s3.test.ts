import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readAwsChunked } from '../src/protocol/aws-chunked.ts';
import { type Bench, BUCKET, refusalOf, startBench } from '../src/testing/index.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await startBench();
});
afterEach(() => bench.close());

const KEY = 'blue/report.json';
const put = (Body: string, conditions: { IfMatch?: string; IfNoneMatch?: string } = {}) =>
  bench.s3.send(
    new PutObjectCommand({
      Bucket: BUCKET,
      Key: KEY,
      Body,
      ContentType: 'application/json',
      CacheControl: 'no-store',
      ...conditions,
    }),
  );
const get = async () => {
  const answer = await bench.s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: KEY }));
  return {
    body: await answer.Body?.transformToString(),
    etag: answer.ETag,
    type: answer.ContentType,
    cache: answer.CacheControl,
  };
};

describe('an object', () => {
  it('is put and got whole, with its entity tag', async () => {
    const { ETag } = await put('{"version":1}');
    expect(ETag).toBe(`"${createHash('md5').update('{"version":1}').digest('hex')}"`);
    expect(await get()).toEqual({ body: '{"version":1}', etag: ETag, type: 'application/json', cache: 'no-store' });
    const head = await bench.s3.send(new HeadObjectCommand({ Bucket: BUCKET, Key: KEY }));
    expect([head.ETag, head.ContentLength]).toEqual([ETag, 13]);
    expect(bench.endpoint.object(BUCKET, KEY)?.body.toString()).toBe('{"version":1}');
  });

  it('that is not there is NoSuchKey, and so is its bucket', async () => {
    expect(await refusalOf(get())).toEqual({
      name: 'NoSuchKey',
      message: 'The specified key does not exist.',
      status: 404,
    });
    expect(await refusalOf(bench.s3.send(new HeadObjectCommand({ Bucket: BUCKET, Key: KEY })))).toMatchObject({
      name: 'NotFound',
      status: 404,
    });
    expect(await refusalOf(bench.s3.send(new GetObjectCommand({ Bucket: 'other', Key: KEY })))).toMatchObject({
      name: 'NoSuchBucket',
      status: 404,
    });
  });

  it('is deleted, and so is what is not there; a new one may stand in its place', async () => {
    const remove = (Bucket: string, conditions = {}) =>
      bench.s3.send(new DeleteObjectCommand({ Bucket, Key: KEY, ...conditions }));
    const heard: string[] = [];
    bench.endpoint.on((event) => event.kind === 'object deleted' && heard.push(`${event.bucket}/${event.key}`));
    await put('first');
    expect((await remove(BUCKET)).$metadata.httpStatusCode).toBe(204);
    expect(await refusalOf(get())).toMatchObject({ name: 'NoSuchKey' });
    expect((await remove(BUCKET)).$metadata.httpStatusCode).toBe(204);
    expect(heard).toEqual([`${BUCKET}/${KEY}`]);
    expect(await refusalOf(remove('other'))).toMatchObject({ name: 'NoSuchBucket', status: 404 });
    const { ETag } = await put('second', { IfNoneMatch: '*' });
    expect(await refusalOf(remove(BUCKET, { IfMatch: ETag }))).toMatchObject({ name: 'NotImplemented', status: 501 });
    expect((await get()).body).toBe('second');
  });

  it('is created once with If-None-Match *', async () => {
    await put('first', { IfNoneMatch: '*' });
    expect(await refusalOf(put('second', { IfNoneMatch: '*' }))).toEqual({
      name: 'PreconditionFailed',
      message: 'At least one of the pre-conditions you specified did not hold',
      status: 412,
    });
    expect((await get()).body).toBe('first');
  });

  it('is replaced only as it was read with If-Match', async () => {
    expect(await refusalOf(put('x', { IfMatch: '"0"' }))).toMatchObject({ name: 'NoSuchKey', status: 404 });
    const { ETag } = await put('first');
    const second = await put('second', { IfMatch: ETag });
    expect(await refusalOf(put('third', { IfMatch: ETag }))).toMatchObject({ name: 'PreconditionFailed', status: 412 });
    expect((await get()).etag).toBe(second.ETag);
  });

  it('conflicts when two conditional writes meet, and one of them is done', async () => {
    const { ETag } = await put('first');
    const outcomes = await Promise.allSettled(['a', 'b'].map((body) => put(body, { IfMatch: ETag })));
    expect(outcomes.map((outcome) => outcome.status).sort()).toEqual(['fulfilled', 'rejected']);
    const lost = outcomes.find((outcome) => outcome.status === 'rejected')?.reason as {
      name: string;
      $metadata: { httpStatusCode: number };
    };
    expect([lost.name, lost.$metadata.httpStatusCode]).toEqual(['ConditionalRequestConflict', 409]);
  });

  it('is not sent again to one who has it', async () => {
    const { ETag } = await put('first');
    expect(
      await refusalOf(bench.s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: KEY, IfNoneMatch: ETag }))),
    ).toMatchObject({ status: 304 });
    expect(
      await refusalOf(bench.s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: KEY, IfMatch: '"other"' }))),
    ).toMatchObject({ status: 412 });
  });

  it('comes as a stream in aws-chunked parts with its checksum behind it', async () => {
    const text = 'a line of the report\n'.repeat(10_000);
    await bench.s3.send(
      new PutObjectCommand({
        Bucket: BUCKET,
        Key: KEY,
        Body: Readable.from([Buffer.from(text)]),
        ContentLength: text.length,
      }),
    );
    expect((await get()).body).toBe(text);
    expect(bench.endpoint.object(BUCKET, KEY)?.checksum?.header).toBe('x-amz-checksum-crc32');
  });

  it('is reached under the host name of its bucket too', async () => {
    const response = await bench.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: KEY, Body: 'first' }));
    const virtual = new S3Client({
      endpoint: `http://localhost:${bench.endpoint.port}`,
      region: 'us-west-2',
      credentials: { accessKeyId: 'A', secretAccessKey: 's' },
      maxAttempts: 1,
    });
    // Names below localhost need not resolve: the host is set by hand.
    virtual.middlewareStack.add(
      (next) => (args) => {
        const request = args.request as { hostname: string; headers: Record<string, string> };
        request.headers.host = `${request.hostname}:${bench.endpoint.port}`;
        request.hostname = '127.0.0.1';
        return next(args);
      },
      { step: 'finalizeRequest', priority: 'low' },
    );
    const { ETag } = await virtual.send(new HeadObjectCommand({ Bucket: BUCKET, Key: KEY }));
    virtual.destroy();
    expect(ETag).toBe(response.ETag);
  });

  it('keeps what it was put with beside its body, also as a stream', async () => {
    const told = {
      ContentEncoding: 'gzip',
      ContentDisposition: 'attachment',
      ContentLanguage: 'en',
      Metadata: { pod: 'blue' },
    };
    const put = (Body: Buffer | Readable) =>
      bench.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: KEY, Body, ContentLength: 6, ...told }));
    for (const body of [Buffer.from('packed'), Readable.from([Buffer.from('packed')])]) {
      await put(body);
      expect(await bench.s3.send(new HeadObjectCommand({ Bucket: BUCKET, Key: KEY }))).toMatchObject(told);
    }
  });

  it.each([{ Tagging: 'a=b' }, { ObjectLockLegalHoldStatus: 'ON' as const }])(
    'is refused with %j, which would be forgotten',
    async (more) => {
      const put = bench.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: KEY, Body: 'first', ...more }));
      expect(await refusalOf(put)).toMatchObject({ name: 'NotImplemented', status: 501 });
      expect(bench.endpoint.object(BUCKET, KEY)).toBeNull();
    },
  );

  it('is refused when its checksum is another', async () => {
    const response = await fetch(`${bench.endpoint.url}/${BUCKET}/${KEY}`, {
      method: 'PUT',
      headers: {
        authorization: 'AWS4-HMAC-SHA256 Credential=A/20260101/us-west-2/s3/aws4_request',
        'x-amz-checksum-crc32': 'AAAAAA==',
      },
      body: 'first',
    });
    expect([response.status, await response.text()]).toEqual([400, expect.stringContaining('<Code>BadDigest</Code>')]);
  });
});

describe('aws-chunked', () => {
  it('is taken apart with signatures and trailers', () => {
    const wire = Buffer.from(
      '5;chunk-signature=abc\r\nhello\r\n6\r\n world\r\n0\r\nx-amz-checksum-crc32:DUoRhQ==\r\n\r\n',
    );
    expect(readAwsChunked(wire)).toEqual({
      body: Buffer.from('hello world'),
      trailers: { 'x-amz-checksum-crc32': 'DUoRhQ==' },
    });
  });

  it('that ends too early is IncompleteBody', () => {
    for (const wire of ['', '5\r\nhel', 'zz\r\nhello\r\n'])
      expect(() => readAwsChunked(Buffer.from(wire))).toThrow('terminated unexpectedly');
  });
});
