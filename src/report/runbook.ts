/** Of this repository; where nobody says at which address it can be read. */
export const RUNBOOK_PATH = 'docs/runbook.md';

/** The anchor of an alarm's section in docs/runbook.md: both tiers share one. `client-adrift` -> `adrift` */
export function runbookAnchor(key: string): string {
  return key.replace(/^(boundary|client)-/, '');
}

/**
 * Where an alarm's description, a page and the widget send whoever wants to know what to do: a link, where `url` says at which address the
 * runbook is read, or its path where that is empty. Decision 0133.
 */
export function runbookSection(key: string, url: string): string {
  return `${url === '' ? RUNBOOK_PATH : url}#${runbookAnchor(key)}`;
}
