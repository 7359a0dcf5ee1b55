import type { S3Client } from '@aws-sdk/client-s3';
import { FILE_STATES_SCHEMA } from '../config/trials/file-states.ts';
import { parseStored } from '../state/stored.ts';
import type { ServedFiles } from '../watchdog/ports.ts';
import type { Call } from './call.ts';
import { permitKey, readBy, s3Files, textKey, textOf } from './files.ts';
import { s3Objects, WriteConflict } from './objects.ts';

/** What the function that serves files reads of `s3Files` and the state, and the permits that it gives. Decision 0143. */
export function s3ServedFiles(client: S3Client, bucket: string, call: Call): ServedFiles {
  const objects = s3Objects(client, bucket, call);
  return {
    permit: s3Files(client, bucket, call).permit,

    async text(pod, revision) {
      const object = await objects.read(
        `reading the text of revision ${revision} of pod ${pod}`,
        textKey(pod, revision),
      );
      if (object === null) throw new Error(`The text of revision ${revision} of pod ${pod} is not there.`);
      return textOf(object.bytes);
    },

    async states(pod) {
      const object = await objects.read(`reading which files of pod ${pod} have settled`, `${pod}/state.json`);
      if (object === null) return {};
      const stored = parseStored(textOf(object.bytes));
      const files = stored && (stored.files === undefined ? {} : readBy(FILE_STATES_SCHEMA, stored.files));
      if (files === null)
        throw new Error(`Which files of pod ${pod} have settled cannot be read: the state is damaged.`);
      return files;
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
