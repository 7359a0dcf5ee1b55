import { scaleLinear, scaleSymlog } from 'd3-scale';
import { area, curveStepAfter } from 'd3-shape';
import type { Thresholds } from '../../fleet/fleet.ts';
import type { HistoryState } from '../../history/columns.ts';
import { DAY_MS } from '../../history/keys.ts';
import { REACH_POLLS } from '../../ntp/reach.ts';
import { gapsOf, type HostPoint, type HostSeries, runsWith } from '../host/series.ts';
import {
  type Chart,
  decades,
  FAR,
  type Frame,
  framed,
  limitLines,
  lines,
  marksOf,
  PLOT_WIDTH,
  paths,
  type Scale,
  scaleBetween,
  type TimeScale,
  tenth,
  ticksAt,
} from './frame.ts';
import { type Html, html } from './html.ts';
import { clockTime, percent, STATE_WORDS, shortMs } from './words.ts';

/** Charts of one clock over one axis of time: state, offset with its bound, reach, rate. `timeName`: `the last 24 hours`. */
export function hostCharts(series: HostSeries, limits: Thresholds, timeName: string): Html {
  const x = scaleBetween(series.fromMs, series.toMs);
  const isLong = series.toMs - series.fromMs > 2 * DAY_MS;
  const frame: Frame = {
    x,
    gaps: gapsOf(series).map(({ fromMs, toMs }) => ({ from: x(fromMs), to: x(toMs) })),
    marks: marksOf(x, isLong ? 5 : 8),
    nameOf: (at) => (isLong ? dayName(at.getTime()) : clockTime(at.getTime())),
  };
  const drawn = [
    stateChart(series, x, timeName),
    offsetChart(series, x, limits, timeName, isLong),
    reachChart(series, x, timeName, isLong),
    rateChart(series, x, timeName),
  ];
  const cycled = cycledLines(series, x);
  return html`<div class="charts one">${drawn.map((chart) =>
    framed({ ...chart, plot: [chart.plot, cycled(chart.height)] }, frame),
  )}</div>`;
}

/** `24 Nov` */
function dayName(atMs: number): string {
  const [, day = '', month = ''] = new Date(atMs).toUTCString().split(' ');
  return `${Number(day)} ${month}`;
}

/** In its middle an hour is; a tick is when it was. */
const acrossOf = (x: TimeScale, isLong: boolean) => (point: HostPoint) =>
  tenth(x(isLong ? (point.fromMs + point.toMs) / 2 : point.toMs));

function stateChart({ points, stateSeconds }: HostSeries, x: TimeScale, timeName: string): Chart {
  const height = 24;
  const stretches: { state: HistoryState; fromMs: number; toMs: number }[] = [];
  for (const { state, fromMs, toMs } of points) {
    const last = stretches.at(-1);
    if (last?.state === state && fromMs - last.toMs < 60_000) last.toMs = toMs;
    else stretches.push({ state, fromMs, toMs });
  }
  const all = Object.values(stateSeconds).reduce((sum, seconds) => sum + seconds, 0);
  const shares = (Object.entries(stateSeconds) as [HistoryState, number][])
    .toSorted(([, a], [, b]) => b - a)
    .map(([state, seconds]) => ({ state, name: `${nameOfState(state)} ${percent(seconds / all)}` }));
  return {
    title: 'State',
    words: `State over ${timeName}: ${shares.map(({ name }) => name).join(', ')}.`,
    height,
    ticks: [],
    legend: shares.map(({ state, name }) => ({ mark: state === 'no-tick' ? 'k-gap' : `s-${state}`, name })),
    plot: stretches
      .filter(({ state }) => state !== 'no-tick')
      .map(({ state, fromMs, toMs }) => {
        const [from, to] = [x(fromMs), x(toMs)];
        // one of thousands is to be seen
        return html`<rect class="fill s-${state}" x="${tenth(from)}" y="0" width="${tenth(Math.max(to - from, 2))}" height="${height}"/>`;
      }),
  };
}

function nameOfState(state: HistoryState): string {
  return state === 'no-tick' ? 'no tick ran' : STATE_WORDS[state];
}

/** A point that told an offset. */
type Told = HostPoint & { offsetMs: number; lowestMs: number; highestMs: number };

const isTold = (point: HostPoint): point is Told => point.offsetMs !== null;

/** How far the truth may lie beyond an offset: what the bound has besides it. */
function doubtOf({ lowestMs, highestMs, errorBoundMs }: Told): number {
  return Math.max(0, (errorBoundMs ?? 0) - Math.max(Math.abs(lowestMs), Math.abs(highestMs)));
}

function offsetChart(
  series: HostSeries,
  x: TimeScale,
  { offsetMs: limitMs, errorBoundMs: boundLimitMs }: Thresholds,
  timeName: string,
  isLong: boolean,
): Chart {
  const height = 190;
  const known = series.points.filter(isTold);
  const farthest = Math.max(...known.map((point) => Math.max(Math.abs(point.lowestMs), Math.abs(point.highestMs))), 0);
  const widest = Math.max(...known.map((point) => point.errorBoundMs ?? 0), farthest, 0.001);
  const isBent = limitMs > widest * FAR || widest > limitMs * FAR;
  const edge = Math.max(widest, limitMs) * 1.08;
  const constant = Math.max(0.001, Math.min(widest, limitMs) / 2);
  const scale = isBent
    ? scaleSymlog([-edge, edge], [height, 0]).constant(constant)
    : scaleLinear([-edge, edge], [height, 0]);
  const y: Scale = (value) => scale(value);
  const across = acrossOf(x, isLong);
  const runs = runsWith(series, isTold) as Told[][];
  const band = (low: (point: Told) => number, high: (point: Told) => number, name: string) =>
    paths(
      runs,
      area<Told>(
        across,
        (point) => y(low(point)),
        (point) => y(high(point)),
      ).digits(1),
      name,
    );
  const last = known.at(-1);
  const values = isBent ? [0, limitMs, -limitMs, ...decades(edge)] : scale.ticks(5);
  return {
    title: `Offset, and where the truth may be${isBent ? ' (bent scale: far offsets are drawn nearer)' : ''}`,
    words:
      last === undefined
        ? `Offset over ${timeName}: none was told.`
        : `Offset over ${timeName}: at most ${shortMs(farthest)}, last ${shortMs(last.offsetMs, true)}; error bound at most ${shortMs(widest)}; limits ${shortMs(limitMs)} and ${shortMs(boundLimitMs)}.`,
    height,
    ticks: ticksAt(values, y, true),
    legend: [
      { mark: 'k-mid', name: isLong ? 'offset, the middle of each hour' : 'offset' },
      ...(isLong ? [{ mark: 'k-90', name: 'lowest to highest' }] : []),
      { mark: 'k-all', name: `error bound, at most ${shortMs(widest)} of ${shortMs(boundLimitMs)}` },
      { mark: 'k-limit', name: `limit ${shortMs(limitMs)}` },
      ...(series.cycledAtMs.length > 0 ? [{ mark: 'e-cycled', name: 'cycled' }] : []),
      { mark: 'k-gap', name: 'nothing known' },
    ],
    plot: [
      band(
        (point) => point.lowestMs - doubtOf(point),
        (point) => point.highestMs + doubtOf(point),
        'b-all',
      ),
      isLong
        ? band(
            ({ lowestMs }) => lowestMs,
            ({ highestMs }) => highestMs,
            'b-90',
          )
        : null,
      lines(runs, across, ({ offsetMs }) => y(offsetMs), 'l-mid'),
      limitLines([limitMs, -limitMs], y),
    ],
  };
}

function reachChart(series: HostSeries, x: TimeScale, timeName: string, isLong: boolean): Chart {
  const height = 64;
  const scale = scaleLinear([0, REACH_POLLS], [height - 1, 4]);
  const runs = runsWith(series, ({ reach }) => reach !== null).map((run) => {
    const end = run.at(-1) as HostPoint;
    // a step stands from its beginning to its end
    return [...run, { ...end, fromMs: end.toMs }];
  });
  const shape = area<HostPoint>(
    ({ fromMs }) => tenth(x(fromMs)),
    () => scale(0),
    ({ reach }) => scale(reach ?? 0),
  )
    .curve(curveStepAfter)
    .digits(1);
  const all = series.points.flatMap(({ reach }) => (reach === null ? [] : [reach]));
  const least = all.length === 0 ? null : Math.min(...all);
  return {
    title: `Reach: polls heard of the last ${REACH_POLLS}, mean of its sources${isLong ? ', the least of each hour' : ''}`,
    words:
      least === null
        ? `Reach over ${timeName}: none was told.`
        : `Reach over ${timeName}: at the least ${least} of the last ${REACH_POLLS} polls were heard.`,
    height,
    ticks: [0, 4, 8].map((polls) => ({ at: scale(polls), name: String(polls) })),
    legend: [
      {
        mark: 'k-reach',
        name: least === null ? 'none was told' : `at the least ${Math.round(least * 10) / 10} of ${REACH_POLLS}`,
      },
    ],
    plot: paths(runs, shape, 'b-reach'),
  };
}

function rateChart(series: HostSeries, x: TimeScale, timeName: string): Chart {
  const height = 90;
  const told = series.points.flatMap(({ ratePpm }) => (ratePpm === null ? [] : [ratePpm]));
  const [low, high] = [Math.min(...told), Math.max(...told)];
  // no narrower than a tenth: what a daemon wobbles by is not to look like a storm
  const pad = Math.max((high - low) * 0.1, 0.05);
  const scale =
    told.length === 0 ? scaleLinear([0, 1], [height, 0]) : scaleLinear([low - pad, high + pad], [height, 0]);
  const runs = runsWith(series, ({ ratePpm }) => ratePpm !== null);
  const isLong = series.toMs - series.fromMs > 2 * DAY_MS;
  const between = told.length === 0 ? 'none was told' : `${ppm(low)} to ${ppm(high)}`;
  return {
    title: 'Rate: the correction that its daemon applies, in ppm',
    words: `Rate over ${timeName}: ${between}.`,
    height,
    ticks: told.length === 0 ? [] : scale.ticks(3).map((value) => ({ at: scale(value), name: inPpm(value) })),
    legend: [{ mark: 'k-skew', name: between }],
    plot: lines(runs, acrossOf(x, isLong), ({ ratePpm }) => scale(ratePpm ?? 0), 'l-skew'),
  };
}

/** `+12.3 ppm` */
export function ppm(value: number): string {
  return `${inPpm(value)}\u00a0ppm`;
}

function inPpm(value: number): string {
  const digits = String(Math.round(value * 1000) / 1000).replace(/^-/, '\u2212');
  return `${value > 0 ? '+' : ''}${digits}`;
}

function cycledLines({ cycledAtMs }: HostSeries, x: TimeScale): (height: number) => Html | null {
  const inPlot = cycledAtMs.map((atMs) => x(atMs)).filter((at) => at >= 0 && at <= PLOT_WIDTH);
  return (height) =>
    inPlot.length === 0
      ? null
      : html`<path class="e-cycled thin" d="${inPlot.map((at) => `M${tenth(at)} 0V${height}`).join('')}"/>`;
}
