import type { S3Client } from '@aws-sdk/client-s3';
import { FILE_STATES_SCHEMA } from '../config/trials/file-states.ts';
import { PERMIT_SCHEMA } from '../config/trials/permits.ts';
import type { Schema } from '../fleet/json-schema.ts';
import { readJson } from '../fleet/read-json.ts';
import { parseStored } from '../state/stored.ts';
import type { Files } from '../watchdog/ports.ts';
import type { Call } from './call.ts';
import { s3Objects } from './objects.ts';

/**
 * Which files have settled, `POD/files.json`; their texts, `POD/files/REVISION`; and permits to try others, `POD/trials/SLOT.json`, written only
 * over the version that was read. Decision 0143.
 */
export function s3Files(client: S3Client, bucket: string, call: Call): Files {
  const objects = s3Objects(client, bucket, call);
  return {
    async keep(pod, { revision, text }) {
      const object = { key: textKey(pod, revision), body: text, contentType: 'text/plain; charset=utf-8' };
      await objects.write(`keeping the text of revision ${revision} of pod ${pod}`, object);
    },

    async states(pod) {
      const object = await objects.read(`reading the settled files of pod ${pod}`, statesKey(pod));
      if (object === null) return {};
      const states = readBy(FILE_STATES_SCHEMA, parseStored(textOf(object.bytes)));
      if (states === null) throw new Error(`The settled files of pod ${pod} are damaged.`);
      return states;
    },

    async tell(pod, states) {
      const object = { key: statesKey(pod), body: JSON.stringify(states), contentType: 'application/json' };
      await objects.write(`telling the settled files of pod ${pod}`, object);
    },

    async permit(pod, slot) {
      const object = await objects.read(`reading whether a host of pod ${pod} tries a file`, permitKey(pod, slot));
      if (object === null) return { permit: null, etag: null };
      // one that is damaged is nobody's
      return { permit: readBy(PERMIT_SCHEMA, parseStored(textOf(object.bytes))), etag: object.etag };
    },
  };
}

export function readBy<T>(schema: Schema<T>, stored: unknown): T | null {
  return readJson(schema, stored).value ?? null;
}

export function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString();
}

function statesKey(pod: string): string {
  return `${pod}/files.json`;
}

export function textKey(pod: string, revision: string): string {
  return `${pod}/files/${revision}`;
}

export function permitKey(pod: string, slot: string): string {
  return `${pod}/trials/${slot}.json`;
}
