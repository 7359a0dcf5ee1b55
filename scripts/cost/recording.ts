import { INSTANCES_PER_PAGE } from '../../src/aws/describe-instances.ts';
import { sortedUnique } from '../../src/fleet/ordering.ts';

/** What one tick of a settled pod asked of AWS: test/fixtures/cost/ticks.json, recorded by test/scripts/cost/ticks.test.ts. */
export interface RecordedTick {
  hosts: number;
  /** Calls by their name in the API. */
  calls: Record<string, number>;
  /** Of the report in S3. */
  reportBytes: number;
  /** Of the memory of hosts in S3, packed; their ids are drawn as EC2 draws them. */
  memoryBytes: number;
  /** Of the rows of the tick, packed; with ids like those. */
  historyBytes: number;
  /** Of the watchdog's line in its log. */
  logBytes: number;
}

/** Calls that read one page after the other, by how many hosts fill a page: between two sizes they grow in steps, not on a line. */
const HOSTS_PER_PAGE: Record<string, number> = { DescribeInstances: INSTANCES_PER_PAGE };

/** Numbers of a tick as they grow with the fleet: by pages where these are known, else straight lines through what was recorded of two fleets. */
export function tickOf(hosts: number, recorded: RecordedTick[]): RecordedTick {
  const [small, large] = recorded;
  if (!small || !large || small.hosts === large.hosts) throw new Error('The recording needs ticks of two sizes.');
  const line = (quantity: (tick: RecordedTick) => number) => {
    const slope = (quantity(large) - quantity(small)) / (large.hosts - small.hosts);
    return Math.max(0, Math.round(quantity(small) + slope * (hosts - small.hosts)));
  };
  const callsOf = (name: string) => {
    const perPage = HOSTS_PER_PAGE[name];
    return perPage === undefined ? line((tick) => tick.calls[name] ?? 0) : Math.ceil(hosts / perPage);
  };
  const names = sortedUnique([...Object.keys(small.calls), ...Object.keys(large.calls)]);
  return {
    hosts,
    calls: Object.fromEntries(names.map((name) => [name, callsOf(name)])),
    reportBytes: line((tick) => tick.reportBytes),
    memoryBytes: line((tick) => tick.memoryBytes),
    historyBytes: line((tick) => tick.historyBytes),
    logBytes: line((tick) => tick.logBytes),
  };
}
