import type { Datum } from './datum.ts';

/** One metric: namespace, name and its whole set of dimensions. */
export interface StoredMetric {
  namespace: string;
  name: string;
  dimensions: { name: string; value: string }[];
  /** Simulated ms of its first datum. */
  knownAtMs: number;
  /** Real epoch ms of its last datum. */
  lastAtMs: number;
  points: StoredPoint[];
}

export interface StoredPoint extends Pick<Datum, 'atMs' | 'unit' | 'values' | 'statistics'> {
  /** The timestamp that it was given; `atMs` is its minute. */
  stampedAtMs: number;
  /** Simulated ms at which it came. */
  receivedAtMs: number;
}

export interface MetricStore {
  put(namespace: string, data: readonly Datum[], simNowMs: number): void;
  find(namespace: string, name: string, dimensions: Datum['dimensions']): StoredMetric | null;
  all(): StoredMetric[];
}

/** Kept per metric: three days of a datum a minute. */
const MAX_POINTS = 4_320;

export function createMetricStore(): MetricStore {
  const metrics = new Map<string, StoredMetric>();
  // alarms ask for the same dimensions, the very same object, every minute
  const keys = new WeakMap<Datum['dimensions'], string>();
  const keyOfDimensions = (dimensions: Datum['dimensions']) => {
    const kept = keys.get(dimensions);
    if (kept !== undefined) return kept;
    const key = JSON.stringify(dimensions.map((dimension) => [dimension.name, dimension.value]).sort());
    keys.set(dimensions, key);
    return key;
  };
  const keyOf = (namespace: string, name: string, dimensions: Datum['dimensions']) =>
    `${namespace}\n${name}\n${keyOfDimensions(dimensions)}`;
  return {
    put(namespace, data, simNowMs) {
      for (const datum of data) {
        const key = keyOf(namespace, datum.metricName, datum.dimensions);
        const metric = metrics.get(key) ?? {
          namespace,
          name: datum.metricName,
          dimensions: datum.dimensions,
          knownAtMs: simNowMs,
          lastAtMs: 0,
          points: [],
        };
        metrics.set(key, metric);
        const gridMs = datum.resolutionSeconds * 1000;
        metric.points.push({
          atMs: Math.floor(datum.atMs / gridMs) * gridMs,
          stampedAtMs: datum.atMs,
          unit: datum.unit,
          values: datum.values,
          statistics: datum.statistics,
          receivedAtMs: simNowMs,
        });
        metric.lastAtMs = Math.max(metric.lastAtMs, datum.atMs);
        if (metric.points.length > MAX_POINTS) metric.points.shift();
      }
    },
    find: (namespace, name, dimensions) => metrics.get(keyOf(namespace, name, dimensions)) ?? null,
    all: () => [...metrics.values()],
  };
}
