import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';

const places = new Map<string, string | null>();

/** Where the machine keeps a program, or null. */
export function whereIs(program: string): string | null {
  if (!places.has(program)) places.set(program, lookFor(program));
  return places.get(program) ?? null;
}

function lookFor(program: string): string | null {
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin', '/usr/local/sbin'];
  return folders.map((folder) => join(folder, program)).find(isExecutable) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
