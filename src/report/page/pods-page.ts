import type { Pod } from '../../fleet/fleet.ts';
import { VERDICT_LEVELS, type Verdict } from '../verdict.ts';
import { document } from './document.ts';
import { html } from './html.ts';
import { utc } from './words.ts';

/** A pod and how its time is, as far as its report could be read. */
export interface PodVerdict {
  pod: Pod;
  verdict: Verdict;
  /** Epoch ms of the last look; null: there is none. */
  lookedAtMs: number | null;
}

/** The worst first. */
export function worstFirst(pods: readonly PodVerdict[]): PodVerdict[] {
  return pods.toSorted((a, b) => VERDICT_LEVELS.indexOf(a.verdict.level) - VERDICT_LEVELS.indexOf(b.verdict.level));
}

/** The pods of the stack, each with its verdict. `base`: what its links begin with, as the page may have been asked for without a last slash. */
export function podsPage(pods: readonly PodVerdict[], base: string): string {
  const ill = pods.filter(({ verdict }) => verdict.level !== 'good').length;
  const heading =
    ill === 0
      ? 'Time is good in every pod.'
      : `${ill} of ${pods.length} ${pods.length === 1 ? 'pod' : 'pods'} ${ill === 1 ? 'needs' : 'need'} a look.`;
  return document(
    `${heading} podtime`,
    html`<header><b>podtime</b><span class="dim">all pods of this stack</span></header>
<main><h1>${heading}</h1><div class="pods">${worstFirst(pods).map(
      ({ pod, verdict, lookedAtMs }) =>
        html`<article class="verdict level-${verdict.level}"><h2><a href="${base}${pod.name}/status">${pod.name}</a></h2><p>${verdict.sentence} ${verdict.because}</p><p class="dim">${pod.region}, zone ${pod.zone.name}${lookedAtMs !== null && `, looked at ${utc(lookedAtMs)}`}</p></article>`,
    )}</div></main>
<footer><p>For programs: <a href="${base}metrics">metrics</a>, in OpenMetrics.</p></footer>`,
  );
}
