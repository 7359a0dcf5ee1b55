import type { Thresholds } from '../../fleet/fleet.ts';
import { count } from '../../fleet/sentences.ts';
import { DAY_MS, HOUR_MS } from '../../history/keys.ts';
import type { HostHistory } from '../host/history.ts';
import type { HostPoint, HostSeries } from '../host/series.ts';
import { hostCharts, ppm } from './host-charts.ts';
import { type Html, html } from './html.ts';
import { clockTime, STATE_WORDS, shortMs } from './words.ts';

/** One clock over 24 hours, and over the days that are kept, beside each other. */
export function historySection({ day, month, days, sentences }: HostHistory, limits: Thresholds): Html {
  return html`<section id="history">${sentences.length > 0 && html`<ul class="notes">${sentences.map((sentence) => html`<li>${sentence}</li>`)}</ul>`}
${(day ?? month) !== null && html`<p class="dim">Times are UTC, up to the last look. Where nothing is known of it there is a gap.</p>`}
<div class="two wide-two">${day && spanOf('The last 24 hours', 'the last 24 hours', day, limits, HOUR_MS)}${month && spanOf(`The last ${count(days, 'day')}`, `the last ${days} days`, month, limits, DAY_MS)}</div></section>`;
}

function spanOf(title: string, name: string, series: HostSeries, limits: Thresholds, rowMs: number): Html {
  return html`<div><h2>${title}</h2>${hostCharts(series, limits, name)}
<details><summary>The numbers, by the ${rowMs === HOUR_MS ? 'hour' : 'day'}</summary><div class="scroll" role="region" aria-label="Numbers of ${name}" tabindex="0">${numbersTable(series, rowMs, title)}</div></details></div>`;
}

/** Of each hour or day the lowest and the highest that were told. */
function numbersTable({ points }: HostSeries, rowMs: number, title: string): Html {
  const rows = new Map<number, HostPoint[]>();
  for (const point of points) {
    // what a tick tells is of the time before it
    const at = Math.floor((rowMs === HOUR_MS ? point.toMs - 1 : point.fromMs) / rowMs);
    rows.set(at, [...(rows.get(at) ?? []), point]);
  }
  const body = [...rows].toReversed().map(([at, all]) => {
    const of = (field: (point: HostPoint) => number | null) => all.flatMap((point) => field(point) ?? []);
    const least = (values: number[], shown: (value: number) => string) =>
      values.length === 0 ? '–' : shown(Math.min(...values));
    const most = (values: number[], shown: (value: number) => string) =>
      values.length === 0 ? '–' : shown(Math.max(...values));
    const signed = (value: number) => shortMs(value, true);
    const name = rowMs === HOUR_MS ? clockTime(at * rowMs) : new Date(at * rowMs).toISOString().slice(0, 10);
    return html`<tr><th scope="row">${name}</th><td>${least(
      of(({ lowestMs }) => lowestMs),
      signed,
    )}</td><td>${most(
      of(({ highestMs }) => highestMs),
      signed,
    )}</td><td>${most(
      of(({ errorBoundMs }) => errorBoundMs),
      (value) => shortMs(value),
    )}</td><td>${least(
      of(({ reach }) => reach),
      (value) => String(Math.round(value * 10) / 10),
    )}</td><td>${least(
      of(({ ratePpm }) => ratePpm),
      ppm,
    )}</td><td>${most(
      of(({ ratePpm }) => ratePpm),
      ppm,
    )}</td><td>${statesOf(all)}</td></tr>`;
  });
  return html`<table><caption>${title}, the newest first</caption><thead><tr><th scope="col">${rowMs === HOUR_MS ? 'Hour' : 'Day'}</th><th scope="col">Lowest offset</th><th scope="col">Highest</th><th scope="col">Worst bound</th><th scope="col">Least reach</th><th scope="col">Lowest rate</th><th scope="col">Highest</th><th scope="col">States</th></tr></thead><tbody>${body}</tbody></table>`;
}

function statesOf(points: readonly HostPoint[]): string {
  const states = [...new Set(points.map(({ state }) => state))];
  return states.map((state) => (state === 'no-tick' ? 'no tick' : STATE_WORDS[state])).join(', ');
}
