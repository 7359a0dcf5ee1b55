import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { NO_REPORT, readReport } from '../report/read-report.ts';
import type { Report } from '../report/report.ts';
import { ReportConflict, type Reports } from '../watchdog/ports.ts';
import type { Call, CallOptions } from './call.ts';
import { AwsCallError, isCode, isRefusal, NoTimeLeft, UnreadableAnswer } from './errors.ts';

/** The MD5 of no bytes: the object is really empty, and no body was lost on its way. */
const ETAG_OF_NOTHING = '"d41d8cd98f00b204e9800998ecf8427e"';

interface StoredText {
  text: string;
  /** The version read. */
  etag: string;
}

/** One object per pod, `POD/report.json`, written only over the version that was read. */
export function s3Reports(client: S3Client, bucket: string, call: Call): Reports {
  const stored = (pod: string) => (options: CallOptions) =>
    withSecondBody(() => storedText(client, bucket, keyOf(pod), options), options);
  async function write(report: Report, etag: string | null): Promise<string> {
    const { pod } = report;
    const text = JSON.stringify(report);
    let failure: AwsCallError;
    try {
      return await call(`writing the report of pod ${pod}`, async (options) => {
        const answer = await client.send(
          new PutObjectCommand({
            Bucket: bucket,
            Key: keyOf(pod),
            Body: text,
            ContentType: 'application/json',
            ...(etag === null ? { IfNoneMatch: '*' } : { IfMatch: etag }),
          }),
          options,
        );
        if (!answer.ETag) throw new UnreadableAnswer('the answer has no ETag');
        return answer.ETag;
      });
    } catch (error) {
      if (!(error instanceof AwsCallError)) throw error;
      failure = error;
    }
    const conflict = isConflict(failure.cause);
    if ((isRefusal(failure.cause) && !conflict) || failure.cause instanceof NoTimeLeft) throw failure;
    // an answer that was lost: the report may stand there, and what a repeated write conflicts with is then the first
    const object = await call(`reading back the report of pod ${pod}`, stored(pod)).catch(() => null);
    if (object?.text === text) return object.etag;
    // this run's claim, of which no answer and no look came back: it goes on over that
    if (object && object.etag !== etag && isOfRun(object.text, report)) return write(report, object.etag);
    const isAnother = object === null ? conflict && !wasRepeated(failure.cause) : conflict || object.etag !== etag;
    throw isAnother ? new ReportConflict(pod, failure) : failure;
  }
  return {
    async read(pod) {
      const object = await call(`reading the last report of pod ${pod}`, stored(pod));
      if (object === null) return { ...NO_REPORT, etag: null };
      return { ...readReport(object.text, pod), etag: object.etag };
    },

    write,
  };
}

/** Lambda repeats an event under the same id: the beginning tells its runs apart. */
function isOfRun(text: string, { tickId, startedAtMs }: Report): boolean {
  try {
    const stored = JSON.parse(text) as Partial<Report> | null;
    return stored?.tickId === tickId && stored.startedAtMs === startedAtMs;
  } catch {
    return false;
  }
}

/** Body and version; null: there is no object. */
async function storedText(
  client: S3Client,
  bucket: string,
  key: string,
  options: CallOptions,
): Promise<StoredText | null> {
  try {
    const object = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }), options);
    if (!object.ETag) throw new UnreadableAnswer('the answer has no ETag');
    const text = (await object.Body?.transformToString()) ?? '';
    if (text.trim() === '' && object.ETag !== ETAG_OF_NOTHING) throw new UnreadableAnswer('the answer is empty');
    return { text, etag: object.ETag };
  } catch (error) {
    if (isCode(error, 'NoSuchKey')) return null;
    throw error;
  }
}

/** The SDK repeats no request of which the head of an answer came: a body that stalls or is cut off is asked for once more. */
async function withSecondBody<T>(read: () => Promise<T>, { abortSignal }: CallOptions): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (abortSignal.aborted || isRefusal(error) || error instanceof UnreadableAnswer) throw error;
    return read();
  }
}

/** The SDK asked more than once: an attempt before may have been carried out. */
function wasRepeated(cause: unknown): boolean {
  return ((cause as { $metadata?: { attempts?: number } } | undefined)?.$metadata?.attempts ?? 1) > 1;
}

/** 412: another version stands there; 409: another write is under way; 404: the version read was deleted since. */
function isConflict(cause: unknown): boolean {
  return isCode(cause, 'PreconditionFailed', 'ConditionalRequestConflict', 'NoSuchKey');
}

function keyOf(pod: string): string {
  return `${pod}/report.json`;
}
