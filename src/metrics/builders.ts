import type { Judgement, Measures, State, VotesLeft } from '../diagnosis/judgement.ts';
import { TIERS } from '../fleet/fleet.ts';
import type { Metric, MetricContext } from './metric.ts';

/** Both tiers, rolled up always and by AZ with `all` alone, unless a metric says otherwise. */
const PLAIN = { tiers: TIERS, key: null, onlyWithAll: null, onlyWithAllOf: TIERS } as const;

export type More = Partial<Pick<Metric, 'tiers' | 'key' | 'onlyWithAll' | 'onlyWithAllOf'>>;

/** What a host adds to a metric of measures; null adds nothing. */
type Measure = (measures: Measures, votes: VotesLeft) => number | null;

/** The number of each host that has it. */
export function distribution<const Name extends string>(
  name: Name,
  unit: Metric['unit'],
  meaning: string,
  measure: Measure,
  more: More = {},
) {
  const values: Metric['values'] = (hosts) => measured(hosts, measure);
  return { name, unit, kind: 'distribution', scope: 'az', ...PLAIN, graph: null, meaning, values, ...more } as const;
}

/** The mean of the hosts' numbers. */
export function mean<const Name extends string>(
  name: Name,
  unit: Metric['unit'],
  meaning: string,
  measure: Measure,
  more: More = {},
) {
  const values: Metric['values'] = (hosts) => {
    const numbers = measured(hosts, measure);
    return numbers.length === 0 ? [] : [numbers.reduce((sum, number) => sum + number, 0) / numbers.length];
  };
  return { name, unit, kind: 'mean', scope: 'az', ...PLAIN, graph: null, meaning, values, ...more } as const;
}

/** How many hosts are so; where that is not known of one (null), nothing is published. */
export function hostGauge<const Name extends string>(
  name: Name,
  graph: 'hosts' | 'trouble',
  meaning: string,
  isSo: (judgement: Judgement, context: MetricContext) => boolean | null,
  more: More = {},
) {
  const values: Metric['values'] = (hosts, context) => {
    const found = hosts.map((host) => isSo(host, context));
    return found.includes(null) ? [] : [found.filter(Boolean).length];
  };
  return { name, unit: 'Count', kind: 'gauge', scope: 'az', ...PLAIN, graph, meaning, values, ...more } as const;
}

/** How many hosts are found so, whatever else is found of them. */
export function foundGauge<const Name extends string>(name: Name, found: State, meaning: string, more: More = {}) {
  return hostGauge(name, 'trouble', meaning, (judgement) => isFound(judgement, found), more);
}

/** What is found of a daemon that is starting is normal then. Of a silent host nothing is found but by others: its witnesses. */
export function isFound({ state, findings }: Judgement, found: State): boolean {
  const isHeardOf = state !== 'unknown' || found === 'contradicted';
  return isHeardOf && state !== 'starting' && findings.includes(found);
}

/** One number of a whole tier. */
export function tierGauge<const Name extends string>(
  name: Name,
  graph: 'hosts' | 'trouble',
  meaning: string,
  value: (context: MetricContext) => number,
) {
  const values: Metric['values'] = (_, context) => [value(context)];
  return { name, unit: 'Count', kind: 'gauge', scope: 'tier', ...PLAIN, graph, meaning, values } as const;
}

/** The numbers of the hosts that answered. */
function measured(hosts: readonly Judgement[], measure: Measure): number[] {
  const numbers: number[] = [];
  for (const host of hosts) {
    const number = isSampled(host) ? measure(host.measures, host.votes) : null;
    if (number !== null) numbers.push(number);
  }
  return numbers;
}

export function isSampled({ state }: Judgement): boolean {
  return state !== 'unknown';
}

export function size(value: number | null): number | null {
  return value === null ? null : Math.abs(value);
}
