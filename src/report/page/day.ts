import { STATES } from '../../diagnosis/judgement.ts';
import type { Thresholds } from '../../fleet/fleet.ts';
import { daysLeft } from '../../fleet/sentences.ts';
import type { DayPoint } from '../../state/day.ts';
import { boundChart, eventsChart, offsetChart, statesChart } from './day-charts.ts';
import { chartOf, knownSinceMs, missedSeconds, timeScale } from './frame.ts';
import { type Html, html } from './html.ts';
import { clockTime, grouped, shortMs } from './words.ts';

/** The pod's last 24 hours: four charts over one axis of time, and their numbers by the hour. */
export function daySection(day: readonly DayPoint[] | undefined, limits: Thresholds): Html {
  if (day === undefined || day.length === 0) {
    return html`<section id="day"><h2>The last 24 hours</h2><p>Nothing is known of them yet: podtime keeps them from its next look on.</p></section>`;
  }
  const x = timeScale(day);
  const sinceMs = knownSinceMs(day, x);
  const since = sinceMs === null ? null : ` The pod is known only since ${clockTime(sinceMs)}.`;
  const missing = missedSeconds(day, x);
  const missed = missing === 0 ? null : ` podtime did not look for ${daysLeft(missing)} in all, which is shaded.`;
  const charts = [offsetChart(day, x, limits), boundChart(day, x, limits), statesChart(day, x), eventsChart(day, x)];
  return html`<section id="day"><h2>The last 24 hours</h2>
<p class="dim">Times are UTC.${since}${missed}</p>
<div class="charts">${charts.map((chart) => chartOf(chart, day, x))}</div>
<details><summary>The numbers, by the hour</summary><div class="scroll" role="region" aria-label="Numbers of the last 24 hours" tabindex="0">${hourTable(day)}</div></details></section>`;
}

const HOUR_MS = 3_600_000;

/** Of each hour the lowest, the highest, and the median of what was seen last. */
function hourTable(day: readonly DayPoint[]): Html {
  const hours = new Map<number, DayPoint[]>();
  for (const point of day) {
    const hour = Math.floor(point.atMs / HOUR_MS);
    hours.set(hour, [...(hours.get(hour) ?? []), point]);
  }
  const rows = [...hours].toReversed().map(([hour, points]) => {
    const offsets = points.flatMap(({ offsetMs }) => (offsetMs?.length === 7 ? [offsetMs] : []));
    const bounds = points.flatMap(({ errorBoundMs }) => errorBoundMs?.[2] ?? []);
    const skews = points.flatMap(({ skewMs }) => skewMs ?? []);
    const ill = points.map(({ states }) =>
      STATES.reduce((sum, state) => (state === 'healthy' ? sum : sum + (states[state] ?? 0)), 0),
    );
    const sum = (of: (point: DayPoint) => number | undefined) =>
      grouped(points.reduce((total, point) => total + (of(point) ?? 0), 0));
    const most = (values: number[], isSigned = false) =>
      values.length === 0 ? '–' : shortMs(Math.max(...values), isSigned);
    return html`<tr><th scope="row">${clockTime(hour * HOUR_MS)}</th><td>${points.length}</td><td>${offsets.length === 0 ? '–' : shortMs(Math.min(...offsets.map(([min = 0]) => min)), true)}</td><td>${offsets.length === 0 ? '–' : shortMs(offsets.at(-1)?.[3] ?? 0, true)}</td><td>${most(
      offsets.map((each) => each[6] ?? 0),
      true,
    )}</td><td>${most(bounds)}</td><td>${most(skews)}</td><td>${grouped(Math.max(...ill))}</td><td>${grouped(Math.max(...points.map(({ stale = 0 }) => stale)))}</td><td>${sum(({ cycled }) => cycled)}</td><td>${sum(({ dnsChanges }) => dnsChanges)}</td></tr>`;
  });
  return html`<table><caption>The last 24 hours, the newest first</caption><thead><tr><th scope="col">Hour</th><th scope="col">Ticks</th><th scope="col">Lowest offset</th><th scope="col">Median</th><th scope="col">Highest</th><th scope="col">Worst bound</th><th scope="col">Skew</th><th scope="col">Most not healthy</th><th scope="col">Most stale</th><th scope="col">Cycled</th><th scope="col">DNS</th></tr></thead><tbody>${rows}</tbody></table>`;
}
