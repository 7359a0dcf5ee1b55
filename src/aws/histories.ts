import { gzipSync } from 'node:zlib';
import type { S3Client } from '@aws-sdk/client-s3';
import { CONTENT_TYPE, tickKey } from '../history/keys.ts';
import { encode } from '../history/parquet-writer.ts';
import type { Histories } from '../watchdog/ports.ts';
import type { Call } from './call.ts';
import { s3Objects } from './objects.ts';

/** Fastest first: the blocks of 10,000 hosts are packed within some 50 ms. */
const GZIP_LEVEL = 1;

const PACKING = { pack: (bytes: Uint8Array) => gzipSync(bytes, { level: GZIP_LEVEL }) };

/** One object a tick, which is never changed. Decision 0112. */
export function s3Histories(client: S3Client, bucket: string, call: Call): Histories {
  const objects = s3Objects(client, bucket, call);
  return {
    async write({ pod, tickId, startedAtMs }, blocks) {
      const object = {
        key: tickKey(pod, tickId, startedAtMs),
        body: encode(blocks, PACKING),
        contentType: CONTENT_TYPE,
        // a manifest then need not read it. Decision 0135
        checksum: 'SHA256',
      } as const;
      await objects.write(`writing the history of pod ${pod}`, object);
    },

    async has({ pod, tickId, startedAtMs }) {
      return (await objects.read(`looking into the history of pod ${pod}`, tickKey(pod, tickId, startedAtMs))) !== null;
    },
  };
}
