import type { SourceReport } from '../sources.ts';
import { type Html, html } from './html.ts';
import { reachCells } from './reach.ts';
import { shortMs } from './words.ts';

/** What an address is called: a boundary server by its AZ, the time service, or nothing. */
export type NameOf = (address: string) => string | null;

/** ntpq's codes in words. */
const TALLIES: Readonly<Record<string, string>> = {
  '*': 'follows it',
  o: 'follows it, by its pulse',
  '+': 'uses it',
  '#': 'could use it',
  '-': 'set aside',
  x: 'does not believe it',
  '.': 'set aside',
};

/** Sources as a daemon sees them. */
export function sourceTable(told: readonly SourceReport[], nameOf: NameOf): Html {
  return html`<table class="sources"><caption class="hidden">Sources</caption><thead><tr><th scope="col">Source</th><th scope="col">Last 8 polls</th><th scope="col">Offset</th></tr></thead><tbody>${told.map((source) => sourceRow(source, nameOf))}</tbody></table>`;
}

function sourceRow({ remote, tally, reach, offsetMs }: SourceReport, nameOf: NameOf): Html {
  const name = nameOf(remote);
  const use = tally === undefined ? null : TALLIES[tally];
  return html`<tr${tally === 'x' && html` class="disbelieved"`}><td>${name ? html`${name} <code>${remote}</code>` : html`<code>${remote}</code>`}${use && html`<br><span class="dim">${tally} ${use}</span>`}</td><td>${reachCells(reach)}</td><td class="number">${offsetMs === undefined ? '–' : shortMs(offsetMs, true)}</td></tr>`;
}
