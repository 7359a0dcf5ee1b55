import { sortedUnique } from '../../src/fleet/ordering.ts';

/** What one tick of a settled pod asked of AWS: test/fixtures/cost/ticks.json, recorded by test/scripts/cost/ticks.test.ts. */
export interface RecordedTick {
  hosts: number;
  /** Calls by their name in the API. */
  calls: Record<string, number>;
  /** Of the report in S3. */
  reportBytes: number;
  /** Of the watchdog's line in its log. */
  logBytes: number;
}

/** Numbers of a tick as they grow with the fleet: straight lines through what was recorded of two fleets. */
export function tickOf(hosts: number, recorded: RecordedTick[]): RecordedTick {
  const [small, large] = recorded;
  if (!small || !large || small.hosts === large.hosts) throw new Error('The recording needs ticks of two sizes.');
  const line = (quantity: (tick: RecordedTick) => number) => {
    const slope = (quantity(large) - quantity(small)) / (large.hosts - small.hosts);
    return Math.max(0, Math.round(quantity(small) + slope * (hosts - small.hosts)));
  };
  const names = sortedUnique([...Object.keys(small.calls), ...Object.keys(large.calls)]);
  return {
    hosts,
    calls: Object.fromEntries(names.map((name) => [name, line((tick) => tick.calls[name] ?? 0)])),
    reportBytes: line((tick) => tick.reportBytes),
    logBytes: line((tick) => tick.logBytes),
  };
}
