import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { NO_REPORT, readReport } from '../report/read-report.ts';
import { ReportConflict, type Reports } from '../watchdog/ports.ts';
import type { Call } from './call.ts';
import { AwsCallError, isCode } from './errors.ts';

/** One object per pod, `POD/report.json`, written only over the version that was read. */
export function s3Reports(client: S3Client, bucket: string, call: Call): Reports {
  return {
    read: (pod) =>
      call(`reading the last report of pod ${pod}`, async (options) => {
        try {
          const object = await client.send(new GetObjectCommand({ Bucket: bucket, Key: keyOf(pod) }), options);
          const text = (await object.Body?.transformToString()) ?? '';
          return { ...readReport(text, pod), etag: object.ETag ?? null };
        } catch (error) {
          if (isCode(error, 'NoSuchKey')) return { ...NO_REPORT, etag: null };
          throw error;
        }
      }),

    async write(report, etag) {
      try {
        return await call(`writing the report of pod ${report.pod}`, async (options) => {
          const answer = await client.send(
            new PutObjectCommand({
              Bucket: bucket,
              Key: keyOf(report.pod),
              Body: JSON.stringify(report),
              ContentType: 'application/json',
              ...(etag === null ? { IfNoneMatch: '*' } : { IfMatch: etag }),
            }),
            options,
          );
          return answer.ETag ?? '';
        });
      } catch (error) {
        // 412: another version stands there; 409: another write is under way; 404: the version read was deleted since
        const lost =
          error instanceof AwsCallError &&
          isCode(error.cause, 'PreconditionFailed', 'ConditionalRequestConflict', 'NoSuchKey');
        throw lost ? new ReportConflict(report.pod, error) : error;
      }
    },
  };
}

function keyOf(pod: string): string {
  return `${pod}/report.json`;
}
