import { type Html, html } from './html.ts';

/** Lines as they were printed, in a field that scrolls by itself; `label` names it for who does not see it. */
export function preformatted(text: string | readonly string[], label: string): Html {
  const lines = typeof text === 'string' ? text.replace(/\n$/, '').split('\n') : text;
  // a tab steers no more than a column
  const shown = lines.map((line) => html`${line.replaceAll('\t', '        ')}\n`);
  return html`<pre class="raw" tabindex="0" role="region" aria-label="${label}">${shown}</pre>`;
}
