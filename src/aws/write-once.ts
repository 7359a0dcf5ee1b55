import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { Call } from './call.ts';
import { isCode } from './errors.ts';

/** Writes an object of the history, with its SHA-256. Where one stands there already that stays: another run, or an attempt before, was first with the same. */
export async function writeOnce(
  client: S3Client,
  bucket: string,
  call: Call,
  { key, body, contentType }: { key: string; body: string | Uint8Array; contentType: string },
): Promise<void> {
  const object = {
    Bucket: bucket,
    Key: key,
    Body: body,
    ContentType: contentType,
    ChecksumAlgorithm: 'SHA256',
  } as const;
  try {
    await call(`writing ${key}`, (options) =>
      client.send(new PutObjectCommand({ ...object, IfNoneMatch: '*' }), options),
    );
  } catch (error) {
    if (!isCode((error as Error).cause, 'PreconditionFailed', 'ConditionalRequestConflict')) throw error;
  }
}
