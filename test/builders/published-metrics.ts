import { type ByAz, TIERS } from '../../src/fleet/fleet.ts';
import { hostMetrics, tickMetrics } from '../../src/metrics/hosts.ts';
import { packMetricData } from '../../src/metrics/pack.ts';
import { judgement, POD } from './judgements.ts';

/** A metric as somebody looks at it, or as it is published. */
export interface Seen {
  namespace: string;
  name: string;
  unit: string;
  dimensions: Record<string, string>;
}

/** Everything that a tick of a pod sends to CloudWatch when each tier has a host in each of these AZs. */
export function published(podName: string, byAz: ByAz = 'key', azLetters = ['a', 'b']): Seen[] {
  const pod = { ...POD, name: podName, metrics: { byAz } };
  const hosts = azLetters.flatMap((letter) => TIERS.map((tier) => judgement(`i-${tier}-${letter}`, tier, letter)));
  const clocks = { skew: { skewMs: 2, hosts: 2, of: 2 }, contradicted: [], unwitnessed: [] };
  const data = [
    ...hostMetrics(pod, hosts, { givenUp: [], stoppedRollOuts: [], startingTooLong: [], inDns: new Set() }, 0),
    ...tickMetrics(pod, { takenOver: false, budgetSpent: false, blind: false, refused: false, clocks }, 0),
  ];
  return packMetricData(data).flatMap(({ Namespace, MetricData }) =>
    MetricData.map(({ MetricName, Unit, Dimensions }) => ({
      namespace: Namespace,
      name: MetricName,
      unit: Unit,
      dimensions: Object.fromEntries(Dimensions.map(({ Name, Value }) => [Name, Value])),
    })),
  );
}
