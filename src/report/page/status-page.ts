import { boundedSentences } from '../../fleet/gathering.ts';
import { count, daysLeft } from '../../fleet/sentences.ts';
import type { Report } from '../report.ts';
import { changeSentences, hostSentences, saidOf, waveSentencesOf } from '../sentences.ts';
import { needsSomebody } from '../standing.ts';
import { verdictOf } from '../verdict.ts';
import { card, namesIn } from './card.ts';
import { chain } from './chain.ts';
import { daySection } from './day.ts';
import { document } from './document.ts';
import { hostsTable, type ListQuery } from './hosts-table.ts';
import { type Html, html, type Part } from './html.ts';
import { clockOf, type Seen, urgencyOf } from './view.ts';
import { clockTime, grouped, shortMs, utc } from './words.ts';

/** So many cards of hosts that need somebody; the list has them all. */
const MOST_CARDS = 12;
const MOST_SERVER_CARDS = 12;

/** So many sentences of one kind stand open; the rest unfolds. */
const MOST_SAID = 6;

/** A pod's last report as a page. `query`: which hosts of the list; null: hosts are not this caller's to see. */
export function statusPage(seen: Seen, query: ListQuery | null): string {
  const { pod, report } = seen;
  const verdict = verdictOf(report, pod, seen.nowMs);
  return document(
    `${verdict.sentence} podtime`,
    html`<header><b>podtime</b><span>pod ${pod.name}</span><span class="dim">${pod.region}, ${pod.vpc}</span></header>
<main><div class="verdict level-${verdict.level}"><h1>${verdict.sentence}</h1><p>${verdict.because}</p></div>
${tiles(seen)}
<div class="two"><section class="panel"><h2>From upstreams to clients</h2>${chain(seen)}</section>
<div>${wrong(seen, query !== null)}${doings(seen, query !== null)}</div></div>
${daySection(report.day, pod.thresholds)}
${query === null ? notShown() : hosts(seen, query)}
</main>
<footer><p>Tick ${report.tickId} began at ${utc(report.startedAtMs)} and took ${daysLeft((report.endedAtMs - report.startedAtMs) / 1000)}. The same for programs: <a href="status.json">status.json</a>.</p></footer>`,
  );
}

function tiles({ pod, report, nowMs }: Seen): Html {
  const { hosts, summary, clocks } = report;
  const bounds = hosts.flatMap(({ measures }) => measures.errorBoundMs ?? []);
  const offsets = hosts.flatMap(({ measures }) => (measures.offsetMs === undefined ? [] : Math.abs(measures.offsetMs)));
  const well = hosts.filter(({ state }) => state === 'healthy').length;
  // whole minutes: a page that is asked for again is mostly the same
  const minutes = Math.max(0, Math.floor((nowMs - report.startedAtMs) / 60_000));
  const nextMs = report.startedAtMs + pod.intervalSeconds * 1000;
  const skew = clocks?.skew;
  const worst = bounds.length === 0 ? null : bounds.reduce((most, bound) => Math.max(most, bound));
  return html`<dl class="tiles">
${tile('Skew, at most', skew ? shortMs(skew.skewMs) : 'not known', skewWords(report))}
${tile('Worst error bound', worst === null ? 'not known' : shortMs(worst), withinWords(pod.thresholds.errorBoundMs, bounds))}
${tile('Median offset', shown(quantile(offsets, 0.5)), withinWords(pod.thresholds.offsetMs, offsets))}
${tile('Healthy hosts', `${grouped(well)} of ${grouped(summary.expected)}`, `${grouped(summary.confident)} confident, ${grouped(summary.stale)} stale, ${grouped(summary.unknown)} unknown`)}
${tile('Last look', minutes === 0 ? 'just now' : `${minutes < 120 ? `${minutes} min` : daysLeft(minutes * 60)} ago`, `${clockTime(report.startedAtMs)} UTC; next at ${clockTime(nextMs)}`)}</dl>`;
}

/** A server that tells the wrong time is right by its own word, and by that of who follows it. */
function skewWords({ hosts, clocks }: Report): string {
  if (clocks?.skew === undefined) return 'fewer than two clocks are known';
  const liars = hosts.filter(({ state }) => state === 'contradicted').length;
  const between = `between any two of ${grouped(clocks.skew.hosts)} clocks`;
  return liars === 0 ? between : `by their own word; ${count(liars, 'server')} contradicted`;
}

function tile(name: string, value: string, detail: string): Html {
  return html`<div class="tile"><dt>${name}</dt><dd>${value}</dd><dd>${detail}</dd></div>`;
}

function quantile(values: readonly number[], share: number): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? null;
}

function withinWords(limitMs: number, values: readonly number[]): string {
  const most = quantile(values, 0.95);
  return `limit ${shortMs(limitMs)}${most === null ? '' : `; 95\u00a0% within ${shortMs(most)}`}`;
}

function shown(ms: number | null): string {
  return ms === null ? 'not known' : shortMs(ms);
}

function wrong({ report, fault }: Seen, withHosts: boolean): Html {
  const { faults, clocks, hosts, summary } = report;
  const ofHosts = withHosts ? hostSentences(saidOf(hosts.filter(needsSomebody), report)) : countedSentences(report);
  const said = [
    ...(fault === null ? [] : [fault]),
    ...(withHosts ? [...faults, ...(clocks?.contradicted ?? [])] : []),
    ...ofHosts,
  ];
  const nothing = summary.expected === 0 ? 'Nothing: no host runs.' : 'Nothing.';
  const unwitnessed = clocks?.unwitnessed.length ?? 0;
  return html`<section class="panel"><h2>What is wrong</h2>${said.length === 0 ? html`<p>${nothing}</p>` : list(said)}${
    unwitnessed > 0 &&
    html`<p class="dim">${count(unwitnessed, 'boundary server')} cannot be contradicted: too few clients compare.</p>`
  }</section>`;
}

/** For who is not to see hosts. */
function countedSentences({ hosts, summary }: Report): string[] {
  const needing = hosts.filter(needsSomebody).length;
  if (needing === 0) return [];
  return [
    `${grouped(needing)} of ${count(summary.expected, 'host')} ${needing === 1 ? 'needs' : 'need'} somebody; operators see which.`,
  ];
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
  const items = (texts: readonly string[]) => html`<ul>${texts.map((text) => html`<li>${linked(text)}</li>`)}</ul>`;
  const rest = bounded.slice(MOST_SAID);
  return html`${items(bounded.slice(0, MOST_SAID))}${rest.length > 0 && html`<details><summary>${rest.length} more</summary>${items(rest)}</details>`}`;
}

const ID = /(i-(?:[0-9a-f]{17}|[0-9a-f]{8}))(?![0-9a-f])/;

/** A sentence whose hosts lead to their pages. */
function linked(sentence: string): Part {
  return sentence
    .split(ID)
    .map((part, index) => (index % 2 === 1 ? html`<a class="id" href="hosts/${part}">${part}</a>` : part));
}

function hosts({ pod, report }: Seen, query: ListQuery): Html {
  const nameOf = namesIn(report);
  const cards = (rows: Report['hosts']) =>
    html`<div class="cards">${rows.map((row) => card(clockOf(row, report), pod.thresholds, nameOf))}</div>`;
  const byUrgency = report.hosts.toSorted((a, b) => urgencyOf(a) - urgencyOf(b));
  const servers = byUrgency.filter(({ tier }) => tier === 'boundary');
  const needing = byUrgency.filter((row) => row.tier === 'client' && needsSomebody(row));
  const more = needing.length - MOST_CARDS;
  const ofServers = html`<section><h2>Boundary servers: ${servers.length}</h2>${servers.length === 0 ? html`<p>None runs: clients have AWS's time service alone.</p>` : cards(servers.slice(0, MOST_SERVER_CARDS))}${servers.length > MOST_SERVER_CARDS && html`<p><a href="?tier=boundary#hosts">All ${servers.length} boundary servers</a></p>`}</section>`;
  const ofClients =
    needing.length > 0 &&
    html`<section><h2>Clients that need somebody: ${grouped(needing.length)}</h2>${cards(needing.slice(0, MOST_CARDS))}${more > 0 && html`<p><a href="?state=needs#hosts">${grouped(more)} more that need somebody</a>, the most urgent first.</p>`}</section>`;
  return html`${servers.some(needsSomebody) ? [ofServers, ofClients] : [ofClients, ofServers]}
${report.hosts.length > 0 && hostsTable(report, pod, query)}`;
}

function notShown(): Html {
  return html`<section><h2>Hosts</h2><p>Hosts are shown to operators: open this page from a VPC that <code>operatorVpcs</code> of fleet.yml names.</p></section>`;
}
