import { type Thresholds, TIME_SERVICE_ADDRESSES } from '../../fleet/fleet.ts';
import { count, daysLeft } from '../../fleet/sentences.ts';
import type { Report } from '../report.ts';
import { offWords } from '../standing.ts';
import { gauge } from './gauge.ts';
import { type Html, html } from './html.ts';
import { type NameOf, sourceTable } from './source-table.ts';
import type { Clock } from './view.ts';
import { azWord, percent, STATE_MEANINGS, STATE_WORDS, shortMs, TIER_WORDS, typeset } from './words.ts';

export function namesIn({ hosts }: Report): NameOf {
  const names = new Map(TIME_SERVICE_ADDRESSES.map((address) => [address, 'AWS time service']));
  for (const { tier, az, addresses } of hosts) {
    if (tier === 'boundary') for (const address of addresses) names.set(address, `ntp.${azWord(az)}`);
  }
  return (address) => names.get(address) ?? null;
}

export function badge({ state, stale }: Pick<Clock, 'state' | 'stale'>): Html {
  return html`<span class="badge s-${state}" title="${STATE_MEANINGS[state]}">${STATE_WORDS[state]}</span>${stale && html` <span class="badge s-stale" title="DNS has moved on without it">stale</span>`}`;
}

/** One clock: what is wrong with it, how far it is off beside its limits, and whom it hears. */
export function card(clock: Clock, limits: Thresholds, nameOf: NameOf): Html {
  const { instanceId, tier, az, addresses, state, measures } = clock;
  return html`<article class="card s-${state === 'healthy' && clock.stale ? 'stale' : state}"><h3><a href="hosts/${instanceId}">${instanceId}</a> ${badge(clock)}</h3>
<p class="dim">${TIER_WORDS[tier]} in ${azWord(az)}${addresses.length > 0 && html`, ${addresses.join(', ')}`}</p>
${wordsOf(clock)}
${gauge(measures, limits)}
${numbers(clock)}
${sources(clock, nameOf)}</article>`;
}

/** `starting, and 80 ms off (limit 50 ms): its daemon is young and not yet confident, as after each start` */
export function meaningOf({ state, stale, measures }: Clock, limits: Thresholds): string {
  const off = state === 'starting' ? offWords([{ measures }], limits) : null;
  if (state === 'healthy' && stale) return 'healthy, but stale: its clock is right, and DNS has moved on without it';
  return `${STATE_WORDS[state]}${off === null ? '' : `, and ${off}`}: ${STATE_MEANINGS[state]}`;
}

/** Its sentences. */
export function wordsOf({ state, sentence, stale, remarks, confident, confidence, measures }: Clock): Html {
  const isWell = stale === null && confident && remarks.length === 0;
  const { offsetMs } = measures;
  const well = `${isWell ? 'Nothing is wrong' : 'Its clock is right'}${offsetMs === undefined ? '' : `: offset ${shortMs(offsetMs, true)}`}.`;
  // of a healthy one what the matter is comes first
  const said =
    state === 'healthy'
      ? [stale?.sentence, confidence, ...remarks, isWell || confident ? well : null]
      : [sentence, stale?.sentence, ...remarks, confidence];
  return html`<ul class="said">${said.filter((text) => text).map((text) => html`<li>${upperFirst(typeset(text as string))}</li>`)}</ul>`;
}

function upperFirst(text: string): string {
  return /^[a-z]+ /.test(text) ? `${text.charAt(0).toUpperCase()}${text.slice(1)}` : text;
}

/** What is known of it in numbers. */
export function numbers({ measures, cycledSecondsAgo }: Clock): Html {
  const { offsetMs, errorBoundMs, timeServiceOffsetMs, horizonSeconds, reachRatio, liesLeft, lossesLeft, ageSeconds } =
    measures;
  const all: [string, string | undefined][] = [
    ['Offset', offsetMs === undefined ? undefined : shortMs(offsetMs, true)],
    ['Bound', errorBoundMs === undefined ? undefined : shortMs(errorBoundMs)],
    ['From AWS', timeServiceOffsetMs === undefined ? undefined : shortMs(timeServiceOffsetMs, true)],
    ['To be trusted for', horizonSeconds === undefined ? undefined : daysLeft(horizonSeconds)],
    ['Polls heard', reachRatio === undefined ? undefined : percent(reachRatio)],
    ['May lie', liesLeft === undefined ? undefined : count(liesLeft, 'clock')],
    ['May fall silent', lossesLeft === undefined ? undefined : count(lossesLeft, 'clock')],
    ['Daemon runs for', ageSeconds === undefined ? undefined : daysLeft(ageSeconds)],
    ['Cycled', cycledSecondsAgo === undefined ? undefined : `${daysLeft(cycledSecondsAgo)} ago`],
  ];
  const known = all.filter(([, value]) => value !== undefined);
  return known.length === 0
    ? html``
    : html`<dl class="numbers">${known.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

function sources({ state, sources: rows, polled }: Clock, nameOf: NameOf): Html | null {
  if (rows === undefined) {
    if (polled.length === 0) return null;
    const names = polled.map((address) => html`<li>${nameOf(address)} <code>${address}</code></li>`);
    return html`<details><summary>Polls ${count(polled.length, 'source')}</summary><ul class="polled">${names}</ul></details>`;
  }
  const table = sourceTable(rows, nameOf);
  if (state !== 'healthy') return table;
  return html`<details><summary>${count(rows.length, 'source')}${rows.every(({ reach }) => reach === 255) && ', each heard in all of its last 8 polls'}</summary>${table}</details>`;
}
