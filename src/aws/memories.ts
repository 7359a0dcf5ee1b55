import { gunzip, gzip, type ZlibOptions } from 'node:zlib';
import type { S3Client } from '@aws-sdk/client-s3';
import { lostMemory, readHostMemory } from '../state/read.ts';
import type { Memories } from '../watchdog/ports.ts';
import type { Call } from './call.ts';
import { digestOf, s3Objects } from './objects.ts';

// not by `promisify`: loading `node:util` for it alone takes as long as all of this folder
const compress = (bytes: Uint8Array, options: ZlibOptions) =>
  new Promise<Buffer>((resolve, reject) => {
    gzip(bytes, options, (error, packed) => (error ? reject(error) : resolve(packed)));
  });
const decompress = (packed: Uint8Array) =>
  new Promise<Buffer>((resolve, reject) => {
    gunzip(packed, { maxOutputLength: MOST_BYTES }, (error, text) => (error ? reject(error) : resolve(text)));
  });

/** 50,000 hosts, the most of a pod, of which 1.3 KB each are remembered. What grows further in unpacking is no memory, and does not fill the function's. */
const MOST_BYTES = 64 * 1024 * 1024;

/** Fastest first: what is remembered of 10,000 hosts is packed within milliseconds. */
const GZIP_LEVEL = 1;

/**
 * What is remembered of hosts, `POD/memory/TICK-DIGEST.json.gz`: its key says what is in it, so that no object is ever changed, and
 * one that is written twice is the same. Decision 0058.
 */
export function s3Memories(client: S3Client, bucket: string, call: Call): Memories {
  const objects = s3Objects(client, bucket, call);
  return {
    async read(pod, key) {
      const object = await objects.read(`reading the memory of pod ${pod}`, key);
      if (!object) return lostMemory(pod, 'is not there');
      const text = await decompress(object.bytes).then(String, () => '');
      return readHostMemory(text, pod);
    },

    async write(hosts) {
      const { pod, tickId } = hosts;
      // bytes once: of a text the digest and the packing make them each for itself
      const bytes = Buffer.from(JSON.stringify(hosts));
      const key = `${pod}/memory/${tickId}-${digestOf(bytes)}.json.gz`;
      const body = await compress(bytes, { level: GZIP_LEVEL });
      await objects.write(`writing the memory of pod ${pod}`, { key, body, contentType: 'application/gzip' });
      return key;
    },
  };
}
