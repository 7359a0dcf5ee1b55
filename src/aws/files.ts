import type { S3Client } from '@aws-sdk/client-s3';
import { FILE_STATES_SCHEMA } from '../config/trials/file-states.ts';
import { PERMIT_SCHEMA } from '../config/trials/permits.ts';
import type { Schema } from '../fleet/json-schema.ts';
import { readJson } from '../fleet/read-json.ts';
import { parseStored } from '../state/stored.ts';
import type { Files, ServedFiles } from '../watchdog/ports.ts';
import type { Call } from './call.ts';
import { s3Objects, WriteConflict } from './objects.ts';

/**
 * The texts of settled files, `POD/files/REVISION`, and permits to try others, `POD/trials/SLOT.json`, written only over the version that was
 * read. Which have settled stands in the state. Decision 0143.
 */
export function s3Files(client: S3Client, bucket: string, call: Call): Files & ServedFiles {
  const objects = s3Objects(client, bucket, call);
  return {
    async keep(pod, { revision, text }) {
      const object = { key: textKey(pod, revision), body: text, contentType: 'text/plain; charset=utf-8' };
      await objects.write(`keeping the text of revision ${revision} of pod ${pod}`, object);
    },

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

    async permit(pod, slot) {
      const object = await objects.read(`reading whether a host of pod ${pod} tries a file`, permitKey(pod, slot));
      if (object === null) return { permit: null, etag: null };
      // one that is damaged is nobody's
      return { permit: readBy(PERMIT_SCHEMA, parseStored(textOf(object.bytes))), etag: object.etag };
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

function readBy<T>(schema: Schema<T>, stored: unknown): T | null {
  return readJson(schema, stored).value ?? null;
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString();
}

function textKey(pod: string, revision: string): string {
  return `${pod}/files/${revision}`;
}

function permitKey(pod: string, slot: string): string {
  return `${pod}/trials/${slot}.json`;
}
