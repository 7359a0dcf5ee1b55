import { FILES } from '../../config/files.ts';
import type { Pod } from '../../fleet/fleet.ts';
import type { FileName, HostFile, PolledAddress } from '../host/file.ts';
import { type Html, html } from './html.ts';
import type { Clock } from './view.ts';
import { azWord } from './words.ts';

/** Its file against what it really polls. */
export function fileSection(pod: Pod, clock: Clock, file: HostFile): Html {
  const { tier, az, addresses, unmanaged } = clock;
  const links = FILES.map((name) => html`<a href="../${tier}/${azWord(az)}/${name}">${name}</a> `);
  return html`<section class="panel"><h2>Its file, and what it really polls</h2>
<p>${revisionSentence(file)}</p>
${unmanaged && html`<p>It polls no server of podtime's: it is counted, and never touched.</p>`}
<table class="names"><caption class="hidden">Names of its file</caption><thead><tr><th scope="col">Name in its file</th><th scope="col">It polls</th></tr></thead><tbody>${file.names.map(nameRow)}</tbody></table>
<table class="names"><caption class="hidden">What it polls</caption><thead><tr><th scope="col">Address that it polls</th><th scope="col">Comes from</th></tr></thead><tbody>${
    file.polled.length === 0
      ? html`<tr><td colspan="2">It told of no source that it polls.</td></tr>`
      : file.polled.map(polledRow)
  }</tbody></table>
<dl class="rows"><div><dt>It is served</dt><dd>${links}</dd></div>
<div><dt>Its own addresses</dt><dd>${addresses.length === 0 ? 'EC2 tells none' : addresses.map((address) => html`<code>${address}</code> `)}</dd></div>
<div><dt>Limits</dt><dd>offset ${pod.thresholds.offsetMs} ms, error bound ${pod.thresholds.errorBoundMs} ms</dd></div></dl></section>`;
}

function revisionSentence({ file, revision, servedRevision, refusal }: HostFile): Html {
  if (refusal !== null) return html`No file is served to its daemon: ${refusal}`;
  if (file === null)
    return html`Which file its daemon runs on is not known: its answer to the last look is not, or podtime has none for its daemon.`;
  const served =
    servedRevision === null ? 'the one of now is not known' : html`now it is <code>${servedRevision}</code>`;
  if (revision === null)
    return html`The <code>${file}</code> that it runs on is not podtime's, or does not say; ${served}.`;
  if (revision === servedRevision)
    return html`It runs on the <code>${file}</code> of the fleet file as it is now, revision <code>${revision}</code>.`;
  return html`<b>It runs on another <code>${file}</code></b>: revision <code>${revision}</code>, by the fleet file ${served}. While a changed file is tried on others it keeps this one; else the next run of boot.sh brings it.`;
}

function nameRow({ name, inItsFile, inServedFile, addresses, polled }: FileName): Html {
  const only =
    inItsFile === false
      ? 'only in the file that is served now'
      : !inServedFile
        ? 'not in the file that is served now'
        : null;
  return html`<tr><th scope="row"><code>${name}</code>${only && html`<br><span class="dim">${only}</span>`}</th><td>${ofName(polled, addresses)}</td></tr>`;
}

function ofName(polled: readonly string[] | null, addresses: readonly string[]): Html {
  if (polled === null) return html`<span class="dim">its daemon does not tell</span>`;
  if (addresses.length === 0) return html`<span class="dim">no server has this name now: no harm</span>`;
  if (polled.length > 0) return html`${polled.map((address) => html`<code>${address}</code> `)}`;
  return html`<b>none of</b> ${addresses.map((address) => html`<code>${address}</code> `)}`;
}

function polledRow({ address, from, isLeftBehind }: PolledAddress): Html {
  const why = isLeftBehind
    ? html`<b>no record of DNS any more</b>: it is stale`
    : (from ?? html`<b>no name of its file</b> that is known`);
  return html`<tr><th scope="row"><code>${address}</code></th><td>${why}</td></tr>`;
}
