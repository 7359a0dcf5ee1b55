/** The anchor of an alarm's section in docs/runbook.md: both tiers share one. `client-adrift` -> `adrift` */
export function runbookAnchor(key: string): string {
  return key.replace(/^(boundary|client)-/, '');
}

/** Where an alarm's description sends whoever it wakes. */
export function runbookSection(key: string): string {
  return `docs/runbook.md#${runbookAnchor(key)}`;
}
