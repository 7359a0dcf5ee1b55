import { createHash } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { Call, CallOptions } from './call.ts';
import { AwsCallError, isCode, isRefusal, NoTimeLeft, UnreadableAnswer } from './errors.ts';
import { tryAgain } from './try-again.ts';

/** The MD5 of no bytes: the object is really empty, and no body was lost on its way. */
const ETAG_OF_NOTHING = '"d41d8cd98f00b204e9800998ecf8427e"';

interface StoredObject {
  bytes: Uint8Array;
  /** The version read. */
  etag: string;
}

interface ObjectToWrite {
  key: string;
  body: string | Uint8Array;
  contentType: string;
  /** What S3 holds the body to, and tells of it afterwards; left out: the SDK's own choice, a CRC. */
  checksum?: 'SHA256';
}

/** Another version stands there than the one that was to be written over. */
export class WriteConflict extends Error {
  override readonly name = 'WriteConflict';
}

/** The objects of one bucket. `action` says in each what is being done, in words. */
export interface Objects {
  /** null: there is none. */
  read(action: string, key: string): Promise<StoredObject | null>;
  /** Whatever stands there; answers the new version. */
  write(action: string, object: ObjectToWrite): Promise<string>;
  /**
   * Over the version read before (null: there was none). An answer that was lost is found by reading back. Throws `WriteConflict`
   * when another was first.
   */
  writeOver(action: string, object: ObjectToWrite & { body: string }, etag: string | null): Promise<string>;
}

export function s3Objects(client: S3Client, bucket: string, call: Call): Objects {
  const reading = (key: string) => (options: CallOptions) =>
    withSecondBody(() => storedObject(client, bucket, key, options), options);
  const writing =
    ({ key, body, contentType, checksum }: ObjectToWrite, condition: object = {}) =>
    async (options: CallOptions) => {
      const input = {
        Bucket: bucket,
        Key: key,
        Body: body,
        ContentType: contentType,
        ChecksumAlgorithm: checksum,
      };
      const answer = await client.send(new PutObjectCommand({ ...input, ...condition }), options);
      if (!answer.ETag) throw new UnreadableAnswer('the answer has no ETag');
      return answer.ETag;
    };
  return {
    read: (action, key) => call(action, reading(key)),

    write: (action, object) => call(action, writing(object)),

    async writeOver(action, object, etag) {
      let failure: AwsCallError;
      try {
        const write = writing(object, etag === null ? { IfNoneMatch: '*' } : { IfMatch: etag });
        return await call(action, (options) => afterOthers(() => write(options), options));
      } catch (error) {
        if (!(error instanceof AwsCallError)) throw error;
        failure = error;
      }
      const conflict = isConflict(failure.cause);
      if ((isRefusal(failure.cause) && !conflict) || failure.cause instanceof NoTimeLeft) throw failure;
      // an answer that was lost: the object may stand there, and what a repeated write conflicts with is then the first
      const stored = await call(`reading back after ${action}`, reading(object.key)).catch(() => null);
      if (stored && Buffer.from(stored.bytes).toString() === object.body) return stored.etag;
      const isAnother = stored === null ? conflict && !wasRepeated(failure.cause) : conflict || stored.etag !== etag;
      throw isAnother ? new WriteConflict(failure.message, { cause: failure }) : failure;
    },
  };
}

/** Short, and another for other bytes. */
export function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 12);
}

/** Body and version; null: there is no object. */
async function storedObject(
  client: S3Client,
  bucket: string,
  key: string,
  options: CallOptions,
): Promise<StoredObject | null> {
  try {
    const object = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }), options);
    if (!object.ETag) throw new UnreadableAnswer('the answer has no ETag');
    const bytes = (await object.Body?.transformToByteArray()) ?? new Uint8Array();
    const isBlank = bytes.every((byte) => byte <= 0x20);
    if (isBlank && object.ETag !== ETAG_OF_NOTHING) throw new UnreadableAnswer('the answer is empty');
    return { bytes, etag: object.ETag };
  } catch (error) {
    if (isCode(error, 'NoSuchKey')) return null;
    throw error;
  }
}

/** The SDK repeats no request of which the head of an answer came: a body that stalls or is cut off is asked for once more. */
export async function withSecondBody<T>(read: () => Promise<T>, { abortSignal }: CallOptions): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (abortSignal.aborted || isRefusal(error) || error instanceof UnreadableAnswer) throw error;
    return read();
  }
}

/**
 * S3 takes one conditional write of an object at a time: 409 says that another is under way, and not yet who is first. Asked again at once it
 * says the same again and again; the other is over within a fraction of a second. Decision 0059.
 */
function afterOthers<T>(write: () => Promise<T>, { abortSignal }: CallOptions): Promise<T> {
  return tryAgain(write, {
    pausesMs: UNDER_WAY_PAUSES_MS,
    passes: (error) => isCode(error, 'ConditionalRequestConflict'),
    pause: (ms) => setTimeout(ms, undefined, { signal: abortSignal }),
  });
}

/** A write of a small object takes some 50 ms; the sum is what a tick's end can wait. */
const UNDER_WAY_PAUSES_MS = [50, 100, 200, 400, 800];

/** The SDK asked more than once: an attempt before may have been carried out. */
function wasRepeated(cause: unknown): boolean {
  return ((cause as { $metadata?: { attempts?: number } } | undefined)?.$metadata?.attempts ?? 1) > 1;
}

/** 412: another version stands there; 409: another write is under way; 404: the version read was deleted since. */
function isConflict(cause: unknown): boolean {
  return isCode(cause, 'PreconditionFailed', 'ConditionalRequestConflict', 'NoSuchKey');
}
