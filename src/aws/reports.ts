import type { S3Client } from '@aws-sdk/client-s3';
import { NO_REPORT, readReport } from '../report/read-report.ts';
import type { Reports } from '../watchdog/ports.ts';
import type { Call } from './call.ts';
import { s3Objects } from './objects.ts';

/** One object a pod for people, `POD/report.json`. */
export function s3Reports(client: S3Client, bucket: string, call: Call): Reports {
  const objects = s3Objects(client, bucket, call);
  return {
    async read(pod) {
      const object = await objects.read(`reading the last report of pod ${pod}`, keyOf(pod));
      return object === null ? NO_REPORT : readReport(Buffer.from(object.bytes).toString(), pod);
    },

    async write(report) {
      const { pod } = report;
      // bytes: of a text the SDK makes them, and keeps both; 20 MB of 50,000 hosts
      const body = Buffer.from(JSON.stringify(report));
      await objects.write(`writing the report of pod ${pod}`, {
        key: keyOf(pod),
        body,
        contentType: 'application/json',
      });
    },
  };
}

function keyOf(pod: string): string {
  return `${pod}/report.json`;
}
