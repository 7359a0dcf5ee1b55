import { type ScaleTime, scaleUtc } from 'd3-scale';
import type { DayPoint } from '../../state/day.ts';
import { type Html, html } from './html.ts';
import { clockTime } from './words.ts';

/*
 * Charts of the last 24 hours. The plot is stretched to its place, so that one picture serves a phone and a wall; what is written stands
 * beside it, in its own size.
 */

/** Units of a plot across: five minutes are five of them. */
export const PLOT_WIDTH = 1440;

export type TimeScale = ScaleTime<number, number>;

const DAY_MS = 86_400_000;

/** 24 hours up to the newest point. */
export function timeScale(day: readonly DayPoint[]): TimeScale {
  const endMs = day.at(-1)?.atMs ?? 0;
  return scaleUtc([new Date(endMs - DAY_MS), new Date(endMs)], [0, PLOT_WIDTH]);
}

/** Points without a gap between them. */
export function runsOf(day: readonly DayPoint[]): DayPoint[][] {
  const runs: DayPoint[][] = [];
  for (const point of day) {
    const run = runs.at(-1);
    if (run && point.gapSeconds === undefined) run.push(point);
    else runs.push([point]);
  }
  return runs;
}

/** Minutes: the first point stands one interval after the day began. */
const LEAST_GAP = 15;

interface Gap {
  from: number;
  to: number;
}

/** From the last point before each gap on; of what lies before the first point nothing is known. */
function gapsOf(day: readonly DayPoint[], x: TimeScale): Gap[] {
  const first = day[0];
  const gaps = day.flatMap((point, index): Gap[] => {
    const before = day[index - 1];
    if (point.gapSeconds === undefined || before === undefined) return [];
    return [{ from: x(before.atMs), to: x(point.atMs) }];
  });
  return first && x(first.atMs) > LEAST_GAP ? [{ from: 0, to: x(first.atMs) }, ...gaps] : gaps;
}

/** Marks beside an axis. */
export interface Tick {
  at: number;
  name: string;
}

export interface Chart {
  title: string;
  /** What the picture shows, for who does not see it. */
  words: string;
  height: number;
  /** From top to bottom. */
  ticks: readonly Tick[];
  /** What each line and area is. */
  legend: readonly { mark: string; name: string }[];
  plot: Part;
}

type Part = Html | readonly (Html | null)[];

/** A chart with its axes, gaps and legend. */
export function chartOf(
  { title, words, height, ticks, legend, plot }: Chart,
  day: readonly DayPoint[],
  x: TimeScale,
): Html {
  return html`<figure class="chart"><figcaption>${title}</figcaption>
<div class="frame"><svg class="y" width="64" height="${height}" aria-hidden="true">${ticks.map(
    ({ at, name }) => html`<text x="58" y="${inside(at, height)}" text-anchor="end">${name}</text>`,
  )}</svg>
<svg class="plot" viewBox="0 0 ${PLOT_WIDTH} ${height}" height="${height}" preserveAspectRatio="none" role="img" aria-label="${words}">
${gapsOf(day, x).map(({ from, to }) => html`<rect class="gap" x="${tenth(from)}" y="0" width="${tenth(to - from)}" height="${height}"/>`)}
<path class="grid" d="${ticks.map(({ at }) => `M0 ${tenth(at)}H${PLOT_WIDTH}`).join('')}${hours(x)
    .map((at) => `M${tenth(x(at))} 0V${height}`)
    .join('')}"/>
${plot}</svg>${timeAxis(x)}</div>
<ul class="legend">${legend.map(({ mark, name }) => html`<li><i class="${mark}"></i>${name}</li>`)}</ul></figure>`;
}

/** A letter needs its height. */
function inside(at: number, height: number): number {
  return Math.min(height - 2, Math.max(10, tenth(at) + 4));
}

function hours(x: TimeScale): Date[] {
  return x.ticks(8).filter((at) => x(at) > 30 && x(at) < PLOT_WIDTH - 30);
}

export function timeAxis(x: TimeScale): Html {
  return html`<svg class="x" height="18" aria-hidden="true">${hours(x).map((at, index) => {
    const left = Math.round((x(at) / PLOT_WIDTH) * 1000) / 10;
    return html`<text${index % 2 === 1 && html` class="odd"`} x="${left}%" y="13" text-anchor="middle">${clockTime(at.getTime())}</text>`;
  })}</svg>`;
}

export function tenth(number: number): number {
  return Math.round(number * 10) / 10;
}
