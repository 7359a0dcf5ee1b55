import type { Memory } from '../plan/plan.ts';
import type { Report } from './report.ts';

type Check = (value: unknown) => boolean;
type Group = Record<string, unknown>;

const isText: Check = (value) => typeof value === 'string';
const isNumber: Check = (value) => Number.isFinite(value);
const isFlag: Check = (value) => typeof value === 'boolean';
const isGroup = (value: unknown): value is Group =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const mapOf =
  (check: Check): Check =>
  (value) =>
    isGroup(value) && Object.values(value).every(check);
const having =
  (fields: Record<string, Check>): Check =>
  (value) =>
    isGroup(value) && Object.entries(fields).every(([field, check]) => check(value[field]));

const isRollOut = having({
  tier: isText,
  startedAtMs: isNumber,
  records: isText,
  mode: isText,
  commands: listOf(having({ commandId: orNull(isText), instanceIds: listOf(isText) })),
  stopped: isFlag,
  sentence: isText,
});

/** A field of the memory may be absent in an older report; one that is there must be what the plan reads. */
const MEMORY: Record<keyof Memory, Check> = {
  unjoined: mapOf(listOf(isText)),
  unhealthySinceMs: mapOf(isNumber),
  unhealthy: mapOf(having({ provenMs: isNumber, seenMs: orNull(isNumber) })),
  withdrawn: mapOf(having({ sinceMs: isNumber, sentence: isText, addresses: listOf(isText) })),
  unknownToEc2: listOf(isText),
  cycles: mapOf(listOf(isNumber)),
  rollOuts: mapOf(isRollOut),
  undoneAtMs: mapOf(isNumber),
  staleSinceMs: mapOf(isNumber),
};

const isToldThing = having({ sentence: isText });

/** What the next tick, `register` and the status page read of a report. */
const REPORT: Partial<Record<keyof Report, Check>> = {
  startedAtMs: isNumber,
  endedAtMs: orNull(isNumber),
  unfinished: isFlag,
  hosts: listOf(isToldThing),
  summary: isGroup,
  changes: listOf(isGroup),
  cycles: listOf(having({ instanceIds: listOf(isText) })),
  verdicts: listOf(isToldThing),
  refusals: listOf(isToldThing),
  faults: listOf(isText),
};

/** The fields of a report, as it was read, that nothing can be done with; none of a whole one. */
export function damageOf(read: object): string[] {
  const report = read as Group;
  const faulty = faultyFields(REPORT, report, true);
  const { memory } = report;
  if (!isGroup(memory)) return [...faulty, 'memory'];
  return [...faulty, ...faultyFields(MEMORY, memory, false).map((field) => `memory.${field}`)];
}

function faultyFields(checks: Partial<Record<string, Check>>, group: Group, required: boolean): string[] {
  return Object.entries(checks)
    .filter(([field, check]) => (field in group || required) && !check?.(group[field]))
    .map(([field]) => field);
}
