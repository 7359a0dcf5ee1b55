import type { Template } from '../../infra/template/cloudformation.ts';
import { METRICS_BY_AZ } from '../../src/fleet/defaults.ts';
import { BY_AZ, type ByAz, TIERS } from '../../src/fleet/fleet.ts';
import { listed } from '../../src/fleet/sentences.ts';
import { METRICS } from '../../src/metrics/catalogue.ts';
import { isByAz, isRolledUp } from '../../src/metrics/published.ts';
import {
  apartOf,
  BOOT_RUNS_A_DAY,
  bill,
  DAY_SHARE,
  FOLDED_SHARE,
  HISTORY_LIMITS,
  HOURS_A_MONTH,
  historyOf,
  INTERVAL_MINUTES,
  type Item,
  LIMIT,
  limitOf,
  lockDollars,
  POLL_SECONDS,
  POLLERS,
  type Standing,
  standingOf,
  totalOf,
} from './bill.ts';
import { FREE, PRICES, PRICES_OF } from './prices.ts';
import { type RecordedTick, tickOf } from './recording.ts';
import { REQUEST_SECONDS, SHORT_RUN_SECONDS, TICK_WAIT_SECONDS, tickSeconds } from './run-times.ts';

export const FLEETS = [100, 1000, 10_000];
/** The fleet file whose packaged template each is counted from: of a pod that is built for so many. */
export const FLEET_FILES: Readonly<Record<number, string>> = {
  100: 'test/fixtures/infra/cost.yml',
  1000: 'test/fixtures/infra/cost.yml',
  10000: 'test/fixtures/infra/cost-10k.yml',
};
/** In how many AZs the pod of the page has hosts. */
export const AZS = { boundary: 2, client: 7 };

/** docs/cost.md, from the packaged templates of `FLEET_FILES` and a recorded tick. Decisions 0032, 0062. */
export function costPage(templateOf: (hosts: number) => Template, recorded: RecordedTick[]): string {
  const standings = new Map(FLEETS.map((hosts) => [hosts, standingOf(templateOf(hosts), AZS)]));
  const standing = standings.get(FLEETS[0] as number) as Standing;
  const gigabytesOf = (hosts: number) => standings.get(hosts)?.watchdogGigabytes ?? 0;
  const billOf = (hosts: number, byAz: ByAz) => bill(hosts, byAz, standings.get(hosts) as Standing, recorded);
  const bills = FLEETS.map((hosts) => billOf(hosts, METRICS_BY_AZ));
  const [first = []] = bills;
  const rows = first
    .filter(({ apart }) => !apart)
    .map(({ what }) => {
      const same = bills.map((items) => items.find((item) => item.what === what) as Item);
      return `| ${what} | ${same.map(({ amount, dollars }) => `${counted(amount)} | ${money(dollars)}`).join(' | ')} |`;
    });
  const settings = BY_AZ.map((byAz) => {
    const totals = FLEETS.map((hosts) => money(totalOf(billOf(hosts, byAz))));
    return `| \`${byAz}\`${byAz === METRICS_BY_AZ ? ' (default)' : ''} | ${standing.metrics[byAz]} | ${totals.join(' | ')} | ${leftOut(byAz)} |`;
  });
  const ticks = FLEETS.map((hosts) => tickOf(hosts, recorded));
  const calls = Object.keys(ticks[0]?.calls ?? {});
  const [small, large] = [ticks.at(0), ticks.at(-1)] as [RecordedTick, RecordedTick];
  const memoryBytesAHost = (large.memoryBytes - small.memoryBytes) / (large.hosts - small.hosts);
  const historyBytesAHost = (large.historyBytes - small.historyBytes) / (large.hosts - small.hosts);
  const ofStack = first.filter((item) => item.ofStack);
  const bare = (dollars: (items: Item[]) => number) => bills.map((items) => `| ${money(dollars(items))}`).join(' | ');
  return `# Cost

<!-- Written by \`npm run docs:cost\`; a test holds it to that. -->

What one pod costs a month of ${HOURS_A_MONTH} hours: ${AZS.boundary} boundary servers, clients in ${AZS.client} AZs. Nothing of this has been on a bill: it is counted from
the packaged template and from a recorded tick, and the prices are **unconfirmed**. A second pod in the stack costs the same again, but
for $${money(totalOf(ofStack))}: ${listed(ofStack.map(({ what }) => `"${what}"`))} are paid once for all its pods.

| | ${FLEETS.map((hosts) => `${hosts.toLocaleString('en')} hosts: amount | $`).join(' | ')} |
| --- |${' ---: | ---: |'.repeat(FLEETS.length)}
${rows.join('\n')}
| **together** | ${bills.map((items) => `| **${money(totalOf(items))}**`).join(' | ')} |
| of that without the history | ${bare((items) => totalOf(items) - historyOf(items))} |
| the most that this may be | ${FLEETS.map((hosts) => `| ${money(limitOf(hosts))}`).join(' | ')} |
| an execute-api endpoint of its own, in ${standing.endpointAzs} AZs | ${bare(apartOf)} |
| with that endpoint | ${bare((items) => totalOf(items) + apartOf(items))} |

The limit is $${LIMIT.dollars} for ${LIMIT.hosts} hosts and $${LIMIT.dollarsPerThousandMore} more for each 1,000, with \`metrics.byAz: ${METRICS_BY_AZ}\`, the endpoint and the history apart; the history's own is ${HISTORY_LIMITS.map(({ hosts, dollars }) => `$${dollars} at ${hosts.toLocaleString('en')} hosts`).join(' and ')}. A test holds the page to both. Metrics are most
of it, and do not grow with the fleet: they are paid by name and dimension set ([metrics.md](metrics.md)). Where the VPC has an execute-api
endpoint already, \`endpoints\` instead of \`newEndpoint\` saves that line.

## What each setting of \`metrics.byAz\` costs

| | metrics | ${FLEETS.map((hosts) => `$, ${hosts.toLocaleString('en')} hosts`).join(' | ')} | left out |
| --- | ---: |${' ---: |'.repeat(FLEETS.length)} --- |
${settings.join('\n')}

All of it, the endpoint apart. Each AZ more with clients costs $${money(anAz('all'))} with \`all\`, $${money(anAz('key'))} with \`key\`, nothing with \`none\`. What is left out of
the metrics stands in the report, host by host; of clients' votes the fewest of the tier.

## Assumptions

- A schedule runs the watchdog every minute; every ${INTERVAL_MINUTES} minutes it does a whole tick. While clients are being cycled the runs between look at their wave.
- Each tick waits ${TICK_WAIT_SECONDS} s for one silent host; a settled fleet answers in seconds. Run times were measured ([scale.md](scale.md)), never on AWS:
  over a stand-in for AWS, held to the share of a processor that Lambda gives with the memory, which follows the pod's \`hosts\` ([fleet.md](fleet.md)). A tick counts
  ${FLEETS.map((hosts) => `${Math.round(tickSeconds(hosts))} s (${hosts.toLocaleString('en')} hosts, ${gigabytesOf(hosts)} GB)`).join(', ')}, most of its own work done while it waits.
- A run that finds no tick due counts ${SHORT_RUN_SECONDS} s, a request for a file ${REQUEST_SECONDS} s: as if each found a cold process. These figures stand in \`scripts/cost/run-times.ts\`.
- Hosts run \`boot.sh\` ${BOOT_RUNS_A_DAY} times a day (docs/deploy.md), two calls each. Hourly would be ${24 / BOOT_RUNS_A_DAY} times the calls.
- Each tick writes what is remembered of hosts anew, and S3 keeps that ${standing.memoryDays} days: of a settled pod ${Math.round(memoryBytesAHost)} compressed bytes a host, most of them its id.
- Each tick keeps a row of each host, ${Math.round(historyBytesAHost)} compressed bytes, for ${standing.historyDays} days (\`history.days\` and one); folded by hour they are ${FOLDED_SHARE} of that once more, by day and hour ${DAY_SHARE} ([history.md](history.md)). Reading
  them, by hand or for a host's page, is too little to count. \`history.lock\`, off by default, adds $${money(lockDollars())} of requests a pod, and keeps each row a day longer.
- Lambda looks into each queue by ${POLLERS} pollers, each every ${POLL_SECONDS} s, whether there are events or not. A stack of today has ${standing.queues === 0 ? 'no queue' : standing.queues}.
- Log groups keep 30 days, so a month's logs are kept at any time.
- \`register\`, calls by hand and EC2's events are too few to count. So are the endpoint's gigabytes, and the state and the report that S3 keeps, one of each.
- Not charged, as far as podtime asks: ${FREE.join(', ')}. There are no health checks of Route 53. The zone, and the hosts'
  queries of it, are there without podtime.

Calls of one tick of a settled pod. 100 and 1,000 hosts were recorded at the local endpoint (\`test/fixtures/cost/ticks.json\`;
\`test/scripts/cost/ticks.test.ts\` says how it is renewed), 10,000 lie on the same straight line, or are counted in pages; how often a command is looked at
(\`ListCommands\`, once a second) depends on the hosts.

| call | ${FLEETS.map((hosts) => hosts.toLocaleString('en')).join(' | ')} |
| --- |${' ---: |'.repeat(FLEETS.length)}
${calls.map((name) => `| \`${name}\` | ${ticks.map((tick) => tick.calls[name]?.toLocaleString('en')).join(' | ')} |`).join('\n')}
| kB of the report | ${ticks.map(({ reportBytes }) => Math.round(reportBytes / 1000).toLocaleString('en')).join(' | ')} |
| kB of the tick's rows, packed | ${ticks.map(({ historyBytes }) => counted(historyBytes / 1000)).join(' | ')} |
| kB of what is remembered of hosts, packed | ${ticks.map(({ memoryBytes }) => counted(memoryBytes / 1000)).join(' | ')} |

## Prices

us-west-2, ${PRICES_OF}, US dollars, without free tiers. **All unconfirmed**: none was held against AWS's own price list, which is to
be done before anybody counts on them. They stand in \`scripts/cost/prices.ts\`.

| | $ | for |
| --- | ---: | --- |
${Object.values(PRICES)
  .map(
    ({ what, dollars, per, unit }) =>
      `| ${what} | ${dollars} | ${per === 1 ? `one ${unit}` : `${per.toLocaleString('en')} ${unit}`} |`,
  )
  .join('\n')}
`;
}

/** What nobody gets under a setting: by AZ, and rolled up too. */
function leftOut(byAz: ByAz): string {
  if (byAz === 'all') return 'nothing';
  const names = (isShown: (metric: (typeof METRICS)[number]) => boolean) =>
    METRICS.filter(isShown)
      .map(({ name }) => `\`${name}\``)
      .join(', ');
  const kept = names((metric) => TIERS.some((tier) => isByAz(metric, tier, byAz)));
  const notRolledUp = names((metric) => !TIERS.some((tier) => isRolledUp(metric, tier, byAz)));
  return `by AZ all${kept === '' ? '' : ` but ${kept} of clients`}; rolled up ${notRolledUp}`;
}

/** A month of one AZ more that has clients. */
function anAz(byAz: ByAz): number {
  return METRICS.filter((metric) => isByAz(metric, 'client', byAz)).length * PRICES.metric.dollars;
}

function money(dollars: number): string {
  return dollars.toFixed(2);
}

function counted(amount: number): string {
  return amount.toLocaleString('en', { maximumFractionDigits: amount < 10 ? 2 : 0 });
}
