import { type ScaleTime, scaleUtc } from 'd3-scale';
import { line } from 'd3-shape';
import type { DayPoint } from '../../state/day.ts';
import { type Html, html, type Part } from './html.ts';
import { clockTime, shortMs } from './words.ts';

/*
 * Charts over time. The plot is stretched to its place, so that one picture serves a phone and a wall; what is written stands
 * beside it, in its own size.
 */

/** Units of a plot across: five minutes are five of them. */
export const PLOT_WIDTH = 1440;

export type TimeScale = ScaleTime<number, number>;

const DAY_MS = 86_400_000;

/** 24 hours up to the newest point. */
export function timeScale(day: readonly DayPoint[]): TimeScale {
  const endMs = day.at(-1)?.atMs ?? 0;
  return scaleBetween(endMs - DAY_MS, endMs);
}

/** From one time to another, epoch ms. */
export function scaleBetween(fromMs: number, toMs: number): TimeScale {
  return scaleUtc([new Date(fromMs), new Date(toMs)], [0, PLOT_WIDTH]);
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

/** Where nothing is known, in units of the plot. */
export interface Gap {
  from: number;
  to: number;
}

/** What charts beside one another have in common: their axis of time, and where nothing is known. */
export interface Frame {
  x: TimeScale;
  gaps: readonly Gap[];
  /** Times with a mark below, and how they are written. */
  marks: readonly Date[];
  nameOf: (at: Date) => string;
}

/** Epoch ms since when a pod is known that was not 24 hours ago; null: it was, or podtime did not look then. */
export function knownSinceMs(day: readonly DayPoint[], x: TimeScale): number | null {
  const first = day[0];
  return first !== undefined && first.gapSeconds === undefined && x(first.atMs) > LEAST_GAP ? first.atMs : null;
}

/**
 * From the last point before each gap on, or from where the day begins. What lies before the first point of a young pod is none: there was
 * nothing to look at.
 */
function gapsOf(day: readonly DayPoint[], x: TimeScale): Gap[] {
  return day.flatMap(({ atMs, gapSeconds }, index): Gap[] => {
    if (gapSeconds === undefined) return [];
    const before = day[index - 1];
    return [{ from: before ? x(before.atMs) : 0, to: x(atMs) }];
  });
}

/** For how long podtime did not look, in seconds of the day. */
export function missedSeconds(day: readonly DayPoint[], x: TimeScale): number {
  const startMs = x.invert(0).getTime();
  return day.reduce((sum, { atMs, gapSeconds = 0 }) => sum + Math.min(gapSeconds, (atMs - startMs) / 1000), 0);
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

/** A chart of the pod's day. */
export function chartOf(chart: Chart, day: readonly DayPoint[], x: TimeScale): Html {
  return framed(chart, { x, gaps: gapsOf(day, x), marks: marksOf(x, 8), nameOf: (at) => clockTime(at.getTime()) });
}

/** A chart with its axes, gaps and legend. */
export function framed({ title, words, height, ticks, legend, plot }: Chart, frame: Frame): Html {
  const { x, gaps, marks } = frame;
  return html`<figure class="chart"><figcaption>${title}</figcaption>
<div class="frame"><svg class="y" width="64" height="${height}" aria-hidden="true">${ticks.map(
    ({ at, name }) => html`<text x="58" y="${inside(at, height)}" text-anchor="end">${name}</text>`,
  )}</svg>
<svg class="plot" viewBox="0 0 ${PLOT_WIDTH} ${height}" height="${height}" preserveAspectRatio="none" role="img" aria-label="${words}">
${gaps.map(({ from, to }) => html`<rect class="gap" x="${tenth(from)}" y="0" width="${tenth(to - from)}" height="${height}"/>`)}
<path class="grid" d="${ticks.map(({ at }) => `M0 ${tenth(at)}H${PLOT_WIDTH}`).join('')}${marks
    .map((at) => `M${tenth(x(at))} 0V${height}`)
    .join('')}"/>
${plot}</svg>${timeAxis(frame)}</div>
<ul class="legend">${legend.map(({ mark, name }) => html`<li><i class="${mark}"></i>${name}</li>`)}</ul></figure>`;
}

/** A letter needs its height. */
function inside(at: number, height: number): number {
  return Math.min(height - 2, Math.max(10, tenth(at) + 4));
}

/** Some times along an axis, none so near its ends that its name would be cut. */
export function marksOf(x: TimeScale, count: number): Date[] {
  return x.ticks(count).filter((at) => x(at) > 30 && x(at) < PLOT_WIDTH - 30);
}

function timeAxis({ x, marks, nameOf }: Frame): Html {
  return html`<svg class="x" height="18" aria-hidden="true">${marks.map((at, index) => {
    const left = Math.round((x(at) / PLOT_WIDTH) * 1000) / 10;
    return html`<text${index % 2 === 1 && html` class="odd"`} x="${left}%" y="13" text-anchor="middle">${nameOf(at)}</text>`;
  })}</svg>`;
}

export function tenth(number: number): number {
  return Math.round(number * 10) / 10;
}

/** Within a plot. */
export type Scale = (value: number) => number;

/** A limit that lies farther off than so many times what was seen is told, or its scale is bent. */
export const FAR = 3;

/** One shape over each run. */
export function paths<Point>(
  runs: readonly Point[][],
  shape: (run: Point[]) => string | null,
  name: string,
): Html | null {
  const d = runs.flatMap((run) => (run.length === 0 ? [] : (shape(run) ?? []))).join('');
  return d === '' ? null : html`<path class="${name}" d="${d}"/>`;
}

/** A line over each run. */
export function lines<Point>(
  runs: readonly Point[][],
  across: (point: Point) => number,
  up: (point: Point) => number,
  name: string,
): Html | null {
  return paths(runs, line<Point>(across, up).digits(1), name);
}

export function limitLines(limits: readonly number[], y: Scale): Html {
  return html`<path class="l-limit" d="${limits.map((limit) => `M0 ${tenth(y(limit))}H${PLOT_WIDTH}`).join('')}"/>`;
}

/** 1000, 100, … of either sign, as far as a bent scale needs them. */
export function decades(farthest: number): number[] {
  const first = Math.floor(Math.log10(farthest));
  return [0, 1, 2, 3, 4].flatMap((down) => [10 ** (first - down), -(10 ** (first - down))]);
}

/** The first say more than the last. Marks that would stand on one another are left out. */
export function ticksAt(values: readonly number[], y: Scale, isSigned: boolean): Tick[] {
  const ticks: Tick[] = [];
  for (const value of values) {
    const at = y(value);
    if (ticks.every((tick) => Math.abs(tick.at - at) > 17))
      ticks.push({ at, name: value === 0 ? '0' : shortMs(value, isSigned) });
  }
  return ticks;
}
