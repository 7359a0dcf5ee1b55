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

/** `blue/state.json` -> `state`, `blue/memory/….json.gz` -> `memory`. */
function objectKind(key: string): string {
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

/**
 * The fewest calls of a settled tick of so many hosts, and what is written beside them. Of looks at the command as many as
 * there are seconds until the last host has answered, and one; metrics in as few requests as CloudWatch's limits allow.
 */
export function fewestCalls(size: number): Record<string, number> {
  return {
    DescribeInstances: Math.ceil(size / INSTANCES_PER_PAGE),
    ListResourceRecordSets: 2,
    GetParameters: 1,
    SendCommand: 1,
    ListCommands: 5,
    ListCommandInvocations: Math.ceil(size / INVOCATIONS_PER_PAGE),
    PutMetricData: 1,
    'GetObject of state': 1,
    'GetObject of memory': 1,
    // the claim, and its release
    'PutObject of state': 2,
    'PutObject of memory': 1,
    'PutObject of report': 1,
    'PutObject of history': 1,
  };
}

/** What is over that, each `2 GetObject of report`. */
export function callsBeyond(counts: Record<string, number>, fewest: Record<string, number>): string[] {
  return Object.entries(counts).flatMap(([name, count]) => {
    const beyond = count - (fewest[name] ?? 0);
    return beyond > 0 ? [`${beyond} ${name}`] : [];
  });
}
