import { NAMESPACE } from '../src/metrics/catalogue.ts';
import { type Datum, hostMetrics } from '../src/metrics/hosts.ts';
import { MAX_DATA, type PutRequest, packMetricData } from '../src/metrics/pack.ts';
import { judgement, POD } from '../test/builders/judgements.ts';
import type { Comparison } from './run.ts';

/** Numbers as settled clocks have them, most near a tenth of a millisecond, some ten times that; the same in each run. */
function spread(host: number, measure: number): number {
  const turn = Math.sin(host * 12.9898 + measure * 78.233) * 43758.5453;
  return 10 ** (3 * (turn - Math.floor(turn)) - 2);
}

const hosts = Array.from({ length: 10_000 }, (_, i) =>
  judgement(`i-${i}`, i < 20 ? 'boundary' : 'client', 'abcdefg'.charAt(i % 7), {
    measures: {
      offsetMs: spread(i, 1) - 5,
      timeServiceOffsetMs: spread(i, 2),
      errorBoundMs: spread(i, 3),
      jitterMs: spread(i, 4),
      delayMs: spread(i, 5),
      reachRatio: i % 50 === 0 ? (i % 33) / 32 : 1,
      reachableSources: i % 100 === 0 ? 2 : 4,
    },
  }),
);
// the most that a pod can be set to publish
const data = hostMetrics(
  { ...POD, metrics: { byAz: 'all' } },
  hosts,
  { givenUp: [], startingTooLong: [], stoppedRollOuts: [], inDns: new Set() },
  0,
);

const packed = () => packMetricData(data).map((request) => JSON.stringify(request));

/** The plain way: every number its own datum, a thousand to a request. */
function single(): string[] {
  const each = data.flatMap(({ values, ...datum }) => values.map((value): Datum => ({ ...datum, values: [value] })));
  const requests: string[] = [];
  for (let from = 0; from < each.length; from += MAX_DATA) {
    const [request] = packMetricData(each.slice(from, from + MAX_DATA)) as [PutRequest];
    requests.push(JSON.stringify({ Namespace: NAMESPACE, MetricData: request.MetricData }));
  }
  return requests;
}

const sent = (requests: string[]) =>
  `${requests.length} requests, ${(requests.reduce((sum, body) => sum + body.length, 0) / 1e6).toFixed(1)} MB`;

export const comparisons: Comparison[] = [
  {
    name: `pack the metrics of 10,000 hosts (${sent(packed())})`,
    subject: packed,
    against: `one datum a value (${sent(single())})`,
    baseline: single,
    // Seen: 0.06. Counting equal values must stay far cheaper than spelling each of them out.
    atMost: 0.25,
  },
];
