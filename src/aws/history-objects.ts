import { gunzipSync, gzipSync } from 'node:zlib';
import { GetObjectCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { fold, foldDay } from '../history/fold.ts';
import type { HostHour } from '../history/host-hours.ts';
import { CONTENT_TYPE } from '../history/keys.ts';
import type { Bytes } from '../history/packing.ts';
import { rowsOfHost } from '../history/parquet-reader.ts';
import type { HistoryObjects, ListedObject } from '../history/reading.ts';
import type { Call, CallOptions } from './call.ts';
import { UnreadableAnswer } from './errors.ts';
import { withSecondBody } from './objects.ts';
import { pages } from './pages.ts';
import { writeOnce } from './write-once.ts';

/** What is folded is read for a month, and packed once. */
const GZIP_LEVEL = 6;

const PACKING = {
  pack: (bytes: Uint8Array) => gzipSync(bytes, { level: GZIP_LEVEL }),
  unpack: (bytes: Uint8Array) => gunzipSync(bytes),
};

/** The objects of the history. Decision 0112. */
export function s3HistoryObjects(client: S3Client, bucket: string, call: Call): HistoryObjects {
  const get = (key: string, range?: string) =>
    call(`reading ${key}`, (options: CallOptions) =>
      withSecondBody(async () => {
        const object = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key, Range: range }), options);
        const bytes = await object.Body?.transformToByteArray();
        if (!bytes?.byteLength) throw new UnreadableAnswer('the answer is empty');
        return bytes;
      }, options),
    );
  const parts = ({ key, bytes }: ListedObject): Bytes => ({
    byteLength: bytes,
    slice: async (start, end = bytes) => buffer(await get(key, `bytes=${start}-${end - 1}`)),
  });
  const whole = <Listed extends ListedObject>(listed: readonly Listed[]) =>
    Promise.all(listed.map(async (object) => ({ ...object, ...inMemory(await get(object.key)) })));
  const put = (key: string, body: Uint8Array) =>
    writeOnce(client, bucket, call, { key, body, contentType: CONTENT_TYPE });
  return {
    async list(prefix) {
      const listed: ListedObject[] = [];
      const listing = pages(call, {
        action: `listing ${prefix}`,
        read: (options, token: string | undefined) =>
          client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: token }), options),
        next: ({ NextContinuationToken }) => NextContinuationToken,
      });
      for await (const { Contents = [] } of listing) {
        listed.push(...Contents.map(({ Key = '', Size = 0 }) => ({ key: Key, bytes: Size })));
      }
      return listed;
    },

    rowsOfHost: (object, instanceId) => rowsOfHost(parts(object), PACKING, instanceId),

    hoursOfHost: (object, instanceId) => rowsOfHost<HostHour>(parts(object), PACKING, instanceId),

    fold: async (ticks, key) => put(key, await fold(await whole(ticks), PACKING)),

    foldDay: async (hours, key) => put(key, await foldDay(await whole(hours), PACKING)),
  };
}

function inMemory(bytes: Uint8Array): Bytes {
  return { byteLength: bytes.byteLength, slice: (start, end) => buffer(bytes.subarray(start, end)) };
}

function buffer(bytes: Uint8Array): ArrayBuffer {
  return bytes.slice().buffer as ArrayBuffer;
}
