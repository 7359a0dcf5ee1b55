import { STATES } from '../diagnosis/judgement.ts';
import { type Pod, TIERS } from '../fleet/fleet.ts';
import { MODES } from '../plan/plan.ts';
import type { HostReport, Report } from './report.ts';

/** A pod's last report, or none that can be read. */
export interface PodReport {
  pod: Pick<Pod, 'name'>;
  report: Report | null;
}

export const OPEN_METRICS_TYPE = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

type Labels = Readonly<Record<string, string>>;
type Sample = readonly [labels: Labels, value: number];

/** A gauge: its unit, where it has one, ends its name, as OpenMetrics wants it. */
interface Gauge {
  name: string;
  unit?: 'seconds';
  help: string;
  samples: (report: Report) => Sample[];
}

/** Shares of the hosts that lie below a number. */
const QUANTILES = [0.5, 0.95, 1];

const GAUGES: readonly Gauge[] = [
  {
    name: 'podtime_report_timestamp_seconds',
    unit: 'seconds',
    help: 'When the last tick began, in seconds since the epoch.',
    samples: ({ startedAtMs }) => [[{}, startedAtMs / 1000]],
  },
  {
    name: 'podtime_mode',
    help: 'The mode in which the last tick ran: 1 of the one it is.',
    samples: ({ mode }) => MODES.map((each) => [{ mode: each }, each === mode ? 1 : 0]),
  },
  {
    name: 'podtime_hosts',
    help: 'Hosts in each state, by tier.',
    samples: ({ hosts }) =>
      TIERS.flatMap((tier) =>
        STATES.map(
          (state): Sample => [{ tier, state }, count(hosts, (host) => host.tier === tier && host.state === state)],
        ),
      ),
  },
  {
    name: 'podtime_confident_hosts',
    help: 'Hosts whose clock is confident, by tier.',
    samples: ({ hosts }) =>
      TIERS.map((tier) => [{ tier }, count(hosts, (host) => host.tier === tier && host.confident)]),
  },
  {
    name: 'podtime_stale_hosts',
    help: 'Clients that DNS has left behind.',
    samples: ({ summary }) => [[{}, summary.stale]],
  },
  {
    name: 'podtime_refusals',
    help: 'What the last tick refused to do.',
    samples: ({ refusals }) => [[{}, refusals.reduce((sum, { count: times }) => sum + times, 0)]],
  },
  {
    name: 'podtime_faults',
    help: 'Faults that cost a part of the last tick.',
    samples: ({ faults }) => [[{}, faults.length]],
  },
  {
    name: 'podtime_skew_seconds',
    unit: 'seconds',
    help: 'The most by which any two clocks of the pod can differ.',
    samples: ({ clocks }) => (clocks?.skew ? [[{}, clocks.skew.skewMs / 1000]] : []),
  },
  {
    name: 'podtime_offset_seconds',
    unit: 'seconds',
    help: 'The offset, without its sign, below which this share of a tier lies.',
    samples: quantiles(({ offsetMs }) => (offsetMs === undefined ? undefined : Math.abs(offsetMs))),
  },
  {
    name: 'podtime_error_bound_seconds',
    unit: 'seconds',
    help: 'The error bound below which this share of a tier lies.',
    samples: quantiles(({ errorBoundMs }) => errorBoundMs),
  },
];

/** The last reports as OpenMetrics 1.0: what a scraper reads. Of a pod whose report cannot be read one gauge says so. Decision 0131. */
export function openMetrics(reports: readonly PodReport[]): string {
  const isRead: Gauge = {
    name: 'podtime_report_read',
    help: 'Whether the pod has a report that can be read.',
    samples: () => [],
  };
  const read = reports.map(({ pod, report }) => sampleLine(isRead.name, { pod: pod.name }, report === null ? 0 : 1));
  const families = GAUGES.flatMap((gauge) => {
    const lines = reports.flatMap(({ pod, report }) =>
      report === null
        ? []
        : gauge.samples(report).map(([labels, value]) => sampleLine(gauge.name, { pod: pod.name, ...labels }, value)),
    );
    return [...headOf(gauge), ...lines];
  });
  return [...headOf(isRead), ...read, ...families, '# EOF', ''].join('\n');
}

function headOf({ name, unit, help }: Gauge): string[] {
  return [`# TYPE ${name} gauge`, ...(unit ? [`# UNIT ${name} ${unit}`] : []), `# HELP ${name} ${help}`];
}

function sampleLine(name: string, labels: Labels, value: number): string {
  const written = Object.entries(labels).map(
    ([label, text]) => `${label}="${text.replaceAll(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')}"`,
  );
  return `${name}{${written.join(',')}} ${value}`;
}

function quantiles(measure: (measures: HostReport['measures']) => number | undefined): Gauge['samples'] {
  return ({ hosts }) =>
    TIERS.flatMap((tier) => {
      const values = hosts
        .flatMap((host) => (host.tier === tier ? (measure(host.measures) ?? []) : []))
        .toSorted((a, b) => a - b);
      if (values.length === 0) return [];
      return QUANTILES.map((share): Sample => {
        const at = Math.min(values.length - 1, Math.ceil(share * values.length) - 1);
        return [{ tier, share: String(share) }, (values[at] ?? 0) / 1000];
      });
    });
}

function count(hosts: readonly HostReport[], isCounted: (host: HostReport) => boolean): number {
  return hosts.filter(isCounted).length;
}
