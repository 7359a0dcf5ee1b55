import { type ZipOptions, zipSync } from 'fflate';
import { shortHash } from '../hash.ts';

/** The first moment that a zip archive can tell, in whatever time zone it is packed. */
const FIRST_MOMENT = new Date(1980, 0, 1);
const UNIX = 3;
const READABLE = 0o100644 << 16;

/**
 * A zip of one file. The same bytes in give the same bytes out, on every machine and version of Node, so that a function
 * whose code did not change is not deployed again.
 */
export function archive(path: string, code: Uint8Array): Uint8Array {
  return archiveOf(new Map([[path, code]]));
}

/** A zip of these files, in this order; likewise. */
export function archiveOf(files: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const about: ZipOptions = { mtime: FIRST_MOMENT, os: UNIX, attrs: READABLE, level: 9 };
  return zipSync(Object.fromEntries([...files].map(([path, bytes]) => [path, [bytes, about]])));
}

/**
 * What the archive is called, and so its key in the deployment bucket: another for other bytes. CloudFormation looks at the
 * key alone, and would leave a function as it is whose new code came under the old one.
 */
export function archiveName(name: string, zip: Uint8Array): string {
  return `${name}-${shortHash(zip)}.zip`;
}
