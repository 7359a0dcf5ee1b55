import { createHash } from 'node:crypto';
import { type Html, html } from './html.ts';
import { STYLE } from './style.ts';

/** A page and what it may do. */
export interface Document {
  body: string;
  /** Content-Security-Policy: nothing but its own style, its own icon and forms to where it came from. */
  policy: string;
}

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

export const PAGE_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${STYLE_HASH}'`,
  'img-src data:',
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** The style goes in as it stands, by its hash. An icon of its own, as browsers would ask for one. Decision 0129. */
export function document(title: string, body: Html): string {
  const head = html`<meta charset="utf-8"><title>${title}</title><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><link rel="icon" href="data:,">`;
  return `<!doctype html>\n<html lang="en"><head>${head}<style>${STYLE}</style></head><body>\n${body}\n</body></html>\n`;
}
