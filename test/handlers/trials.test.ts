import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type Bench, BUCKET } from '@podtime/aws-endpoint/testing';
import { handler as answering } from '../../handlers/config.ts';
import { seal } from '../../src/config/seal.ts';
import type { FileState } from '../../src/config/trials/file-states.ts';
import { findPod, type Pod } from '../../src/fleet/fleet.ts';
import { served } from '../builders/served-files.ts';
import fleet from '../builders/shipped-fleet.ts';
import { CONTEXT, proxyEvent } from './gateway.ts';
import { localAws } from './local-aws.ts';
import { holding } from './openapi.ts';

const handler = holding(answering);
const blue = findPod(fleet, 'blue') as Pod;
/** What the fleet file makes, and what had settled before it. */
const NEW = served('ntp.conf', { fleet, pod: blue, tier: 'client', az: 'us-west-2e' });
const OLD = seal(['# podtime: ntp.conf for pod blue, tier client, AZ us-west-2e', 'server old.invalid', '# end'], 1);

let aws: { bench: Bench; close: () => Promise<void> };
let nowMs = Date.UTC(2026, 11, 1);
beforeAll(async () => {
  aws = await localAws();
});
afterAll(() => aws.close());
afterEach(() => {
  jest.restoreAllMocks();
});

async function put(key: string, body: string) {
  await aws.bench.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: body }));
}

/** The pod's state says so of the file, and the process has not read it yet. */
async function given(files: Record<string, FileState> | undefined) {
  const key = 'blue/files.json';
  if (files !== undefined) await put(key, JSON.stringify(files));
  else await aws.bench.s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: key }));
  await put(`blue/files/${OLD.revision}`, OLD.text);
  const permit = { Bucket: BUCKET, Key: 'blue/trials/client-us-west-2e-ntp.conf.json' };
  await aws.bench.s3.send(new DeleteObjectCommand(permit));
  nowMs += 3_600_000;
  jest.spyOn(Date, 'now').mockImplementation(() => nowMs);
}

const SETTLED = { 'client us-west-2e ntp.conf': { settled: OLD.revision } };

async function ask(revision: string | null, method = 'GET', by = CONTEXT.awsRequestId) {
  const path = { pod: 'blue', tier: 'client', az: 'e', file: 'ntp.conf' };
  const query: Record<string, string> = revision === null ? {} : { revision };
  const event = proxyEvent(method, path, {}, undefined, query);
  const { statusCode, headers, body } = await handler(event, { ...CONTEXT, awsRequestId: by });
  return { statusCode, etag: headers?.etag, body, headers };
}

const answerOf = ({ text, revision }: typeof OLD) => ({ statusCode: 200, etag: `"${revision}"`, body: text });

describe('a changed file', () => {
  it('is served to the first host that asks, and to that again; to others the settled one', async () => {
    await given(SETTLED);
    expect(await ask(null)).toMatchObject(answerOf(OLD));
    expect(await ask(OLD.revision, 'HEAD')).toMatchObject({ etag: `"${OLD.revision}"`, body: '' });
    expect(await ask(OLD.revision)).toMatchObject(answerOf(NEW));
    expect(await ask(OLD.revision)).toMatchObject(answerOf(OLD));
    expect(await ask('none')).toMatchObject(answerOf(OLD));
    expect(await ask(NEW.revision)).toMatchObject(answerOf(NEW));
    // nobody was seen to run it
    nowMs += 1_200_000;
    expect(await ask('none')).toMatchObject(answerOf(NEW));
  });

  it('is served to one of two that ask at once', async () => {
    await given(SETTLED);
    // that one was second
    jest.spyOn(console, 'error').mockImplementation(() => {});
    const both = await Promise.all(['r-1', 'r-2'].map((by) => ask(OLD.revision, 'GET', by)));
    expect(both.map(({ body }) => body).sort()).toEqual([NEW.text, OLD.text].sort());
  });

  it('is served to all when nothing has settled, or it has itself', async () => {
    await given(undefined);
    expect(await ask(OLD.revision)).toMatchObject(answerOf(NEW));
    await given({ 'client us-west-2e ntp.conf': { settled: NEW.revision } });
    expect(await ask(OLD.revision)).toMatchObject(answerOf(NEW));
  });

  it('is served to nobody once it is refused', async () => {
    await given({
      'client us-west-2e ntp.conf': { settled: OLD.revision, refused: { revision: NEW.revision, finding: 'it died' } },
    });
    for (const revision of [OLD.revision, NEW.revision, 'none'])
      expect(await ask(revision)).toMatchObject(answerOf(OLD));
  });

  it.each<[string, () => unknown]>([
    ['answers nothing', () => aws.bench.endpoint.faults.next('GetObject', 'AccessDenied', { times: 9, status: 403 })],
    ['holds a damaged state', () => put('blue/files.json', 'damaged')],
  ])('is served where S3 %s to new hosts and who has it; others keep theirs', async (_, broken) => {
    await given(SETTLED);
    jest.spyOn(console, 'error').mockImplementation(() => {});
    await broken();
    const { statusCode, headers } = await ask(OLD.revision);
    expect([statusCode, headers?.['retry-after']]).toEqual([503, '60']);
    expect(await ask('none')).toMatchObject(answerOf(NEW));
    expect(await ask(null)).toMatchObject(answerOf(NEW));
    expect(await ask(NEW.revision)).toMatchObject(answerOf(NEW));
    aws.bench.endpoint.faults.clear();
  });

  it.each(['', 'x', '0'.repeat(15), 'A'.repeat(16), 'None'])('is none for revision=%j: 400', async (revision) => {
    const { statusCode, body } = await ask(revision);
    expect(statusCode).toBe(400);
    expect(body).toContain('revision is no revision; give the 16 digits');
  });
});
