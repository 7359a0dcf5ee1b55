import { type Pod, TIERS, type Tier } from '../../src/fleet/fleet.ts';
import { watchdogOf } from '../../src/fleet/watchdog-classes.ts';
import {
  type HostMetricName,
  METRICS,
  type Metric,
  type MetricName,
  metricNamed,
  NAMESPACE,
} from '../../src/metrics/catalogue.ts';
import { isByAz, isRolledUp } from '../../src/metrics/published.ts';
import { TICK_METRICS, type TickMetric } from '../../src/metrics/tick-catalogue.ts';
import { alarmName } from '../../src/report/alarms.ts';
import { logicalId, type Resource, type Resources } from '../template/cloudformation.ts';
import { alarmRules, percent, periodSeconds } from './alarm-rules.ts';
import { dimensions } from './alarms.ts';

/** A dashboard's grid is 24 columns wide: one tier in each half. */
const WIDTH = 24;
const HALF = WIDTH / 2;
const GRAPH_ROWS = 6;

type Widget = { type: string; width: number; height: number; properties: Record<string, unknown> };
type Placed = Widget & { x: number; y: number };
/** Namespace, metric, dimensions by turns, and how it is drawn; or an expression alone. */
type Line = (string | Record<string, unknown>)[];

/** The published gauges of one graph of a tier. Those that are watched stand in the order of their alarms; gauges of hosts come before those of a tier. */
function gaugesOf(pod: Pod, tier: Tier, graph: Metric['graph']): MetricName[] {
  const watched = alarmRules(pod).map((rule) => ('part' in rule.watched ? rule.watched.part : rule.watched).metric);
  const place = ({ name, scope }: (typeof METRICS)[number]) =>
    (scope === 'tier' ? 2 * watched.length : 0) + (watched.includes(name) ? watched.indexOf(name) : watched.length);
  const gauges = METRICS.filter((metric) => metric.graph === graph && isRolledUp(metric, tier, pod.metrics.byAz));
  return (graph === 'trouble' ? gauges.toSorted((a, b) => place(a) - place(b)) : gauges).map(({ name }) => name);
}

/** One graph a tier for each: the statistics that tell something of it. */
const MEASURED: { metric: HostMetricName; title: string; stats: string[]; limit?: (pod: Pod) => number }[] = [
  { metric: 'Offset', title: 'Offset', stats: ['p50', 'p90', 'p99'], limit: (pod) => pod.thresholds.offsetMs },
  {
    metric: 'TimeServiceOffset',
    title: "Offset from AWS's clock",
    stats: ['p50', 'p90', 'p99'],
    limit: (pod) => pod.thresholds.timeServiceOffsetMs,
  },
  {
    metric: 'ErrorBound',
    title: 'Clock error bound',
    stats: ['p50', 'p90', 'p99'],
    limit: (pod) => pod.thresholds.errorBoundMs,
  },
  { metric: 'Frequency', title: 'Frequency, in ppm', stats: ['p50', 'p90', 'p99'] },
  { metric: 'OffsetMean', title: 'Mean of the signed offsets', stats: ['Average'] },
  { metric: 'Jitter', title: 'Jitter', stats: ['p50', 'p90', 'p99'] },
  { metric: 'Delay', title: 'Delay to the system peer', stats: ['p50', 'p90', 'p99'] },
  { metric: 'ReachRatio', title: 'Share of the last eight polls heard', stats: ['p50', 'p10', 'Minimum'] },
  { metric: 'LiesLeft', title: 'Sources that may lie', stats: ['p50', 'p10', 'Minimum'] },
  { metric: 'LossesLeft', title: 'Sources that may fall silent', stats: ['p50', 'p10', 'Minimum'] },
  { metric: 'ReachableSources', title: 'Sources heard', stats: ['p50', 'p10', 'Minimum'] },
];

/** What is drawn by AZ, of each tier where it is published so. */
const BY_AZ: { metric: HostMetricName; stat: string }[] = [
  { metric: 'Offset', stat: 'p99' },
  { metric: 'HostsUnsynchronised', stat: 'Maximum' },
  { metric: 'HostsLowReach', stat: 'Maximum' },
];

/** One dashboard a pod. */
export function dashboards(stage: string, pods: Pod[]): Resources {
  return Object.fromEntries(pods.map((pod) => [logicalId('Dashboard', pod.name), dashboard(stage, pod)]));
}

function dashboard(stage: string, pod: Pod): Resource {
  return {
    Type: 'AWS::CloudWatch::Dashboard',
    Properties: {
      DashboardName: alarmName(stage, pod.name),
      // Fn::Sub for the account's number in the alarms' ARNs
      DashboardBody: { 'Fn::Sub': JSON.stringify(dashboardBody(stage, pod)) },
    },
  };
}

/** The body's JSON; `${AWS::…}` in it is CloudFormation's to fill in. */
export function dashboardBody(stage: string, pod: Pod): { start: string; periodOverride: string; widgets: Placed[] } {
  const rows: Widget[][] = [
    [header(stage, pod)],
    [status(stage, pod)],
    [alarmStates(stage, pod)],
    TIERS.map((tier) => gauges(pod, tier, `${tier}: hosts`, gaugesOf(pod, tier, 'hosts'), 'Minimum')),
    TIERS.map((tier) => gauges(pod, tier, `${tier}: hosts in trouble`, gaugesOf(pod, tier, 'trouble'), 'Maximum')),
    TIERS.map((tier) => coverage(pod, tier)),
    ...sideBySide(measured(pod, 'boundary'), measured(pod, 'client')),
    // what is of no tier stands in the boundary servers' half, which has nothing by AZ as a rule
    ...sideBySide(
      [...byAz(pod, 'boundary'), functions(stage, pod), ticks(pod), ...clocksTogether(pod)],
      byAz(pod, 'client'),
    ),
  ];
  return { start: '-PT6H', periodOverride: 'inherit', widgets: placed(rows) };
}

/** Rows of one widget in each half; the left column is the longer one. */
function sideBySide(left: Widget[], right: Widget[]): Widget[][] {
  return left.map((widget, index) => [widget, ...right.slice(index, index + 1)]);
}

function placed(rows: Widget[][]): Placed[] {
  let y = 0;
  return rows.flatMap((row) => {
    const top = y;
    y += Math.max(...row.map(({ height }) => height));
    return row.map((widget, index) => ({ ...widget, x: index * HALF, y: top }));
  });
}

function header(stage: string, pod: Pod): Widget {
  const markdown = [
    `# Pod ${pod.name}: ${pod.zone.name}, stage ${stage}`,
    `Adrift above ${pod.thresholds.offsetMs} ms, or ${pod.thresholds.timeServiceOffsetMs} ms from AWS's clock; ` +
      `uncertain above ${pod.thresholds.errorBoundMs} ms of error bound. A tick each ${pod.intervalSeconds} s, more often while ` +
      `something is left to do. Meant to have ${pod.boundaryServers} boundary servers.`,
  ].join('\n');
  return { type: 'text', width: WIDTH, height: 3, properties: { markdown } };
}

/** The last report, as function `widget` shows it, anew at each refresh: which time the dashboard shows is no matter of its. Decision 0139. */
function status(stage: string, pod: Pod): Widget {
  const properties = {
    title: 'Status',
    endpoint: `arn:\${AWS::Partition}:lambda:${pod.region}:\${AWS::AccountId}:function:${widgetFunction(stage)}`,
    params: { pod: pod.name },
    updateOn: { refresh: true, resize: true, timeRange: false },
  };
  return { type: 'custom', width: WIDTH, height: 9, properties };
}

/** Who looks at the dashboard must be allowed to invoke it. */
export function widgetFunction(stage: string): string {
  return `podtime-${stage}-widget`;
}

function alarmStates(stage: string, pod: Pod): Widget {
  const names = [alarmName(stage, pod.name), ...alarmRules(pod).map(({ key }) => alarmName(stage, pod.name, key))];
  const arn = `arn:\${AWS::Partition}:cloudwatch:${pod.region}:\${AWS::AccountId}:alarm:`;
  const properties = { title: 'Alarms', alarms: names.map((name) => `${arn}${name}`) };
  return { type: 'alarm', width: WIDTH, height: 4, properties };
}

function gauges(pod: Pod, tier: Tier, title: string, metrics: MetricName[], stat: string): Widget {
  const lines = metrics.map((metric) => line(pod, tier, metric, { stat, label: metric }));
  return graph(pod, title, lines, 'HostsExpected');
}

function coverage(pod: Pod, tier: Tier): Widget {
  const lines: Line[] = [
    line(pod, tier, 'HostsSampled', { stat: 'Minimum', id: 'sampled', visible: false }),
    line(pod, tier, 'HostsExpected', { stat: 'Maximum', id: 'expected', visible: false }),
    [{ expression: 'IF(expected > 0, 100 * sampled / expected, 100)', label: 'percent that answered', id: 'coverage' }],
  ];
  const properties = graphProperties(pod, `${tier}: coverage`, lines, 'Percent', percent(pod.alarms.coverageShare));
  return { type: 'metric', width: HALF, height: GRAPH_ROWS, properties };
}

/** The watchdog serves all pods of its class: its errors are every such pod's. */
function functions(stage: string, pod: Pod): Widget {
  const lines = ['Invocations', 'Errors', 'Throttles'].map(
    (metric): Line => [
      'AWS/Lambda',
      metric,
      'FunctionName',
      `podtime-${stage}-${watchdogOf(pod).functionName}`,
      { stat: 'Sum', label: metric },
    ],
  );
  const properties = graphProperties(pod, 'The watchdog itself', lines, 'Count');
  return { type: 'metric', width: HALF, height: GRAPH_ROWS, properties };
}

/** What went wrong with single ticks: 1 in a period that has one. */
function ticks(pod: Pod): Widget {
  const lines = ofPod('tick').map(({ name }) => line(pod, null, name, { stat: 'Maximum', label: name }));
  return graph(pod, 'Ticks in trouble', lines, 'TickBudgetSpent');
}

/** What the pod's clocks say together. */
function clocksTogether(pod: Pod): Widget[] {
  const titles: Partial<Record<MetricName, string>> = {
    PodSkew: 'Skew: no two clocks differ by more',
    UpstreamsContradicted: 'Upstreams contradicted',
  };
  return ofPod('clocks').map(({ name }) =>
    graph(pod, titles[name] ?? name, [line(pod, null, name, { stat: 'Maximum', label: name })], name),
  );
}

function ofPod(about: TickMetric['about']) {
  return TICK_METRICS.filter((metric) => metric.about === about);
}

function measured(pod: Pod, tier: Tier): Widget[] {
  return MEASURED.filter(({ metric }) => isRolledUp(metricNamed(metric), tier, pod.metrics.byAz)).map(
    ({ metric, title, stats, limit }) => {
      const lines = stats.map((stat) => line(pod, tier, metric, { stat, label: stat }));
      return graph(pod, `${tier}: ${title}`, lines, metric, limit?.(pod));
    },
  );
}

function byAz(pod: Pod, tier: Tier): Widget[] {
  return BY_AZ.filter(({ metric }) => isByAz(metricNamed(metric), tier, pod.metrics.byAz)).map(({ metric, stat }) => {
    const lines = pod.azs.map((az) => line(pod, tier, metric, { stat, label: az }, az));
    return graph(pod, `${tier}: ${metric} by AZ, ${stat}`, lines, metric);
  });
}

function line(pod: Pod, tier: Tier | null, metric: MetricName, drawn: Record<string, unknown>, az?: string): Line {
  return [NAMESPACE, metric, ...dimensions(pod, tier, az).flatMap(({ Name, Value }) => [Name, Value]), drawn];
}

function graph(pod: Pod, title: string, lines: Line[], metric: MetricName, limit?: number): Widget {
  const properties = graphProperties(pod, title, lines, metricNamed(metric).unit, limit);
  return { type: 'metric', width: HALF, height: GRAPH_ROWS, properties };
}

function graphProperties(pod: Pod, title: string, metrics: Line[], unit: string, limit?: number) {
  return {
    title,
    view: 'timeSeries',
    region: pod.region,
    period: periodSeconds(pod),
    metrics,
    // the axis is labelled by what is published, not by what CloudWatch would guess
    yAxis: { left: { label: unit, showUnits: false } },
    ...(limit === undefined ? {} : { annotations: { horizontal: [{ label: 'limit', value: limit }] } }),
  };
}
