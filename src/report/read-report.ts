import { TIERS } from '../fleet/fleet.ts';
import { EMPTY_MEMORY, lostRollOut, MEMORY_SCHEMA, type Memory } from '../plan/plan.ts';
import { REPORT_SCHEMA, REPORT_VERSION, type Report } from './report.ts';
import { isGroup, type StoredReport, upgradeReport } from './upgrade.ts';

/** What could be read of a pod's last report. */
export interface ReadReport {
  /** null: a part of it cannot be read. */
  report: Report | null;
  /** What it remembers; of what cannot be read: as if nothing had been, but that a wave may be under way. */
  memory: Memory;
  /** Of a version that this code does not know: what is remembered is unknown, so nothing is changed, and it is not written over. */
  newer: boolean;
  /** No report of this pod's at all: what was remembered is unknown, so nothing is changed until there is a new one. */
  lost: boolean;
  /** What cannot be read, and what that costs. */
  fault: string | null;
}

/** Where no report has been written yet. */
export const NO_REPORT: ReadReport = { report: null, memory: EMPTY_MEMORY, newer: false, lost: false, fault: null };

/**
 * Reads a pod's last report. A field of the memory that cannot be read costs itself, any other the rest of the report but not the
 * memory. Decision 0046.
 */
export function readReport(text: string, pod: string): ReadReport {
  const stored = parse(text);
  const version = isGroup(stored) && Number.isInteger(stored.version) ? (stored.version as number) : 0;
  if (!isGroup(stored) || version < 1) return lost(pod, isGroup(stored) ? 'has no version' : 'is not JSON');
  if (version > REPORT_VERSION) return newer(pod, version);
  if (stored.pod !== pod) return lost(pod, "is another pod's");
  const current = version < REPORT_VERSION ? upgradeReport(stored) : stored;
  const { memory, unread } = readMemory(current);
  const { data, error } = REPORT_SCHEMA.safeParse({ ...current, memory });
  const damaged = [...new Set(error?.issues.map(({ path }) => String(path[0])))];
  const fault = [memoryFault(pod, unread), reportFault(pod, damaged)].filter((sentence) => sentence !== null).join(' ');
  return { ...NO_REPORT, report: data ?? null, memory, fault: fault || null };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Field by field, so that one that is damaged costs no other. */
function readMemory(stored: StoredReport): { memory: Memory; unread: string[] } {
  const fields: StoredReport = isGroup(stored.memory) ? stored.memory : {};
  const unread: string[] = [];
  const read = Object.entries(MEMORY_SCHEMA.shape).map(([name, schema]) => {
    const { success, data } = schema.safeParse(fields[name]);
    if (success) return [name, data];
    unread.push(name);
    return [name, name === 'rollOuts' ? readRollOuts(fields[name], stored) : EMPTY_MEMORY[name as keyof Memory]];
  });
  return { memory: Object.fromEntries(read), unread };
}

/** A roll-out that cannot be read may have a wave under way: none is started beside it until that is over. */
function readRollOuts(rollOuts: unknown, { startedAtMs, endedAtMs, untilMs }: StoredReport): Memory['rollOuts'] {
  const atMs = [startedAtMs, endedAtMs, untilMs].find((ms) => typeof ms === 'number') ?? 0;
  const stored: StoredReport | null = isGroup(rollOuts) ? rollOuts : null;
  const tiers = TIERS.flatMap((tier) => {
    if (stored && stored[tier] === undefined) return [];
    const { data } = MEMORY_SCHEMA.shape.rollOuts.safeParse({ [tier]: stored?.[tier] });
    return [[tier, data?.[tier] ?? lostRollOut(tier, atMs)] as const];
  });
  return Object.fromEntries(tiers);
}

function memoryFault(pod: string, unread: readonly string[]): string | null {
  return unread.length === 0
    ? null
    : `The memory of pod ${pod} has lost ${unread.join(', ')}: the last report cannot be read there.`;
}

function reportFault(pod: string, damaged: readonly string[]): string | null {
  return damaged.length === 0
    ? null
    : `The last report of pod ${pod} is damaged (${damaged.join(', ')}): what it remembers is kept.`;
}

function lost(pod: string, why: string): ReadReport {
  const fault =
    `The last report of pod ${pod} ${why}: what it remembered (withdrawn servers, roll-outs) is lost. ` +
    'Nothing is changed until a tick has written a new one.';
  return { ...NO_REPORT, lost: true, fault };
}

function newer(pod: string, version: number): ReadReport {
  const fault =
    `The last report of pod ${pod} is of version ${version}, this code reads up to ${REPORT_VERSION}: ` +
    'a newer podtime wrote it. It is left as it is and nothing is changed; deploy the newer code again.';
  return { ...NO_REPORT, newer: true, fault };
}
