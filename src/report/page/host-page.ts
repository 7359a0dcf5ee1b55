import type { Pod } from '../../fleet/fleet.ts';
import { count } from '../../fleet/sentences.ts';
import type { Collected } from '../../host/collected.ts';
import { alarmsOfHost } from '../alarms.ts';
import type { HostDetails } from '../host/details.ts';
import type { Report } from '../report.ts';
import { type SourceReport, sourceReportOf } from '../sources.ts';
import { badge, meaningOf, namesIn, numbers, wordsOf } from './card.ts';
import { document } from './document.ts';
import { gauge } from './gauge.ts';
import { cyclesSection } from './host-cycles.ts';
import { fileSection } from './host-file.ts';
import { historySection } from './host-history.ts';
import { type Html, html } from './html.ts';
import { preformatted } from './preformatted.ts';
import { type NameOf, sourceTable } from './source-table.ts';
import { type Clock, clockOf, type Seen } from './view.ts';
import { type Places, whatToDo } from './what-to-do.ts';
import { azWord, STATE_WORDS, TIER_WORDS, utc } from './words.ts';

/** One clock of the report; null: the report has no such host. */
export function findClock({ report }: Pick<Seen, 'report'>, instanceId: string): Clock | null {
  const row = report.hosts.find((host) => host.instanceId === instanceId);
  return row === undefined ? null : clockOf(row, report);
}

/** One clock as a page: its state and why, whom it hears, how it was before, when it was cycled, its file against what it polls. */
export function hostPage(
  { pod, report }: Pick<Seen, 'pod' | 'report'>,
  clock: Clock,
  details: HostDetails,
  places: Places,
): string {
  const { instanceId, tier, az, state } = clock;
  return document(
    `${instanceId} is ${STATE_WORDS[state]}`,
    html`<header><b>podtime</b><a href="../status">pod ${pod.name}</a><span class="dim">${TIER_WORDS[tier]} in ${azWord(az)}</span></header>
<main><div class="verdict s-${state}"><h1 class="one">${instanceId} ${badge(clock)}</h1><p>${TIER_WORDS[tier]} in ${az}, ${meaningOf(clock, pod.thresholds)}.</p></div>
<div class="two"><div><section class="panel"><h2>Why</h2>${wordsOf(clock)}${gauge(clock.measures, pod.thresholds)}${numbers(clock)}${daemonOf(details.printed?.collected ?? null)}</section>
<section class="panel"><h2>What to do</h2>${whatToDo(alarmsOfHost(clock, pod), pod, places)}</section></div>
<section class="panel"><h2>Whom it hears</h2>${heard(clock, details, namesIn(report))}</section></div>
${historySection(details.history, pod.thresholds)}
<div class="two"><div>${cyclesSection(details, clock, report.startedAtMs)}${rawSection(pod, report, clock, details, places)}</div>${fileSection(pod, clock, details.file)}</div></main>
<footer><p>By tick ${report.tickId} of ${utc(report.startedAtMs)}. The same as JSON: <code>curl -H 'Accept: application/json'</code> of this address.</p></footer>`,
  );
}

function daemonOf(collected: Collected | null): Html | null {
  return collected && html`<p class="dim">${collected.found}</p>`;
}

function heard({ sources, polled }: Clock, { printed }: HostDetails, nameOf: NameOf): Html {
  const rows = printed?.collected?.sources.map(reported) ?? sources;
  const asPrinted =
    printed?.sources &&
    html`<p class="dim">As ${printed.sources.tool} printed it:</p>${preformatted(printed.sources.lines, `Sources as ${printed.sources.tool} printed them`)}`;
  if (rows !== undefined && rows.length > 0) return html`${sourceTable(rows, nameOf)}${asPrinted}`;
  if (polled.length === 0) return html`<p>It told of no source that it polls.</p>${asPrinted}`;
  const names = polled.map((address) => html`<li>${nameOf(address)} <code>${address}</code></li>`);
  const why =
    printed === null
      ? 'the report has the details of those hosts alone that need somebody'
      : 'what it printed of them is no table of sources';
  return html`<p>It polls ${count(polled.length, 'source')}; ${why}.</p><ul>${names}</ul>${asPrinted}`;
}

function reported({ remote, address, ...source }: Collected['sources'][number]): SourceReport {
  return sourceReportOf({ remote: address ?? remote, ...source });
}

/** All that it printed, and how to fetch it, or to ask anew. */
function rawSection(
  { name, region }: Pod,
  { startedAtMs }: Report,
  { instanceId }: Clock,
  { printed, unprinted, commandIds }: HostDetails,
  { stage }: Places,
): Html {
  const commandId = printed?.commandId ?? commandIds[0];
  const payload = JSON.stringify({ pod: name, instanceIds: [instanceId] });
  const fetching = `aws ssm get-command-invocation --region ${region} --command-id ${commandId} --instance-id ${instanceId} --query StandardOutputContent --output text`;
  return html`<section class="panel"><h2>What it printed</h2>
${printed ? html`<p>At the last look, ${utc(startedAtMs)}. What is no plain text is shown by its number.</p>${preformatted(printed.output, 'All that the host printed')}` : html`<p>${unprinted}</p>`}
${commandId !== undefined && html`<p class="dim">By hand, for 30 days:</p>${preformatted(fetching, 'Command that fetches what it printed')}`}
<p class="dim">What it says now:</p>${preformatted(`npx sls invoke --stage ${stage} -f collect -d '${payload}'`, 'Command of a live look')}</section>`;
}
