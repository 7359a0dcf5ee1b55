import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { joinScript, type ScriptName } from '../src/host/scripts.ts';

/**
 * A script of src/host as one text, read from the service's folder; the one way in which its files are read.
 * Decision 0036.
 */
export function readScript(serviceDir: string, name: ScriptName): string {
  return joinScript(name, (file) => readFileSync(join(serviceDir, 'src/host', file), 'utf8'));
}
