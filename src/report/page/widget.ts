import { cutText, duration } from '../../fleet/sentences.ts';
import { alarmsOf } from '../alarms.ts';
import { runbookAnchor } from '../runbook.ts';
import { silentSecondsOf, type Verdict, verdictOf } from '../verdict.ts';
import { CHAIN_LEGEND, chainAt } from './chain.ts';
import { figuresOf } from './figures.ts';
import { type Html, html, type Part } from './html.ts';
import { inlined, inlinedLinks, stateColour } from './inline-style.ts';
import { type PodVerdict, worstFirst } from './pods-page.ts';
import { linked, saidOfPod } from './said.ts';
import { COLOURS, type Theme } from './style.ts';
import type { Seen } from './view.ts';
import { alarm, isAddress, type Places, runbook } from './what-to-do.ts';
import { typeset } from './words.ts';

/*
 * A pod's status on CloudWatch's dashboard: HTML that its custom widgets show. No script, form, style sheet or frame, and no link within
 * the picture: each element has its style, so that nothing is lost by what CloudWatch takes out. Decision 0139.
 */

/** How the dashboard shows it. */
export interface Look {
  theme: Theme;
  /** Of the widget, in pixels. */
  width: number;
}

/** Below it numbers come after words: they would fill the first screen. */
const SMALL = 420;
/** Two columns from here on; the wide picture from here on. */
const TWO_COLUMNS = 760;
const WIDE_PICTURE = 620;

/** So many sentences, each of so many characters, whatever the pod. */
const MOST_SAID = 8;
const SENTENCE_CHARACTERS = 300;

/** One pod: verdict, numbers, what is wrong, what to do, and the picture. */
export function podWidget(seen: Seen, places: Places, look: Look): string {
  const { pod, report, nowMs } = seen;
  const verdict = verdictOf(report, pod, nowMs);
  const isWide = look.width >= TWO_COLUMNS;
  const isSmall = look.width < SMALL;
  const words = html`${isSmall ? null : figures(seen, look)}${heading(wrong(seen, places), 'What is wrong', look)}${heading(todo(seen, places), 'What to do', look)}${isSmall && heading(figures(seen, look), 'How good it is', look)}`;
  const narrowPicture = isWide ? look.width / 2 < WIDE_PICTURE : look.width < WIDE_PICTURE;
  const drawn = html`${inlined(chainAt(seen, narrowPicture), look.theme)}<div style="color:${COLOURS[look.theme].dim};font-size:12px">${CHAIN_LEGEND}</div>`;
  const picture = heading(drawn, 'From upstreams to clients', look);
  const body = isWide
    ? html`<div style="display:flex;gap:28px;align-items:flex-start"><div style="flex:1;min-width:0">${words}</div><div style="flex:1;min-width:0;max-width:740px">${picture}</div></div>`
    : html`${words}<div style="max-width:${narrowPicture ? 420 : 740}px">${picture}</div>`;
  const looked = `podtime looked ${duration(silentSecondsOf(report, nowMs))} ago, in mode ${report.mode}.`;
  return framed(html`${verdictBox(verdict, html`${verdict.because} ${looked}`, look)}${body}`, look);
}

/** Pods in one list, the worst first; also of one that has no report. */
export function podsWidget(pods: readonly PodVerdict[], places: Places, look: Look, nowMs: number): string {
  const rows = worstFirst(pods).map(({ pod, verdict, lookedAtMs }) => {
    const looked =
      lookedAtMs !== null && ` The last look began ${duration(Math.max(0, (nowMs - lookedAtMs) / 1000))} ago.`;
    return verdictBox(verdict, html`${verdict.because}${looked} ${statusLink(pod.name, places)}`, look);
  });
  return framed(html`${rows}`, look);
}

/** What is wrong with the widget's own parameters. */
export function refusedWidget(faults: readonly string[], look: Look): string {
  const because = html`${faults.map((fault) => html`${fault} `)}Choose Edit, and put it right under Parameters.`;
  return framed(
    verdictBox({ level: 'unknown', sentence: 'This widget cannot be shown as it is set.' }, because, look),
    look,
  );
}

/** What the console shows who sets up a widget: Markdown. */
export function widgetDescription(pods: readonly string[]): string {
  return `## podtime: is this pod's time good?
Shows the last look at a pod's clocks: the verdict, how wrong they may be, what is wrong, and what to do. It reads the last report, and asks no host.

### Widget parameters
Parameter | Description
---|---
**pod** | One of ${pods.join(', ')}. Left out: all of them, in one list

### Example parameters
\`\`\` yaml
pod: ${pods[0] ?? 'blue'}
\`\`\`
`;
}

const LEVEL_COLOURS = { good: 'healthy', attention: 'degraded', bad: 'adrift', unknown: 'unknown' } as const;

function verdictBox(
  { level, sentence }: Pick<Verdict, 'level' | 'sentence'>,
  because: Html,
  { theme, width }: Look,
): Html {
  const { ink, dim } = COLOURS[theme];
  return html`<div style="border-left:8px solid ${stateColour(LEVEL_COLOURS[level], theme)};padding:2px 0 2px 12px;margin:0 0 12px"><div style="font-size:${width < SMALL ? 15 : 17}px;font-weight:700;line-height:1.3;color:${ink}">${sentence}</div><div style="color:${dim}">${because}</div></div>`;
}

function figures(seen: Seen, { theme, width }: Look): Html {
  const { ink, dim, line } = COLOURS[theme];
  // the last look stands in the verdict
  const cells = figuresOf(seen).slice(0, -1);
  return html`<div style="display:flex;flex-wrap:wrap;gap:6px ${width < WIDE_PICTURE ? 14 : 32}px;border-top:1px solid ${line};border-bottom:1px solid ${line};padding:8px 0">${cells.map(
    ({ name, value, detail }) =>
      html`<div style="flex:1 1 110px"><div style="color:${dim};font-size:12px">${name}</div><div style="color:${ink};font-size:18px;font-weight:600">${value}</div><div style="color:${dim};font-size:12px">${detail}</div></div>`,
  )}</div>`;
}

function heading(content: Html, text: string, { theme }: Look): Html {
  return html`<div style="margin:12px 0 4px;font-size:14px;font-weight:700;color:${COLOURS[theme].ink}">${text}</div>${content}`;
}

function wrong(seen: Seen, places: Places): Html {
  const { wrong: said, atWork } = saidOfPod(seen, true);
  if (atWork.length === 0) return sentences(said, 'Nothing.', seen, places);
  const needed = sentences(said, 'Nothing that needs somebody.', seen, places);
  return html`${needed}<div style="margin:6px 0 2px">podtime is at work on it:</div>${sentences(atWork, '', seen, places)}`;
}

function sentences(said: readonly string[], none: string, seen: Seen, places: Places): Html {
  if (said.length === 0) return html`<div>${none}</div>`;
  const shown = said.slice(0, MOST_SAID).map((sentence) => cutText(sentence, SENTENCE_CHARACTERS));
  const items: Part[] = shown.map((text) =>
    isAddress(places.pagesUrl) ? linked(text, pageOf(seen.pod.name, '', places)) : typeset(text),
  );
  const more = said.length - shown.length;
  return list([...items, ...(more > 0 ? [`${more} more, by function status.`] : [])]);
}

function todo({ pod, report, nowMs }: Seen, places: Places): Html {
  const rows = alarmsOf(report, pod, nowMs).map(
    (key): Part => html`${runbook(key, `Runbook, ${runbookAnchor(key)}`, places)}: alarm ${alarm(key, pod, places)}`,
  );
  const none = rows.length === 0 ? [html`Nothing for which an alarm rings. ${runbook('', 'Runbook', places)}`] : rows;
  return list([...none, statusLink(pod.name, places)]);
}

function list(items: readonly Part[]): Html {
  return html`<ul style="margin:0;padding:0 0 0 18px">${items.map((item) => html`<li style="margin:2px 0">${item}</li>`)}</ul>`;
}

/** The page of the pod, which only browsers of `operatorVpcs` reach; its path where nobody says at which address. */
function statusLink(pod: string, places: Places): Html {
  return isAddress(places.pagesUrl)
    ? html`<a href="${pageOf(pod, 'status', places)}">Status page of ${pod}</a>`
    : html`Status page: <code>/${pod}/status</code>`;
}

function pageOf(pod: string, path: string, { pagesUrl }: Places): string {
  return `${pagesUrl}/${pod}/${path}`;
}

function framed(content: Html, { theme }: Look): string {
  const { card, ink } = COLOURS[theme];
  return html`<div style="background:${card};color:${ink};font-size:14px;line-height:1.4;padding:4px 8px;overflow-wrap:anywhere">${inlinedLinks(content, theme)}</div>`
    .markup;
}
