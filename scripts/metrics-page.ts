import {
  METRICS,
  type Metric,
  metricsOfPod,
  NAMESPACE,
  TICK_METRICS,
  type TickMetric,
} from '../src/metrics/catalogue.ts';
import { MAX_BYTES, MAX_DATA, MAX_VALUES, SIGNIFICANT_DIGITS } from '../src/metrics/pack.ts';

const KINDS: Record<Metric['kind'], string> = {
  distribution: 'distribution',
  gauge: 'gauge',
  mean: 'mean (signed)',
};

/** `docs/metrics.md`, from the catalogue: the page cannot rot. */
export function metricsPage(): string {
  const rows = [...METRICS, ...TICK_METRICS].map((metric: Metric | TickMetric) => {
    const { name, unit, kind, meaning } = metric;
    return `| \`${name}\` | ${unit} | ${KINDS[kind]} | ${dimensionsOf(metric)} | ${meaning.replaceAll('|', '\\|')} |`;
  });
  return `# Metrics

<!-- Written by \`npm run docs:metrics\` from src/metrics/catalogue.ts; a test holds it to that. -->

Namespace \`${NAMESPACE}\`. Every tick publishes these for each pod, in as few PutMetricData calls as CloudWatch allows.

| metric | unit | kind | dimensions | meaning |
| --- | --- | --- | --- | --- |
${rows.join('\n')}

- \`Tier\` is \`boundary\` or \`client\`, \`AZ\` the full name (\`us-west-2e\`). \`Pod, Tier\` is the roll-up, published of its
  own because percentiles do not merge across dimension sets.
- A *distribution* is value/count pairs of the hosts that told the number, never negative: one negative value, and CloudWatch
  shows no percentile of the period. A host that did not answer, or whose number could not be read, adds nothing.
- A *gauge* is one number a tick, zero included, so that an alarm always has one: use Maximum or Minimum, at \`Pod, Tier\`.
- Metrics at \`Pod\` tell of the tick itself, 1 or 0, and are published also when no host could be looked at.
- Hosts that EC2 does not call running are in no metric. An AZ is published only while the tier has a running host there;
  the roll-up always.
- \`Delay\` is missing for hosts on chrony.

## Rounding

Equal values are counted together. Values are kept to a millionth of their unit (a nanosecond for milliseconds). Only where
one metric of one dimension set has more than ${MAX_VALUES} distinct values in a tick are they rounded to ${SIGNIFICANT_DIGITS} significant digits: each
is then off by 0.5 % at most. What still has more than ${MAX_VALUES} is sent as several data of ${MAX_VALUES}, which CloudWatch adds up.
A call carries at most ${MAX_DATA.toLocaleString('en')} data and ${MAX_BYTES.toLocaleString('en')} bytes of JSON.

## Cost

CloudWatch bills by metric, that is by name and dimension set, so the cost grows with the AZs and not with the hosts:
a pod with both tiers in *n* AZs has ${metricsOfPod(1) - metricsOfPod(0)} x *n* + ${metricsOfPod(0)} metrics (${metricsOfPod(7)} with seven),\neach about $0.30 a month in us-west-2 (check the price list; the first 10,000 metrics of an account cost most).
`;
}

function dimensionsOf(metric: Metric | TickMetric): string {
  if (metric.scope === 'pod') return '`Pod`';
  const { scope, tiers } = metric;
  const sets = scope === 'az' ? '`Pod, Tier, AZ` and `Pod, Tier`' : '`Pod, Tier`';
  return tiers.length === 1 ? `${sets}; \`Tier\` = \`${tiers[0]}\`` : sets;
}
