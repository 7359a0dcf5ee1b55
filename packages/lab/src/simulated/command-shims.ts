import { accessSync, constants, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** File descriptors that a script and its shims talk to the simulator over. */
export const CHANNELS: readonly number[] = [5, 6, 7, 8, 9];
/** The variable that names the folder of marks: a channel is taken by whoever creates its mark. */
export const CHANNELS_VARIABLE = 'PODTIME_CHANNELS';

/** The simulator frees a channel a moment after its answer was read. */
const CHANNEL_TRIES = 1000;

/**
 * Every shim is this script under another name. It needs no process but the shell: it takes a free channel (a file
 * that `set -C` lets only one create), writes its command line, and reads exit status, output and errors. All is
 * read before anything is printed, so that a shim at the other end of a pipe never meets a half-read answer.
 */
const SHIM = `set -C
case $* in
  *'
'*) echo "\${0##*/}: no line break may stand in an argument" >&2; exit 64 ;;
esac
line=\${0##*/}
for argument; do line="$line	$argument"; done
channel='' tries=0
while [ -z "$channel" ] && [ "$tries" -lt ${CHANNEL_TRIES} ]; do
  tries=$((tries + 1))
  for number in ${CHANNELS.join(' ')}; do
    if true >"$${CHANNELS_VARIABLE}/$number"; then channel=$number; break; fi
  done
done 2>/dev/null
if [ -z "$channel" ]; then echo "\${0##*/}: no channel to the simulated host is free" >&2; exit 69; fi
printf '%s\\n' "$line" >&"$channel"
IFS=' ' read -r status printed told <&"$channel" || exit 69
output='' errors=''
while [ "$printed" -gt 0 ]; do
  IFS= read -r line <&"$channel" || exit 69
  output="$output$line
"
  printed=$((printed - 1))
done
while [ "$told" -gt 0 ]; do
  IFS= read -r line <&"$channel" || exit 69
  errors="$errors$line
"
  told=$((told - 1))
done
echo read >&"$channel"
printf '%s' "$output"
[ -z "$errors" ] || printf '%s' "$errors" >&2
exit "$status"
`;

/** For a machine that has Node and no curl. */
const CURL = `#!/bin/sh
exec '${process.execPath}' '${join(import.meta.dirname, 'curl.mjs')}' "$@"
`;

/**
 * Tools of this machine that a simulated host has too. None of them touches a daemon, the clock or the network but
 * curl, which boot.sh fetches its files with. `timeout` is left out: it counts real seconds.
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
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** Puts the shim into `folder` under each of the names. `interpreter`: as after `#!`, `/bin/sh`. */
export function writeShims(folder: string, names: readonly string[], interpreter: string): void {
  mkdirSync(folder, { recursive: true });
  for (const name of names) writeFileSync(join(folder, name), `#!${interpreter}\n${SHIM}`, { mode: 0o755 });
}
