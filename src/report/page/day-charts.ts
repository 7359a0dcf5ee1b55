import { scaleLinear, scaleSymlog } from 'd3-scale';
import { area, curveStepAfter, line, stack } from 'd3-shape';
import { STATES, type State } from '../../diagnosis/judgement.ts';
import type { Thresholds } from '../../fleet/fleet.ts';
import type { DayPoint } from '../../state/day.ts';
import {
  type Chart,
  decades,
  FAR,
  limitLines,
  lines,
  paths,
  runsOf,
  type Scale,
  type Tick,
  type TimeScale,
  tenth,
  ticksAt,
} from './frame.ts';
import { html } from './html.ts';
import { grouped, STATE_WORDS, shortMs } from './words.ts';

/** Beyond so many times of what most hosts have, a straight scale would show them as one line. */
const CROWDED = 12;

/** Percentile bands of the offset, as ntpviz draws them: darker where more hosts are. */
export function offsetChart(day: readonly DayPoint[], x: TimeScale, { offsetMs: limitMs }: Thresholds): Chart {
  const height = 190;
  const known = day.filter(({ offsetMs }) => offsetMs?.length === 7);
  const seen = known.flatMap(({ offsetMs = [] }) => offsetMs.map(Math.abs));
  const farthest = Math.max(...seen, 0.001);
  const usual = Math.max(
    ...known.flatMap(({ offsetMs = [] }) => [offsetMs[1] ?? 0, offsetMs[5] ?? 0].map(Math.abs)),
    0.001,
  );
  const isLimitNear = limitMs <= farthest * FAR;
  const edge = (isLimitNear ? Math.max(farthest, limitMs) : farthest) * 1.08;
  const isBent = edge > usual * CROWDED;
  const scale = isBent
    ? scaleSymlog([-edge, edge], [height, 0]).constant(usual)
    : scaleLinear([-edge, edge], [height, 0]);
  const y: Scale = (value) => scale(value);
  const at = (index: number) => (point: DayPoint) => y(point.offsetMs?.[index] ?? 0);
  const runs = runsOf(day).map((run) => run.filter(({ offsetMs }) => offsetMs?.length === 7));
  const band = (low: number, high: number, name: string) =>
    paths(runs, area<DayPoint>(across(x), at(low), at(high)).digits(1), name);
  const values = isBent
    ? [0, limitMs, -limitMs, farthest, -farthest, ...decades(farthest)]
    : scaleLinear([-edge, edge], [0, 1]).ticks(5);
  const last = known.at(-1)?.offsetMs ?? [];
  const limitWords = `limit ${shortMs(limitMs)}${isLimitNear ? '' : ', outside the picture'}`;
  return {
    title: `Offset of the hosts${isBent ? ' (bent scale: far offsets are drawn nearer)' : ''}`,
    words: `Offset of all sampled hosts over the last 24 hours: farthest ${shortMs(farthest)}, now between ${shortMs(last[0] ?? 0, true)} and ${shortMs(last[6] ?? 0, true)}, median ${shortMs(last[3] ?? 0, true)}; ${limitWords}.`,
    height,
    ticks: ticksAt(values, y, true),
    legend: [
      { mark: 'k-all', name: 'all hosts' },
      { mark: 'k-90', name: '90 % of them' },
      { mark: 'k-50', name: '50 %' },
      { mark: 'k-mid', name: 'median' },
      { mark: 'k-limit', name: limitWords },
      { mark: 'k-gap', name: 'no tick ran' },
    ],
    plot: [
      band(0, 6, 'b-all'),
      band(1, 5, 'b-90'),
      band(2, 4, 'b-50'),
      lines(runs, across(x), at(3), 'l-mid'),
      isLimitNear ? limitLines([limitMs, -limitMs], y) : null,
    ],
  };
}

/** How wrong clocks may be, and how far any two may be apart. */
export function boundChart(day: readonly DayPoint[], x: TimeScale, { errorBoundMs: limitMs }: Thresholds): Chart {
  const height = 190;
  const isKnown = ({ errorBoundMs }: DayPoint) => errorBoundMs?.length === 3;
  const worst = Math.max(...day.flatMap(({ errorBoundMs = [], skewMs = 0 }) => [...errorBoundMs, skewMs]), 0.001);
  const isLimitNear = limitMs <= worst * FAR;
  const edge = (isLimitNear ? Math.max(worst, limitMs) : worst) * 1.08;
  const scale = scaleLinear([0, edge], [height, 0]);
  const y: Scale = (value) => scale(value);
  const runs = runsOf(day);
  const bounds = runs.map((run) => run.filter(isKnown));
  const at = (index: number) => (point: DayPoint) => y(point.errorBoundMs?.[index] ?? 0);
  const drawn = (index: number, name: string) => lines(bounds, across(x), at(index), name);
  const skews = runs.map((run) => run.filter(({ skewMs }) => skewMs !== undefined));
  const last = day.findLast(isKnown)?.errorBoundMs ?? [];
  const limitWords = `limit ${shortMs(limitMs)}${isLimitNear ? '' : ', outside the picture'}`;
  return {
    title: 'Error bound, and skew of the pod',
    words: `How wrong clocks may be, over the last 24 hours: at most ${shortMs(worst)}, now ${shortMs(last[0] ?? 0)} for half of the hosts and ${shortMs(last[2] ?? 0)} for the worst; ${limitWords}.`,
    height,
    ticks: ticksAt(scale.ticks(4), y, false),
    legend: [
      { mark: 'k-max', name: 'worst bound' },
      { mark: 'k-p95', name: '95 % of the hosts' },
      { mark: 'k-mid', name: '50 %' },
      { mark: 'k-skew', name: 'skew' },
      { mark: 'k-limit', name: limitWords },
    ],
    plot: [
      drawn(2, 'l-max'),
      drawn(1, 'l-p95'),
      drawn(0, 'l-mid'),
      lines(skews, across(x), (point) => y(point.skewMs ?? 0), 'l-skew'),
      isLimitNear ? limitLines([limitMs], y) : null,
    ],
  };
}

/** Of the hosts those that were not healthy, stacked by state: one of thousands is to be seen. */
export function statesChart(day: readonly DayPoint[], x: TimeScale): Chart {
  const height = 110;
  const ill = STATES.filter((state) => state !== 'healthy' && day.some(({ states }) => (states[state] ?? 0) > 0));
  const illOf = ({ states }: DayPoint) => ill.reduce((sum, state) => sum + (states[state] ?? 0), 0);
  const most = Math.max(...day.map(illOf), ...day.map(({ stale = 0 }) => stale), 0);
  const edge = Math.max(most * 1.08, 1);
  const scale = scaleLinear([0, edge], [height, 0]);
  const y: Scale = (value) => scale(value);
  const shares = stack<DayPoint, State>()
    .keys(ill)
    .value(({ states }, state) => states[state] ?? 0);
  // a point stands until the next one
  const areas = runsOf(day).flatMap((run) =>
    shares(run).map((series) => {
      const shape = area<(typeof series)[number]>(
        (each) => Math.round(x(each.data.atMs)),
        ([low]) => y(low),
        ([, high]) => y(high),
      )
        .curve(curveStepAfter)
        .digits(1);
      return html`<path class="fill s-${series.key}" d="${shape(changesOf(series, ([low, high]) => `${low} ${high}`)) ?? ''}"/>`;
    }),
  );
  const hasStale = day.some(({ stale = 0 }) => stale > 0);
  const stale = line<DayPoint>(across(x), (point) => y(point.stale ?? 0))
    .curve(curveStepAfter)
    .digits(1);
  const last = day.at(-1);
  const total = last ? Object.values(last.states).reduce((sum, hosts) => sum + hosts, 0) : 0;
  const now = ill
    .filter((state) => (last?.states[state] ?? 0) > 0)
    .map((state) => `${last?.states[state]} ${STATE_WORDS[state]}`);
  return {
    title: `Hosts that were not healthy, of ${grouped(total)}`,
    words: `Hosts that were not healthy over the last 24 hours: at most ${most} at one time; now ${now.length === 0 ? 'none' : now.join(', ')}.`,
    height,
    ticks: ticksOfCounts(scale.ticks(3), y),
    legend:
      ill.length === 0 && !hasStale
        ? [{ mark: 's-healthy', name: 'all were healthy' }]
        : [
            ...ill.map((state) => ({ mark: `s-${state}`, name: STATE_WORDS[state] })),
            ...(hasStale ? [{ mark: 'k-stale', name: 'stale' }] : []),
          ],
    plot: [
      ...areas,
      hasStale
        ? paths(
            runsOf(day).map((run) => changesOf(run, ({ stale = 0 }) => String(stale))),
            stale,
            'l-stale',
          )
        : null,
    ],
  };
}

/** When daemons were cycled, and records changed. */
export function eventsChart(day: readonly DayPoint[], x: TimeScale): Chart {
  const lanes = [
    {
      name: 'Cycled',
      mark: 'e-cycled',
      times: day.flatMap(({ atMs, cycled = 0 }) => (cycled > 0 ? [{ atMs, of: cycled }] : [])),
    },
    {
      name: 'DNS',
      mark: 'e-dns',
      times: day.flatMap(({ atMs, dnsChanges = 0 }) => (dnsChanges > 0 ? [{ atMs, of: dnsChanges }] : [])),
    },
  ];
  const LANE = 55;
  const sums = lanes.map(({ times }) => times.reduce((sum, { of }) => sum + of, 0));
  return {
    title: 'What podtime did',
    words: `Over the last 24 hours ${sums[0]} hosts were cycled and ${sums[1]} records changed in DNS.`,
    height: LANE * lanes.length,
    ticks: lanes.map(({ name }, lane) => ({ at: LANE * (lane + 0.5), name })),
    legend: [
      { mark: 'e-cycled', name: `${grouped(sums[0] ?? 0)} hosts cycled` },
      { mark: 'e-dns', name: `${grouped(sums[1] ?? 0)} records changed` },
    ],
    plot: lanes.map(({ mark, times }, lane) =>
      times.length === 0
        ? null
        : html`<path class="${mark}" d="${times.map(({ atMs }) => `M${tenth(x(atMs))} ${LANE * lane + 12}v31`).join('')}"/>`,
    ),
  };
}

/** Of a day five minutes are five units: more digits are lost on whoever looks. */
function across(x: TimeScale): (point: DayPoint) => number {
  return ({ atMs }) => Math.round(x(atMs));
}

/** Of steps those that say something new, and the last. */
function changesOf<E>(steps: readonly E[], saidBy: (step: E) => string): E[] {
  return steps.filter((step, index) => {
    const before = steps[index - 1];
    return before === undefined || index === steps.length - 1 || saidBy(before) !== saidBy(step);
  });
}

function ticksOfCounts(values: readonly number[], y: Scale): Tick[] {
  return values.filter(Number.isInteger).map((value) => ({ at: y(value), name: grouped(value) }));
}
