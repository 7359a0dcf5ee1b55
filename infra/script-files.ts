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

/**
 * A script as it is bundled: without the comments that stand on lines of their own, a third of it, but for the head of the part
 * that is called as it is, which says how to use it. Who reads a script reads its files.
 */
export function readBundledScript(serviceDir: string, name: ScriptName): string {
  return withoutComments(readScript(serviceDir, name), name);
}

/** @param script of which no text that it prints, quoted over several lines, has a line that begins with `#` */
export function withoutComments(script: string, name: ScriptName): string {
  let isHead = false;
  const kept = script.split('\n').filter((line) => {
    const isComment = /^\s*#/.test(line);
    isHead = isComment && (isHead || line.startsWith(`# ${name}.sh: `));
    return !isComment || isHead;
  });
  return kept.join('\n').replace(/\n{3,}/g, '\n\n');
}
