import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A shell script of the lab as text, `real/service.sh`: it is run, or installed, on a host. */
export function readScript(path: string): string {
  return readFileSync(join(import.meta.dirname, path), 'utf8');
}
