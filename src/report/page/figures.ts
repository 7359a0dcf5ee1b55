import { count, daysLeft } from '../../fleet/sentences.ts';
import type { Report } from '../report.ts';
import type { Seen } from './view.ts';
import { clockTime, grouped, shortMs } from './words.ts';

/** A number of the whole pod, with what it is to be read beside. */
export interface Figure {
  name: string;
  value: string;
  detail: string;
}

/** How good a pod's time is, in five numbers. */
export function figuresOf({ pod, report, nowMs }: Seen): Figure[] {
  const { hosts, summary, clocks } = report;
  const bounds = hosts.flatMap(({ measures }) => measures.errorBoundMs ?? []);
  const offsets = hosts.flatMap(({ measures }) => (measures.offsetMs === undefined ? [] : Math.abs(measures.offsetMs)));
  const well = hosts.filter(({ state }) => state === 'healthy').length;
  // whole minutes: a page that is asked for again is mostly the same
  const minutes = Math.max(0, Math.floor((nowMs - report.startedAtMs) / 60_000));
  const nextMs = report.startedAtMs + pod.intervalSeconds * 1000;
  const skew = clocks?.skew;
  const worst = bounds.length === 0 ? null : bounds.reduce((most, bound) => Math.max(most, bound));
  return [
    { name: 'Skew, at most', value: skew ? shortMs(skew.skewMs) : 'not known', detail: skewWords(report) },
    { name: 'Worst error bound', value: shown(worst), detail: withinWords(pod.thresholds.errorBoundMs, bounds) },
    {
      name: 'Median offset',
      value: shown(quantile(offsets, 0.5)),
      detail: withinWords(pod.thresholds.offsetMs, offsets),
    },
    {
      name: 'Healthy hosts',
      value: `${grouped(well)} of ${grouped(summary.expected)}`,
      detail: `${grouped(summary.confident)} confident, ${grouped(summary.stale)} stale, ${grouped(summary.unknown)} unknown`,
    },
    {
      name: 'Last look',
      value: minutes === 0 ? 'just now' : `${minutes < 120 ? `${minutes} min` : daysLeft(minutes * 60)} ago`,
      detail: `${clockTime(report.startedAtMs)} UTC; next at ${clockTime(nextMs)}`,
    },
  ];
}

/** A server that tells the wrong time is right by its own word, and by that of who follows it. */
function skewWords({ hosts, clocks }: Report): string {
  if (clocks?.skew === undefined) return 'fewer than two clocks are known';
  const liars = hosts.filter(({ state }) => state === 'contradicted').length;
  const between = `between any two of ${grouped(clocks.skew.hosts)} clocks`;
  return liars === 0 ? between : `by their own word; ${count(liars, 'server')} contradicted`;
}

function quantile(values: readonly number[], share: number): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? null;
}

function withinWords(limitMs: number, values: readonly number[]): string {
  const most = quantile(values, 0.95);
  return `limit ${shortMs(limitMs)}${most === null ? '' : `; 95\u00a0% within ${shortMs(most)}`}`;
}

function shown(ms: number | null): string {
  return ms === null ? 'not known' : shortMs(ms);
}
