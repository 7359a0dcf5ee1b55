import { FILES } from '../../config/files.ts';
import type { Pod } from '../../fleet/fleet.ts';
import { count } from '../../fleet/sentences.ts';
import { alarmsOfHost } from '../alarms.ts';
import { badge, namesIn, numbers, wordsOf } from './card.ts';
import { document } from './document.ts';
import { gauge } from './gauge.ts';
import { type Html, html } from './html.ts';
import { sourceTable } from './source-table.ts';
import { type Clock, clockOf, type Seen } from './view.ts';
import { type Places, whatToDo } from './what-to-do.ts';
import { azWord, STATE_MEANINGS, STATE_WORDS, TIER_WORDS, utc } from './words.ts';

/** One clock of the report; null: the report has no such host. */
export function findClock({ report }: Pick<Seen, 'report'>, instanceId: string): Clock | null {
  const row = report.hosts.find((host) => host.instanceId === instanceId);
  return row === undefined ? null : clockOf(row, report);
}

/** One clock as a page: its state and why, whom it hears, how far it is off, when it was cycled, which file it is served. */
export function hostPage({ pod, report }: Pick<Seen, 'pod' | 'report'>, clock: Clock, places: Places): string {
  const { instanceId, tier, az, addresses, state } = clock;
  return document(
    `${instanceId} is ${STATE_WORDS[state]}`,
    html`<header><b>podtime</b><a href="../status">pod ${pod.name}</a><span class="dim">${TIER_WORDS[tier]} in ${azWord(az)}</span></header>
<main><div class="verdict s-${state}"><h1 class="one">${instanceId} ${badge(clock)}</h1><p>${TIER_WORDS[tier]} in ${az}, ${STATE_WORDS[state]}: ${STATE_MEANINGS[state]}.</p></div>
<div class="two"><section class="panel"><h2>Why</h2>${wordsOf(clock)}${gauge(clock.measures, pod.thresholds)}${numbers(clock)}</section>
<section class="panel"><h2>What to do</h2>${whatToDo(alarmsOfHost(clock, pod), pod, places)}</section>
<section class="panel"><h2>Whom it hears</h2>${heard(clock, namesIn(report))}</section>
<section class="panel"><h2>Where it stands</h2>${standing(pod, clock)}</section>
<section class="panel"><h2>What it printed, and what was before</h2>${elsewhere(pod, clock)}</section></div></main>
<footer><p>By tick ${report.tickId} of ${utc(report.startedAtMs)}.${addresses.length === 0 && ' EC2 tells no address of it.'}</p></footer>`,
  );
}

function heard(clock: Clock, nameOf: ReturnType<typeof namesIn>): Html {
  const { sources, polled } = clock;
  if (sources !== undefined) return sourceTable(sources, nameOf);
  if (polled.length === 0) return html`<p>It told of no source that it polls.</p>`;
  const names = polled.map((address) => html`<li>${nameOf(address)} <code>${address}</code></li>`);
  return html`<p>It polls ${count(polled.length, 'source')}; the report has the details of those hosts alone that need somebody.</p><ul>${names}</ul>`;
}

function standing(
  pod: Pod,
  { tier, az, addresses, polled, unjoinedNames = [], unmanaged, stale, cycledSecondsAgo }: Clock,
): Html {
  const files = FILES.map((file) => html`<a href="../${tier}/${azWord(az)}/${file}">${file}</a> `);
  const list = (items: readonly string[]) => html`${items.map((item) => html`<code>${item}</code> `)}`;
  const facts: [string, Html | string | null][] = [
    ['Its addresses', addresses.length === 0 ? 'none known' : list(addresses)],
    ['It polls', polled.length === 0 ? 'nothing that is known' : list(polled)],
    ['DNS names that it polls nothing of', unjoinedNames.length === 0 ? null : list(unjoinedNames)],
    ['Left behind by', stale ? list(stale.names) : null],
    ['Managed', unmanaged ? "no: it polls no server of podtime's, so it is counted and never touched" : null],
    ['Cycled', cycledSecondsAgo === undefined ? 'never, by its own stamp' : null],
    ['It is served', html`${files}`],
    ['Limits', `offset ${pod.thresholds.offsetMs} ms, error bound ${pod.thresholds.errorBoundMs} ms`],
  ];
  return html`<dl class="rows">${facts.filter(([, value]) => value !== null).map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

/** What no report has. */
function elsewhere(pod: Pod, { instanceId }: Clock): Html {
  const payload = JSON.stringify({ pod: pod.name, instanceIds: [instanceId] });
  return html`<p>The report has neither. A live look prints all that the host says now:</p><pre tabindex="0" aria-label="Command">sls invoke -f collect -d '${payload}'</pre>`;
}
