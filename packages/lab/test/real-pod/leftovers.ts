import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { expect } from '@jest/globals';
import { eventually } from './setup.ts';

/** Of a pod's few places, each with five kinds of namespaces, when it has begun to make them. */
export const SOME_NAMESPACES = 10;

/** A process, told from a later one of the same number by when it began. */
export interface Known {
  pid: number;
  parent: number;
  startedTicks: string;
  command: string;
}

/** What a pod has on the machine while it runs. */
export interface Traces {
  processes: Known[];
  /** `net:[4026532448]`: those of its processes that are not this process's own. */
  namespaces: Set<string>;
  /** When it was looked at. Numbers of namespaces are given anew: who began later is in another's. */
  atTicks: number;
}

/** USER_HZ, which is 100 on every Linux. */
const TICKS_PER_SECOND = 100;
const KINDS = ['net', 'mnt', 'pid', 'uts', 'ipc'];

/** All that descends from a process, itself included: who moved into namespaces there has its ancestors still. */
export function tracesOf(pid: number): Traces {
  const atTicks = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * TICKS_PER_SECOND;
  const all = processes();
  const found = new Set([pid]);
  for (let before = 0; before !== found.size; ) {
    before = found.size;
    for (const each of all) if (found.has(each.parent)) found.add(each.pid);
  }
  const family = all.filter((each) => found.has(each.pid));
  const own = namespacesOf(process.pid);
  const namespaces = new Set(family.flatMap((each) => [...namespacesOf(each.pid)]).filter((name) => !own.has(name)));
  return { processes: family, namespaces, atTicks };
}

/** What of it is still there: commands of processes that live, and namespaces that any process of the machine is in. */
export function leftOf(traces: Traces): string[] {
  const living = processes();
  const starts = new Map(living.map(({ pid, startedTicks }) => [pid, startedTicks]));
  const commands = traces.processes
    .filter(({ pid, startedTicks }) => starts.get(pid) === startedTicks)
    .map(({ pid, command }) => `${pid} ${command}`);
  const older = living.filter(({ startedTicks }) => Number(startedTicks) <= traces.atTicks);
  const held = new Set(older.flatMap(({ pid }) => [...namespacesOf(pid)]));
  return [...commands, ...[...traces.namespaces].filter((name) => held.has(name))];
}

/**
 * Both together: processes that have left the family meanwhile are looked for as well. Of namespaces only those of now: the
 * numbers of those that ended are given to others.
 */
export function joinTraces(before: Traces, now: Traces): Traces {
  const known = new Map(
    [...before.processes, ...now.processes].map((each) => [`${each.pid} ${each.startedTicks}`, each]),
  );
  return {
    processes: [...known.values()],
    namespaces: now.namespaces,
    atTicks: now.atTicks,
  };
}

/** Mounts below a folder that this process sees. */
export function mountsBelow(folder: string): string[] {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => line.includes(folder));
}

/** Interfaces of the machine's own network. */
export function interfaces(): string[] {
  return readdirSync('/sys/class/net').sort();
}

/** Those that run; who has ended and is not buried yet is none. */
function processes(): Known[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        const fields = stat.replace(/^.*\) /s, '').split(' ');
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
        const known = { pid: Number(name), parent: Number(fields[1]), startedTicks: fields[19] ?? '', command };
        return 'ZX'.includes(fields[0] ?? '') ? [] : [known];
      } catch {
        return [];
      }
    });
}

function namespacesOf(pid: number): Set<string> {
  return new Set(
    KINDS.flatMap((kind) => {
      try {
        return [readlinkSync(`/proc/${pid}/ns/${kind}`)];
      } catch {
        return [];
      }
    }),
  );
}

/** What pods keep in their temporary folder. */
export function filesIn(folder: string): string[] {
  return readdirSync(folder).filter((name) => name.startsWith('podtime-'));
}

/** No process, no namespace, no file, no mount, and no interface where there was none. `folder`: the TMPDIR of all of it. */
export async function expectNothingLeft(left: { traces: Traces; folder: string; interfaces: string[] }): Promise<void> {
  await eventually(
    'nothing is left of it',
    20,
    () => [...leftOf(left.traces), ...filesIn(left.folder)],
    (seen) => seen.length === 0,
  );
  expect({ mounts: mountsBelow(left.folder), interfaces: interfaces() }).toEqual({
    mounts: [],
    interfaces: left.interfaces,
  });
}
