import { accessSync, constants, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { readScript } from '../scripts.ts';

/** What answers the simulator's commands, put under each of their names. */
const SHIM = readScript('simulated/command-shim.sh');

/** For a machine that has Node and no curl. */
const CURL = `#!/bin/sh
exec '${process.execPath}' '${join(import.meta.dirname, 'curl.mjs')}' "$@"
`;

/** The real one counts real seconds, and a host's are simulated: what it runs takes its time. */
const TIMEOUT = `#!/bin/sh
shift
exec "$@"
`;

/** For a shim that waits for the simulator: real time passes then, and the host's own `sleep` takes simulated. */
const pauseBy = (sleep: string) => `#!/bin/sh
exec '${sleep}' "$@"
`;

/**
 * Tools of this machine that a simulated host has too. None of them touches a daemon, the clock or the network but
 * curl, which boot.sh fetches its files with.
 */
const REAL_TOOLS = [
  ...['sh', 'awk', 'sed', 'grep', 'cat', 'head', 'tail', 'cut', 'tr', 'sort', 'uniq', 'wc', 'tee', 'cmp', 'diff', 'od'],
  ...[
    'mkdir',
    'rmdir',
    'mktemp',
    'mv',
    'cp',
    'ln',
    'rm',
    'ls',
    'chmod',
    'touch',
    'stat',
    'readlink',
    'dirname',
    'basename',
  ],
  ...[
    'printf',
    'echo',
    'test',
    '[',
    'true',
    'false',
    'expr',
    'env',
    'id',
    'uname',
    'sync',
    'curl',
    'sha256sum',
    'shasum',
  ],
];

/**
 * Fills `folder` with links to the machine's own tools, so that a host's PATH reaches these and nothing else: a
 * `systemctl` that a host lacks must not be found on the machine instead. A machine without curl has one of ours.
 */
export function linkRealTools(folder: string, searchPath: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'timeout'), TIMEOUT, { mode: 0o755 });
  const sleep = findTool('sleep', searchPath);
  if (sleep !== undefined) writeFileSync(join(folder, 'pause'), pauseBy(sleep), { mode: 0o755 });
  for (const tool of REAL_TOOLS) {
    const found = findTool(tool, searchPath);
    if (found !== undefined) symlinkSync(found, join(folder, tool));
    else if (tool === 'curl') writeFileSync(join(folder, tool), CURL, { mode: 0o755 });
  }
}

/** Where the machine has a tool, by the first folder of the search path that has it. */
export function findTool(tool: string, searchPath: string): string | undefined {
  return searchPath
    .split(delimiter)
    .map((place) => join(place, tool))
    .find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    // most places do not have it, and an error for each would take most of the time
    if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return false;
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Puts the shim (command-shim.sh) into `folder` under each of the names. `interpreter`: as after `#!`, `/bin/sh`. */
export function writeShims(folder: string, names: readonly string[], interpreter: string): void {
  mkdirSync(folder, { recursive: true });
  for (const name of names)
    writeFileSync(
      join(folder, name),
      SHIM.replace('#!/bin/sh', () => `#!${interpreter}`),
      { mode: 0o755 },
    );
}
