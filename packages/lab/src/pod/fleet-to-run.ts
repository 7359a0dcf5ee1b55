import { readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { FleetFileError } from '../../../../src/fleet/errors.ts';
import type { Fleet } from '../../../../src/fleet/fleet.ts';
import { loadFleet } from '../../../../src/fleet/load.ts';
import { count } from '../../../../src/fleet/sentences.ts';
import type { BackendKind } from './host-backend.ts';
import { localFleetText, slowFleetText, WATCHABLE } from './local-fleet.ts';
import { SettingError } from './settings.ts';
import { FLEET_FILES } from './start-options.ts';

export interface FleetToRun {
  fleet: Fleet;
  /** Absolute: where it is written. */
  file: string;
  /** As it is called by who gave it. */
  name: string;
  /** What is packaged in that file's place; null: the file itself. */
  text: string | null;
  /** How it differs from the file. */
  sentences: string[];
}

/**
 * The fleet of this pod: the lab's, or an operator's own, made fit for one machine. Throws SettingError with every fault of the file.
 *
 * @param own an operator's file, from `folder`; null: the lab's
 * @param slowness of the machine; 1 where it is as fast as usual
 */
export function fleetToRun(
  { own, hosts, slowness }: { own: string | null; hosts: BackendKind; slowness: number },
  { project, folder }: { project: string; folder: string },
): FleetToRun {
  const name = own ?? FLEET_FILES[hosts];
  const file = own === null ? join(project, name) : resolve(folder, own);
  const written = readWhole(file, name);
  const whole = checked(written, name);
  const sentences: string[] = [];
  let text = written;
  if (own !== null) {
    const elsewhere = (pods: string[]) => sentences.push(`left out, being in another region: ${pods.join(', ')}`);
    text = localFleetText(written, { hosts, elsewhere });
    sentences.push(`its waits are shortened, to be watched: ${shortened(hosts)}`);
  }
  if (slowness > 1) {
    text = slowFleetText(text, slowness);
    sentences.push(`this machine is slow, or busy: it waits up to ${slowness} times as long for hosts`);
  }
  if (text === written) return { fleet: whole, file, name, text: null, sentences };
  return { fleet: checked(text, `${name}, as it would run here,`), file, name, text, sentences };
}

function shortened(hosts: BackendKind): string {
  return Object.values(WATCHABLE[hosts])
    .flatMap((waits) => Object.entries(waits))
    .map(([setting, value]) => `${setting} ${value}`)
    .join(', ');
}

const WHY_UNREAD: Record<string, string> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such folder',
  EISDIR: 'it is a folder',
  EACCES: 'its permissions forbid it',
};

function readWhole(file: string, name: string): string {
  try {
    if (statSync(file).isCharacterDevice()) throw new Error('it is a device');
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    throw new SettingError(
      `The fleet file ${name} cannot be read: ${WHY_UNREAD[code] ?? message} (looked for it at ${file}).`,
    );
  }
}

function checked(text: string, name: string): Fleet {
  try {
    return loadFleet(text, name);
  } catch (error) {
    if (!(error instanceof FleetFileError)) throw error;
    throw new SettingError(`${name} has ${count(error.faults.length, 'fault')}; nothing is started.\n${error.message}`);
  }
}
