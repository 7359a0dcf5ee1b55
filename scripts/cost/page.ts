import type { Template } from '../../infra/template/cloudformation.ts';
import {
  BOOT_RUNS_A_DAY,
  bill,
  HOURS_A_MONTH,
  INTERVAL_MINUTES,
  type Item,
  SHORT_RUN_SECONDS,
  standingOf,
  TICK_SECONDS,
  totalOf,
} from './bill.ts';
import { FREE, PRICES, PRICES_OF } from './prices.ts';
import { type RecordedTick, tickOf } from './recording.ts';

const FLEETS = [100, 1000, 10_000];
const AZS = 7;

/** docs/cost.md, from the packaged template of test/fixtures/infra/cost.yml and a recorded tick. Decision 0032. */
export function costPage(template: Template, recorded: RecordedTick[]): string {
  const standing = standingOf(template, AZS);
  const bills = FLEETS.map((hosts) => bill(hosts, standing, recorded));
  const [first = []] = bills;
  const rows = first.map(({ what }, index) => {
    const same = bills.map((items) => items[index] as Item);
    return `| ${what} | ${same.map(({ amount, dollars }) => `${counted(amount)} | ${money(dollars)}`).join(' | ')} |`;
  });
  const ticks = FLEETS.map((hosts) => tickOf(hosts, recorded));
  const calls = Object.keys(ticks[0]?.calls ?? {});
  return `# Cost

<!-- Written by \`npm run docs:cost\`; a test holds it to that. -->

What one pod costs a month of ${HOURS_A_MONTH} hours: two boundary servers, clients in ${AZS} AZs, an execute-api endpoint of its own in
${standing.endpointAzs} of them. Nothing of this has been on a bill: it is counted from the packaged template and from a recorded tick, and the prices
are **unconfirmed**. A second pod in the stack costs the same again.

| | ${FLEETS.map((hosts) => `${hosts.toLocaleString('en')} hosts: amount | $`).join(' | ')} |
| --- |${' ---: | ---: |'.repeat(FLEETS.length)}
${rows.join('\n')}
| **together** | ${bills.map((items) => `| **${money(totalOf(items))}**`).join(' | ')} |

Metrics, alarms and the endpoint are most of it, and do not grow with the fleet: metrics are paid by name and dimension set
([metrics.md](metrics.md)). Where the VPC has an execute-api endpoint already, \`endpoints\` instead of \`newEndpoint\` saves that line.

## Assumptions

- A schedule runs the watchdog every minute; every ${INTERVAL_MINUTES} minutes it does a whole tick. While hosts are being cycled each run is one.
- A tick counts ${TICK_SECONDS} s and ${standing.watchdogGigabytes} GB, as long as one silent host makes it; any other run and a call of the API at ${SHORT_RUN_SECONDS} s (assumed).
- Hosts run \`boot.sh\` ${BOOT_RUNS_A_DAY} times a day (docs/deploy.md), two calls each. Hourly would be ${24 / BOOT_RUNS_A_DAY} times the calls.
- \`register\`, calls by hand and EC2's events are too few to count. So are the endpoint's gigabytes and what S3 keeps.
- Not charged, as far as podtime asks: ${FREE.join(', ')}. The zone, and the hosts' queries of it, are there without podtime.

Calls of one tick of a settled pod. 100 and 1,000 hosts were recorded at the local endpoint (\`test/fixtures/cost/ticks.json\`;
\`test/scripts/cost/ticks.test.ts\` says how it is renewed), 10,000 lie on the same straight line; how often a command is looked at
(\`ListCommands\`, once a second) depends on the hosts.

| call | ${FLEETS.map((hosts) => hosts.toLocaleString('en')).join(' | ')} |
| --- |${' ---: |'.repeat(FLEETS.length)}
${calls.map((name) => `| \`${name}\` | ${ticks.map((tick) => tick.calls[name]?.toLocaleString('en')).join(' | ')} |`).join('\n')}
| kB of the report | ${ticks.map(({ reportBytes }) => Math.round(reportBytes / 1000).toLocaleString('en')).join(' | ')} |

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

function money(dollars: number): string {
  return dollars.toFixed(2);
}

function counted(amount: number): string {
  return amount.toLocaleString('en', { maximumFractionDigits: amount < 10 ? 2 : 0 });
}
