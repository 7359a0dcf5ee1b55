import { POD } from './fleet.ts';
import type { RecordedCall } from './stand-in.ts';

/** How often each call was made, by name; of S3 with what the object is. */
export function callCounts(calls: readonly RecordedCall[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const call of calls) {
    const name = call.key === null ? call.operation : `${call.operation} of ${objectKind(call.key)}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

/** `blue/state.json` -> `state`, `blue/memory/….json.gz` -> `memory`, `history/ticks/…` -> `history`. */
function objectKind(key: string): string {
  if (key.startsWith('history/')) return 'history';
  const [, kind = key] = key.replace(`${POD.name}/`, '/').split('/');
  return kind.replace(/\..*$/, '');
}

/** `236: 200 ListCommandInvocations, 20 DescribeInstances, …` */
export function shownCounts(counts: Record<string, number>): string {
  const parts = Object.entries(counts).toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  const total = parts.reduce((sum, [, count]) => sum + count, 0);
  return `${total}: ${parts.map(([name, count]) => (count === 1 ? name : `${count} ${name}`)).join(', ')}`;
}

/** DescribeInstances takes up to 1,000; podtime's pages are smaller so that each is answered in time. */
const INSTANCES_PER_PAGE = 500;
const INVOCATIONS_PER_PAGE = 50;
const IDS_PER_COMMAND = 50;

/** Hosts that a tick sends a wave to, and those of the wave before, whose answers it reads. */
export interface Waves {
  sentTo: number;
  readOf: number;
}

/**
 * The fewest calls of a tick of so many hosts, and what is written beside them. Of looks at the command as many as there are
 * seconds until the last host has answered, and one; metrics in as few requests as CloudWatch's limits allow. A wave is a command
 * for each fifty hosts, a look at who is held by now, and one intent: the memory, which is written before the wave instead of at the
 * end, and the state.
 */
export function fewestCalls(
  size: number,
  { sentTo, readOf }: Waves = { sentTo: 0, readOf: 0 },
): Record<string, number> {
  const commandsRead = Math.ceil(readOf / IDS_PER_COMMAND);
  return {
    // who is held is read again before clocks are touched, and so is the mode
    DescribeInstances: Math.ceil(size / INSTANCES_PER_PAGE) + (sentTo > 0 ? 1 : 0),
    ListResourceRecordSets: 2,
    GetParameters: sentTo > 0 ? 2 : 1,
    SendCommand: 1 + Math.ceil(sentTo / IDS_PER_COMMAND),
    ListCommands: 5 + commandsRead,
    ListCommandInvocations: Math.ceil(size / INVOCATIONS_PER_PAGE) + commandsRead,
    PutMetricData: 1,
    'GetObject of state': 1,
    'GetObject of memory': 1,
    // the claim, and its release
    'PutObject of state': sentTo > 0 ? 3 : 2,
    'PutObject of memory': 1,
    'PutObject of report': 1,
    'PutObject of history': 1,
  };
}

/** What is over that, each `2 GetObject of report`; names that it does not know are over it whole. */
export function callsBeyond(counts: Record<string, number>, fewest: Record<string, number>): string[] {
  return Object.entries(counts).flatMap(([name, count]) => {
    const beyond = count - (fewest[name] ?? 0);
    return beyond > 0 ? [`${beyond} ${name}`] : [];
  });
}
