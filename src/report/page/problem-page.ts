import { document } from './document.ts';
import { html } from './html.ts';

/** What a browser shows of an error: the sentence that other callers get. */
export function problemPage(status: number, detail: string): string {
  return document(
    `${status} podtime`,
    html`<header><b>podtime</b></header><main><div class="verdict level-unknown"><h1>${status === 404 ? 'There is nothing here' : 'podtime cannot show this now'}</h1><p>${detail}</p></div></main>`,
  );
}
