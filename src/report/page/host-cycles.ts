import { daysLeft } from '../../fleet/sentences.ts';
import type { HostCycle } from '../host/cycles.ts';
import type { HostDetails } from '../host/details.ts';
import { type Html, html } from './html.ts';
import { preformatted } from './preformatted.ts';
import type { Clock } from './view.ts';
import { utc } from './words.ts';

/** When it was cycled, why, and what the host said. */
export function cyclesSection(
  { cycles, cycling, history }: HostDetails,
  { cycledSecondsAgo }: Clock,
  lookedAtMs: number,
): Html {
  const stamps = history.month?.cycledAtMs ?? history.day?.cycledAtMs ?? [];
  const own =
    cycledSecondsAgo === undefined
      ? 'By its own stamp podtime has never cycled its daemon.'
      : `By its own stamp its daemon was last cycled on ${utc(lookedAtMs - cycledSecondsAgo * 1000)}, ${daysLeft(cycledSecondsAgo)} before the last look.`;
  const times =
    stamps.length > 1
      ? html`<p>Of the last ${history.days} days the history has: ${stamps.map(utc).join(', ')}.</p>`
      : null;
  const none = html`<p class="dim">SSM has no command of the last day that was to cycle it${cycledSecondsAgo !== undefined && ', nor one around that stamp'}.</p>`;
  return html`<section class="panel"><h2>When it was cycled, and why</h2><p>${own}</p>
${cycling.length > 0 && html`<ul>${cycling.map((sentence) => html`<li>${sentence}</li>`)}</ul>`}${times}
${cycles.length === 0 ? none : cycles.map(cycleEntry)}</section>`;
}

function cycleEntry({ atMs, reason, sentence, commandId, output }: HostCycle): Html {
  return html`<div class="entry"><h3>${utc(atMs)}</h3><dl class="rows"><div><dt>Why</dt><dd>${reason}</dd></div><div><dt>What came of it</dt><dd>${sentence}</dd></div></dl>
${output !== null && html`<details><summary>What the host said</summary>${preformatted(output, `What the host said to command ${commandId}`)}<p class="dim">Command <code>${commandId}</code></p></details>`}</div>`;
}
