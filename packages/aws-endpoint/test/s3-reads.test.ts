import { GetObjectCommand, type GetObjectCommandInput, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { checksumOf } from '../src/s3/checksums.ts';
import { type Bench, BUCKET, refusalOf, startBench } from '../src/testing/index.ts';

let bench: Bench;
const place = { Bucket: BUCKET, Key: 'k' };
const signed = { authorization: 'AWS4-HMAC-SHA256 Credential=A/20260101/us-west-2/s3/aws4_request' };
beforeAll(async () => {
  bench = await startBench({ delays: { objectWriteMs: 0 } });
  await bench.s3.send(new PutObjectCommand({ ...place, Body: '0123456789' }));
  await bench.s3.send(new PutObjectCommand({ ...place, Key: 'empty', Body: '', ContentLength: 0 }));
});
afterAll(() => bench.close());

const get = async (input: Partial<GetObjectCommandInput>) => {
  const { Body, ...rest } = await bench.s3.send(new GetObjectCommand({ ...place, ...input }));
  return { ...rest, text: await Body?.transformToString(), status: rest.$metadata.httpStatusCode };
};

describe('a range', () => {
  it.each([
    ['bytes=2-4', '234', 'bytes 2-4/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=-3', '789', 'bytes 7-9/10'],
    ['bytes=-99', '0123456789', 'bytes 0-9/10'],
    ['bytes=8-99', '89', 'bytes 8-9/10'],
    ['bytes=0-0', '0', 'bytes 0-0/10'],
  ])('%s is answered by its part', async (Range, text, ContentRange) => {
    expect(await get({ Range })).toMatchObject({ status: 206, text, ContentRange, ContentLength: text.length });
    const head = await bench.s3.send(new HeadObjectCommand({ ...place, Range }));
    expect([head.ContentRange, head.ContentLength]).toEqual([ContentRange, text.length]);
  });

  it.each(['bytes=10-', 'bytes=-0'])('%s is behind the end: InvalidRange', async (Range) => {
    const refusal = { name: 'InvalidRange', message: 'The requested range is not satisfiable', status: 416 };
    expect(await refusalOf(get({ Range }))).toEqual(refusal);
    expect(await refusalOf(get({ Key: 'empty', Range: 'bytes=0-' }))).toEqual(refusal);
  });

  it.each(['bytes=4-2', 'bytes=-', 'bytes=0-1,3-4', 'lines=1-2'])('%s is none: all is answered', async (Range) => {
    const { status, text, ContentRange } = await get({ Range });
    expect([status, text, ContentRange]).toEqual([200, '0123456789', undefined]);
  });

  it('stands back behind the conditions', async () => {
    const { ETag } = await get({});
    expect(await refusalOf(get({ Range: 'bytes=99-', IfNoneMatch: ETag }))).toMatchObject({ status: 304 });
    expect(await refusalOf(get({ Range: 'bytes=0-1', IfMatch: '"x"' }))).toMatchObject({ status: 412 });
    expect(await get({ Range: 'bytes=0-1', IfMatch: ETag })).toMatchObject({ status: 206, text: '01' });
  });
});

describe('a checksum', () => {
  it.each(['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const)(
    '%s is verified, and given back when asked',
    async (ChecksumAlgorithm) => {
      const Key = `by ${ChecksumAlgorithm}`;
      const name = `Checksum${ChecksumAlgorithm}`;
      const put = await bench.s3.send(new PutObjectCommand({ ...place, Key, Body: '123456789', ChecksumAlgorithm }));
      const value = (put as unknown as Record<string, string>)[name];
      expect(value).toBe(checksumOf(ChecksumAlgorithm.toLowerCase(), Buffer.from('123456789')));
      expect(await get({ Key, ChecksumMode: 'ENABLED' })).toMatchObject({ [name]: value, ChecksumType: 'FULL_OBJECT' });
      const silent = await bench.s3.send(new HeadObjectCommand({ ...place, Key }));
      expect((silent as unknown as Record<string, string>)[name]).toBeUndefined();
      const part = await get({ Key, ChecksumMode: 'ENABLED', Range: 'bytes=0-1' });
      expect((part as unknown as Record<string, string>)[name]).toBeUndefined();
    },
  );

  /** Of the nine digits: the check values of the catalogue of parametrised CRC algorithms. */
  it.each([
    ['crc32', 'cbf43926'],
    ['crc32c', 'e3069283'],
    ['crc64nvme', 'ae8b14860a799888'],
    ['md5', '25f9e794323b453885f5181f1b624d0b'],
  ])('%s of 123456789 is %s', (kind, hex) => {
    expect(Buffer.from(checksumOf(kind, Buffer.from('123456789')) ?? '', 'base64').toString('hex')).toBe(hex);
  });

  it('is computed where the client sends none', async () => {
    await fetch(`${bench.endpoint.url}/${BUCKET}/bare`, { method: 'PUT', headers: signed, body: '123456789' });
    const { ChecksumCRC64NVME, ContentLength } = await bench.s3.send(
      new HeadObjectCommand({ ...place, Key: 'bare', ChecksumMode: 'ENABLED' }),
    );
    expect([ChecksumCRC64NVME, ContentLength]).toEqual(['rosUhgp5mIg=', 9]);
  });

  it.each<[string, Record<string, string>, string, string]>([
    ['another', { 'x-amz-checksum-sha256': `${'A'.repeat(43)}=` }, 'BadDigest', 'The SHA256 you specified'],
    [
      'none',
      { 'x-amz-checksum-sha256': 'AAAA' },
      'InvalidRequest',
      'Value for x-amz-checksum-sha256 header is invalid',
    ],
    [
      'one of two',
      { 'x-amz-checksum-crc32': 'AAAAAA==', 'x-amz-checksum-crc32c': 'AAAAAA==' },
      'InvalidRequest',
      'Expecting a single x-amz-checksum- header',
    ],
  ])('that is %s is refused, and nothing stored', async (_what, headers, code, words) => {
    const url = `${bench.endpoint.url}/${BUCKET}/refused`;
    const response = await fetch(url, { method: 'PUT', headers: { ...signed, ...headers }, body: 'first' });
    const text = await response.text();
    expect([response.status, text]).toEqual([400, expect.stringContaining(`<Code>${code}</Code>`)]);
    expect(text).toContain(words);
    expect(bench.endpoint.object(BUCKET, 'refused')).toBeNull();
  });
});
