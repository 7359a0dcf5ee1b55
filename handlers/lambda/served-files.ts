import type { Call } from '../../src/aws/call.ts';
import { s3Client } from '../../src/aws/s3-client.ts';
import { s3ServedFiles } from '../../src/aws/served-files.ts';
import type { ServedFiles } from '../../src/watchdog/ports.ts';
import { setting } from './setting.ts';

let s3: ReturnType<typeof s3Client> | undefined;

/** For the function that serves files, which has no other adapter in it; over a client that is made at first use. */
export function servedFiles(call: Call): ServedFiles {
  s3 ??= s3Client();
  return s3ServedFiles(s3, setting('REPORT_BUCKET'), call);
}
