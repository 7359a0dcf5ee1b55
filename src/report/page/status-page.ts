import { boundedSentences } from '../../fleet/gathering.ts';
import { count, daysLeft } from '../../fleet/sentences.ts';
import { alarmsOf } from '../alarms.ts';
import type { Report } from '../report.ts';
import { changeSentences, waveSentencesOf } from '../sentences.ts';
import { needReader } from '../standing.ts';
import { verdictOf } from '../verdict.ts';
import { card, namesIn } from './card.ts';
import { CHAIN_LEGEND, chain } from './chain.ts';
import { daySection } from './day.ts';
import { document } from './document.ts';
import { figuresOf } from './figures.ts';
import { hostsTable, type ListQuery } from './hosts-table.ts';
import { type Html, html } from './html.ts';
import { linked, saidOfPod } from './said.ts';
import { clockOf, type Seen, urgencyOf } from './view.ts';
import { type Places, whatToDo } from './what-to-do.ts';
import { clockTime, grouped, utc } from './words.ts';

/** So many cards of hosts that need somebody; the list has them all. */
const MOST_CARDS = 12;
const MOST_SERVER_CARDS = 12;
const MOST_AT_WORK_CARDS = 6;

/** So many sentences of one kind stand open; the rest unfolds. */
const MOST_SAID = 6;

const MODES_IN_SHORT = {
  observe: 'looks, changes nothing',
  act: 'keeps DNS true, cycles stale daemons',
  hold: 'only withdraws servers that are gone',
} as const;

/** A pod's last report as a page. `query`: which hosts of the list; null: hosts are not this caller's to see. */
export function statusPage(seen: Seen, query: ListQuery | null, places: Places): string {
  const { pod, report } = seen;
  const verdict = verdictOf(report, pod, seen.nowMs);
  return document(
    `${verdict.sentence} podtime`,
    html`<header><b>podtime</b><span>pod ${pod.name}</span><span class="mode">mode <b>${report.mode}</b>${report.dryRun && ', dry run'}: ${MODES_IN_SHORT[report.mode]}</span><span class="dim">${pod.region}, ${pod.vpc}</span></header>
<main><div class="verdict level-${verdict.level}"><h1>${verdict.sentence}</h1><p>${verdict.because}</p></div>
<dl class="tiles">${figuresOf(seen).map(({ name, value, detail }) => html`<div class="tile"><dt>${name}</dt><dd>${value}</dd><dd>${detail}</dd></div>`)}</dl>
<div class="two"><div>${wrong(seen, query !== null)}${todo(seen, places)}</div>
<div><section class="panel"><h2>From upstreams to clients</h2>${chain(seen)}<p class="dim">${CHAIN_LEGEND}</p></section>${doings(seen, query !== null)}</div></div>
${daySection(report.day, pod.thresholds)}
${query === null ? notShown() : hosts(seen, query)}
</main>
<footer><p>Tick ${report.tickId} began at ${utc(report.startedAtMs)} and took ${daysLeft((report.endedAtMs - report.startedAtMs) / 1000)}. The same for programs: <a href="status.json">status.json</a>.</p></footer>`,
  );
}

function wrong(seen: Seen, withHosts: boolean): Html {
  const { clocks, summary } = seen.report;
  const { wrong: said, atWork } = saidOfPod(seen, withHosts);
  const needed = atWork.length === 0 ? 'Nothing.' : 'Nothing that needs somebody.';
  const nothing = summary.expected === 0 ? 'Nothing: no host runs.' : needed;
  const unwitnessed = clocks?.unwitnessed.length ?? 0;
  return html`<section class="panel"><h2>What is wrong</h2>${said.length === 0 ? html`<p>${nothing}</p>` : list(said)}${atWork.length > 0 && html`<h3>podtime is at work on it</h3>${list(atWork)}`}${
    unwitnessed > 0 &&
    html`<p class="dim">${count(unwitnessed, 'boundary server')} cannot be contradicted: too few clients compare.</p>`
  }</section>`;
}

function todo({ pod, report, nowMs }: Seen, places: Places): Html {
  return html`<section class="panel"><h2>What to do</h2>${whatToDo(alarmsOf(report, pod, nowMs), pod, places)}</section>`;
}

const MODES = {
  observe: 'podtime only observes: it looks and reports, and changes nothing.',
  act: 'podtime acts: it keeps DNS true and cycles daemons that DNS has left behind.',
  hold: 'podtime holds still: it only withdraws servers that EC2 says are gone.',
} as const;

function doings({ pod, report }: Seen, withHosts: boolean): Html {
  const { changes, cycles, verdicts, refusals, mode, dryRun, startedAtMs } = report;
  const isDone = ({ outcome }: { outcome: string }) => outcome !== 'planned' && outcome !== 'not done';
  const did = [
    ...changeSentences(changes.filter(isDone)),
    ...waveSentencesOf(cycles.filter(isDone)),
    ...verdicts.map(({ sentence }) => sentence),
  ];
  const left = [
    ...changeSentences(changes.filter((change) => !isDone(change))),
    ...waveSentencesOf(cycles.filter((cycle) => !isDone(cycle))),
  ];
  const next = `Next: it looks again at ${clockTime(startedAtMs + pod.intervalSeconds * 1000)} UTC, at once when DNS changes.`;
  const counted = `${count(changes.filter(isDone).length, 'record change')} and ${count(cycles.filter(isDone).length, 'command')} at the last look.`;
  return html`<section class="panel"><h2>What podtime did, and will do</h2>
<p><b>Mode ${mode}${dryRun && ', dry run'}.</b> ${MODES[mode]}</p>
${withHosts ? (did.length === 0 ? html`<p>At its last look it had nothing to do.</p>` : list(did)) : html`<p>${counted}</p>`}
${withHosts && left.length > 0 && html`<h3>Would do, or could not</h3>${list(left)}`}
${withHosts && refusals.length > 0 && html`<h3>Refused, and why</h3>${list(refusals.map(({ sentence }) => sentence))}`}
<p>${next}</p></section>`;
}

function list(sentences: readonly string[]): Html {
  const bounded = boundedSentences(sentences);
  const items = (texts: readonly string[]) => html`<ul>${texts.map((text) => html`<li>${linked(text, '')}</li>`)}</ul>`;
  const rest = bounded.slice(MOST_SAID);
  return html`${items(bounded.slice(0, MOST_SAID))}${rest.length > 0 && html`<details><summary>${rest.length} more</summary>${items(rest)}</details>`}`;
}

function hosts({ pod, report }: Seen, query: ListQuery): Html {
  const nameOf = namesIn(report);
  const cards = (rows: Report['hosts']) =>
    html`<div class="cards">${rows.map((row) => card(clockOf(row, report), pod.thresholds, nameOf))}</div>`;
  const byUrgency = report.hosts.toSorted((a, b) => urgencyOf(a) - urgencyOf(b));
  const servers = byUrgency.filter(({ tier }) => tier === 'boundary');
  const needOf = needReader(report);
  const needing = byUrgency.filter((row) => row.tier === 'client' && needOf(row) === 'somebody');
  const atWork = byUrgency.filter((row) => row.tier === 'client' && needOf(row) === 'podtime');
  const starting = byUrgency.filter((row) => row.tier === 'client' && needOf(row) === 'time').length;
  const more = needing.length - MOST_CARDS;
  const moreAtWork = atWork.length - MOST_AT_WORK_CARDS;
  const ofServers = html`<section><h2>Boundary servers: ${servers.length}</h2>${servers.length === 0 ? html`<p>None runs: clients have AWS's time service alone.</p>` : cards(servers.slice(0, MOST_SERVER_CARDS))}${servers.length > MOST_SERVER_CARDS && html`<p><a href="?tier=boundary#hosts">All ${servers.length} boundary servers</a></p>`}</section>`;
  const ofClients =
    needing.length > 0 &&
    html`<section><h2>Clients that need somebody: ${grouped(needing.length)}</h2>${cards(needing.slice(0, MOST_CARDS))}${more > 0 && html`<p><a href="?state=needs#hosts">${grouped(more)} more that need somebody</a>, the most urgent first.</p>`}</section>`;
  const ofPodtime =
    atWork.length > 0 &&
    html`<section><h2>Clients podtime is at work on: ${grouped(atWork.length)}</h2><p class="dim">It cycles each when its turn comes; nobody is needed.</p>${cards(atWork.slice(0, MOST_AT_WORK_CARDS))}${moreAtWork > 0 && html`<p><a href="?state=at-work#hosts">${grouped(moreAtWork)} more that podtime is at work on</a></p>`}</section>`;
  const ofStarting =
    starting > 0 &&
    html`<p><a href="?state=starting&amp;tier=client#hosts">${count(starting, 'client')} ${starting === 1 ? 'starts' : 'start'}</a></p>`;
  const areServersFirst = servers.some((row) => needOf(row) === 'somebody');
  return html`${areServersFirst ? [ofServers, ofClients] : [ofClients, ofServers]}${ofPodtime}${ofStarting}
${report.hosts.length > 0 && hostsTable(report, pod, query)}`;
}

function notShown(): Html {
  return html`<section><h2>Hosts</h2><p>Hosts are shown to operators: open this page from a VPC that <code>operatorVpcs</code> of fleet.yml names.</p></section>`;
}
