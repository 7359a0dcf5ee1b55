import { BY_AZ, type ByAz } from '../src/fleet/fleet.ts';
import { listed } from '../src/fleet/sentences.ts';
import { METRICS, type Metric, NAMESPACE } from '../src/metrics/catalogue.ts';
import { MAX_BYTES, MAX_DATA, MAX_VALUES, SIGNIFICANT_DIGITS } from '../src/metrics/pack.ts';
import { metricsOfPod } from '../src/metrics/published.ts';
import { TICK_METRICS, type TickMetric } from '../src/metrics/tick-catalogue.ts';

const KINDS: Record<Metric['kind'], string> = {
  distribution: 'distribution',
  gauge: 'gauge',
  mean: 'mean (signed)',
};

/** `docs/metrics.md`, from the catalogue: the page cannot rot. */
export function metricsPage(): string {
  const rows = [...METRICS, ...TICK_METRICS].map((metric: Metric | TickMetric) => {
    const { name, unit, kind, meaning } = metric;
    const columns = [
      `\`${name}\``,
      unit,
      KINDS[kind],
      dimensionsOf(metric),
      byAzOf(metric),
      meaning.replaceAll('|', '\\|'),
    ];
    return `| ${columns.join(' | ')} |`;
  });
  return `# Metrics

<!-- Written by \`npm run docs:metrics\` from src/metrics/catalogue.ts; a test holds it to that. -->

Namespace \`${NAMESPACE}\`. Every tick publishes these for each pod, in as few PutMetricData calls as CloudWatch allows.

| metric | unit | kind | published at | by AZ too | meaning |
| --- | --- | --- | --- | --- | --- |
${rows.join('\n')}

- \`Tier\` is \`boundary\` or \`client\`, \`AZ\` the full name (\`us-west-2e\`). \`Pod, Tier\` is the roll-up, published of its
  own because percentiles do not merge across dimension sets.
- A *distribution* is value/count pairs of the hosts that told the number, never negative: one negative value, and CloudWatch
  shows no percentile of the period. A host that did not answer, or whose number could not be read, adds nothing.
- A *gauge* is one number a tick, zero included, so that an alarm always has one: use Maximum or Minimum, at \`Pod, Tier\`.
- Metrics at \`Pod\` tell of the tick itself, 1 or 0, and are published also when no host could be looked at; but
  ${listed(TICK_METRICS.filter(({ about }) => about === 'clocks').map(({ name }) => `\`${name}\``))} of the pod's clocks together, as far as they are known.
- Hosts that EC2 does not call running are in no metric. An AZ is published only while the tier has a running host there;
  the roll-up always.
- \`Delay\` is missing for hosts on chrony.

## By AZ

\`metrics.byAz\` in [fleet.yml](fleet.md) says what is published by AZ, at \`Pod, Tier, AZ\`, beside the roll-up:

- \`all\`: every metric that can be told of an AZ, and the roll-up of those marked "with \`all\`".
- \`key\`, the default: of the clients the few that tell an operator where to go. Boundary servers are a handful, and the
  report names each.
- \`none\`: nothing.

Alarms look at roll-ups that each setting has. What stands in no metric stands in the report, host by host, with its AZ;
of clients' votes it has the fewest of the tier (\`clocks.votes\`), of their frequency by AZ, and of who is held, nothing.

| by AZ with \`key\` | why |
| --- | --- |
${reasonRows(({ key }) => key)}

| with \`all\` alone | why nobody misses it |
| --- | --- |
${reasonRows(({ onlyWithAll }) => onlyWithAll)}

## Rounding

Equal values are counted together. Values are kept to a millionth of their unit (a nanosecond for milliseconds). Only where
one metric of one dimension set has more than ${MAX_VALUES} distinct values in a tick are they rounded to ${SIGNIFICANT_DIGITS} significant digits: each
is then off by 0.5 % at most. What still has more than ${MAX_VALUES} is sent as several data of ${MAX_VALUES}, which CloudWatch adds up.
A call carries at most ${MAX_DATA.toLocaleString('en')} data and ${MAX_BYTES.toLocaleString('en')} bytes of JSON.

## Cost

CloudWatch bills by metric, that is by name and dimension set, so the cost grows with the AZs and not with the hosts. A metric is
about $0.30 a month in us-west-2 (check the price list; the first 10,000 of an account cost most); [cost.md](cost.md) has the bill.

| \`metrics.byAz\` | metrics of a pod: boundary servers in *b* AZs, clients in *c* | with 2 and 7 |
| --- | --- | ---: |
${BY_AZ.map((byAz) => `| \`${byAz}\` | ${formula(byAz)} | ${metricsOfPod(byAz, { boundary: 2, client: 7 })} |`).join('\n')}
`;
}

function dimensionsOf(metric: Metric | TickMetric): string {
  if (metric.scope === 'pod') return '`Pod`';
  const { tiers, onlyWithAll, onlyWithAllOf } = metric;
  const sets = tiers.length === 1 ? `\`Pod, Tier\`; \`Tier\` = \`${tiers[0]}\`` : '`Pod, Tier`';
  if (onlyWithAll === null) return sets;
  const [of] = onlyWithAllOf;
  return onlyWithAllOf.length === 1 ? `${sets}; of \`${of}\` with \`all\`` : `${sets}; with \`all\``;
}

function byAzOf(metric: Metric | TickMetric): string {
  if (metric.scope !== 'az') return 'never';
  return metric.key === null ? 'with `all`' : 'with `all`; of clients with `key`';
}

function reasonRows(reasonOf: (metric: Metric) => string | null): string {
  return METRICS.filter((metric) => reasonOf(metric) !== null)
    .map((metric) => `| \`${metric.name}\` | ${reasonOf(metric)} |`)
    .join('\n');
}

function formula(byAz: ByAz): string {
  const rolledUp = metricsOfPod(byAz, { boundary: 0, client: 0 });
  const anAz = (azs: { boundary: number; client: number }) => metricsOfPod(byAz, azs) - rolledUp;
  const terms = [
    [anAz({ boundary: 1, client: 0 }), 'b'],
    [anAz({ boundary: 0, client: 1 }), 'c'],
  ].flatMap(([count, azs]) => (count === 0 ? [] : [`${count} x *${azs}*`]));
  return [...terms, rolledUp].join(' + ');
}
