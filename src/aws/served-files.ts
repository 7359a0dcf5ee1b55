import type { S3Client } from '@aws-sdk/client-s3';
import type { ServedFiles } from '../watchdog/ports.ts';
import type { Call } from './call.ts';
import { permitKey, s3Files, textKey, textOf } from './files.ts';
import { s3Objects, WriteConflict } from './objects.ts';

/** What the function that serves files reads of `s3Files`, and the permits that it gives. Decision 0143. */
export function s3ServedFiles(client: S3Client, bucket: string, call: Call): ServedFiles {
  const objects = s3Objects(client, bucket, call);
  const { permit, states } = s3Files(client, bucket, call);
  return {
    permit,
    states,

    async text(pod, revision) {
      const object = await objects.read(
        `reading the text of revision ${revision} of pod ${pod}`,
        textKey(pod, revision),
      );
      if (object === null) throw new Error(`The text of revision ${revision} of pod ${pod} is not there.`);
      return textOf(object.bytes);
    },

    async give(pod, slot, permit, etag) {
      const object = { key: permitKey(pod, slot), body: JSON.stringify(permit), contentType: 'application/json' };
      try {
        await objects.writeOver(`giving a file of pod ${pod} on trial`, object, etag);
        return true;
      } catch (error) {
        if (error instanceof WriteConflict) return false;
        throw error;
      }
    },
  };
}
