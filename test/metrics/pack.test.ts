import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { METRICS, type MetricName, metricNamed } from '../../src/metrics/catalogue.ts';
import { type Datum, hostMetrics } from '../../src/metrics/hosts.ts';
import { metricFaults, type PutDatum, type PutRequest, packMetricData } from '../../src/metrics/pack.ts';
import { judgement, POD } from '../builders/judgements.ts';

const AT = Date.UTC(2026, 10, 22, 21, 35);

function datum(name: MetricName, values: number[], AZ?: string): Datum {
  return { name, dimensions: { Pod: 'blue', Tier: 'client', ...(AZ ? { AZ } : {}) }, values, atMs: AT };
}

/** The values that CloudWatch would count, rising. */
function unpack(requests: PutRequest[], name: MetricName): number[] {
  return requests
    .flatMap(({ MetricData }) => MetricData)
    .filter(({ MetricName }) => MetricName === name)
    .flatMap(({ Value, Values = [], Counts = [] }) =>
      Value === undefined ? Values.flatMap((value, i) => Array<number>(Counts[i] ?? 0).fill(value)) : [Value],
    )
    .sort((a, b) => a - b);
}

/** What goes over the wire: JSON as the SDK sends it, or the older form, written by a hand of its own. */
function wireBytes({ Namespace, MetricData }: PutRequest, protocol: 'json' | 'query'): number {
  if (protocol === 'json') {
    const seconds = MetricData.map((datum) => ({ ...datum, Timestamp: datum.Timestamp.getTime() / 1000 }));
    return Buffer.byteLength(JSON.stringify({ Namespace, MetricData: seconds }));
  }
  const fields: [string, string][] = [
    ['Action', 'PutMetricData'],
    ['Version', '2010-08-01'],
    ['Namespace', Namespace],
  ];
  MetricData.forEach((datum, at) => {
    const walk = (path: string, value: unknown) => {
      if (Array.isArray(value)) for (const [i, item] of value.entries()) walk(`${path}.member.${i + 1}`, item);
      else if (value instanceof Date) fields.push([path, value.toISOString()]);
      else if (typeof value === 'object' && value)
        for (const [key, inner] of Object.entries(value)) walk(`${path}.${key}`, inner);
      else if (value !== undefined) fields.push([path, String(value)]);
    };
    walk(`MetricData.member.${at + 1}`, datum);
  });
  return Buffer.byteLength(new URLSearchParams(fields).toString());
}

function expectWithinLimits(requests: PutRequest[], protocol: 'json' | 'query' = 'json') {
  for (const request of requests) {
    expect(request.MetricData.length).toBeLessThanOrEqual(1000);
    expect(wireBytes(request, protocol)).toBeLessThanOrEqual(1_000_000);
    const wrong = request.MetricData.filter(
      ({ Values, Counts, Value }) =>
        (Values?.length ?? 0) > 150 ||
        Counts?.length !== Values?.length ||
        (Value === undefined) === (Values === undefined),
    );
    expect(wrong).toEqual([]);
  }
}

describe('packing', () => {
  it('counts equal values together, in the shape of PutMetricData', () => {
    expect(packMetricData([datum('Offset', [0.3, 0.1 + 0.2, 2, 0], 'us-west-2e'), datum('HostsStale', [0])])).toEqual([
      {
        Namespace: 'Podtime',
        MetricData: [
          {
            MetricName: 'Offset',
            Dimensions: [
              { Name: 'Pod', Value: 'blue' },
              { Name: 'Tier', Value: 'client' },
              { Name: 'AZ', Value: 'us-west-2e' },
            ],
            Timestamp: new Date(AT),
            Unit: 'Milliseconds',
            Values: [0, 0.3, 2],
            Counts: [1, 2, 1],
          },
          {
            MetricName: 'HostsStale',
            Dimensions: [
              { Name: 'Pod', Value: 'blue' },
              { Name: 'Tier', Value: 'client' },
            ],
            Timestamp: new Date(AT),
            Unit: 'Count',
            Value: 0,
          },
        ],
      },
    ]);
  });

  it('makes no request of nothing', () => {
    expect(packMetricData([])).toEqual([]);
    expect(packMetricData([datum('Offset', []), datum('Offset', [Number.NaN])])).toEqual([]);
  });

  it('leaves out what CloudWatch refuses, and says so', () => {
    const data = [
      datum('Offset', [1, Number.NaN, Number.POSITIVE_INFINITY, -2], 'us-west-2e'),
      datum('OffsetMean', [-2]),
      datum('HostsStale', [Number.NaN]),
      datum('Jitter', [1e109]),
    ];
    const requests = packMetricData(data);
    expect(
      requests.flatMap(({ MetricData }) => MetricData).map(({ MetricName, Value }) => [MetricName, Value]),
    ).toEqual([
      ['Offset', 1],
      ['OffsetMean', -2],
    ]);
    expect(metricFaults(data)).toEqual([
      'metric Offset of blue, client, us-west-2e: 3 of 4 values left out, the first is NaN; a distribution takes numbers from 0 to 2^359',
      'metric HostsStale of blue, client: 1 of 1 values left out, the first is NaN; a metric takes numbers from -2^359 to 2^359',
      'metric Jitter of blue, client: 1 of 1 values left out, the first is 1e+109; a distribution takes numbers from 0 to 2^359',
    ]);
  });

  it('rounds to three digits only beyond 150 distinct values, then splits', () => {
    const upTo = (n: number) => Array.from({ length: n }, (_, i) => (100_013 + 10 * i) / 100_000);
    expect(unpack(packMetricData([datum('Offset', upTo(150))]), 'Offset')).toEqual(upTo(150));
    // 1.00013 … 1.01513 are 1, 1.01 and 1.02 at three digits.
    const [request] = packMetricData([datum('Offset', upTo(151))]);
    expect(request?.MetricData.map(({ Values, Counts }) => ({ Values, Counts }))).toEqual([
      { Values: [1, 1.01, 1.02], Counts: [49, 100, 2] },
    ]);
    const many = Array.from({ length: 301 }, (_, i) => i + 1);
    expect(packMetricData([datum('Offset', many)])[0]?.MetricData.map(({ Values }) => Values?.length ?? 1)).toEqual([
      150, 150, 1,
    ]);
  });

  const value = fc.oneof(
    fc.double({ min: 0, max: 1e6, noNaN: true }),
    fc.integer({ min: 0, max: 400 }),
    fc.constantFrom(0, 1e-9, 1e-6, 0.1 + 0.2, 2 ** 53, 2 ** 359),
  );
  const distributions = METRICS.filter(({ kind }) => kind === 'distribution').map(({ name }) => name);

  it('gives every value back, off by 0.5 % at most, and keeps the limits', () => {
    const data = fc.uniqueArray(
      fc.record({ name: fc.constantFrom(...distributions), values: fc.array(value, { maxLength: 400, size: 'max' }) }),
      { selector: ({ name }) => name, maxLength: 4 },
    );
    fc.assert(
      fc.property(data, (given) => {
        const requests = packMetricData(given.map(({ name, values }) => datum(name, values)));
        expectWithinLimits(requests);
        for (const { name, values } of given) {
          const back = unpack(requests, name);
          expect(back.length).toBe(values.length);
          const wrong = [...values]
            .sort((a, b) => a - b)
            .filter((value, i) => !(Math.abs((back[i] ?? Number.NaN) - value) <= value * 0.005 + 0.5e-6));
          expect(wrong).toEqual([]);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('does not depend on the order of values', () => {
    fc.assert(
      fc.property(fc.array(value, { maxLength: 300 }), (values) => {
        expect(packMetricData([datum('Offset', [...values].reverse())])).toEqual(
          packMetricData([datum('Offset', values)]),
        );
      }),
      { numRuns: 50 },
    );
  });

  it('starts a new request at 1,000 data and not before', () => {
    const data = (n: number) => Array.from({ length: n }, (_, i) => datum('HostsStale', [i]));
    expect(packMetricData(data(1000)).map(({ MetricData }) => MetricData.length)).toEqual([1000]);
    expect(packMetricData(data(1001)).map(({ MetricData }) => MetricData.length)).toEqual([1000, 1]);
  });

  it.each(['json', 'query'] as const)('fills each request to the size that %s needs, and no further', (protocol) => {
    const names: MetricName[] = ['Offset', 'Jitter', 'Delay', 'ErrorBound'];
    const data = Array.from({ length: 700 }, (_, i) =>
      datum(
        names[i % 4] ?? 'Offset',
        Array.from({ length: 150 }, (_, j) => (i * 150 + j) / 7),
        `us-west-2${i}`,
      ),
    );
    const requests = packMetricData(data, protocol);
    expectWithinLimits(requests, protocol);
    // One more datum would not have fitted into any but the last.
    const largest = Math.max(...requests.flatMap(({ MetricData }) => MetricData.map((one) => size(one, protocol))));
    for (const request of requests.slice(0, -1)) {
      expect(wireBytes(request, protocol) + largest).toBeGreaterThan(930_000);
    }
    expect(requests.length).toBeGreaterThan(1);
  });

  it('sends ten thousand hosts in four requests or fewer, whatever their clocks', () => {
    // A spread that no real fleet has: four decades, no two clocks alike.
    const hosts = Array.from({ length: 10_000 }, (_, i) => {
      const spread = (k: number) => 10 ** (((i * 7919 * k) % 10_000) / 2500 - 2);
      return judgement(`i-${i}`, i < 20 ? 'boundary' : 'client', 'abcdefg'.charAt(i % 7), {
        measures: {
          offsetMs: spread(1),
          timeServiceOffsetMs: spread(3),
          errorBoundMs: spread(7),
          jitterMs: spread(9),
          delayMs: spread(11),
          reachRatio: (i % 33) / 32,
          reachableSources: i % 9,
        },
      });
    });
    const pod = { ...POD, metrics: { byAz: 'all' as const } };
    const data = hostMetrics(
      pod,
      hosts,
      { givenUp: [], startingTooLong: [], stoppedRollOuts: [], inDns: new Set() },
      AT,
    );
    const requests = packMetricData(data);
    expectWithinLimits(requests);
    expect(metricFaults(data)).toEqual([]);
    expect(unpack(requests, 'Offset').length).toBe(20_000);
    expect(requests.length).toBeLessThanOrEqual(4);
  });

  it('knows every unit that the catalogue gives', () => {
    const [request] = packMetricData(METRICS.map(({ name }) => datum(name, [1])));
    expect(request?.MetricData.map(({ MetricName, Unit }) => [MetricName, Unit])).toEqual(
      METRICS.map(({ name }) => [name, metricNamed(name).unit]),
    );
  });
});

function size(datum: PutDatum, protocol: 'json' | 'query'): number {
  return wireBytes({ Namespace: '', MetricData: [datum] }, protocol);
}
