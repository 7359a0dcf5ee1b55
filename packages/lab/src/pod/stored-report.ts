/** What the event log reads of a pod's stored report: the JSON that `…/status.json` serves. */
export interface StoredReport {
  pod: string;
  /** null while the tick is under way. */
  endedAtMs: number | null;
  mode: string;
  hosts: StoredHost[];
  summary: { expected: number; sampled: number; confident: number; stale: number };
  refusals: { rule: string; sentence: string }[];
  /** Each a sentence. */
  faults: string[];
}

export interface StoredHost {
  instanceId: string;
  state: string;
  sentence: string;
  stale: { sentence: string } | null;
  unjoinedNames: string[];
  /** Addresses that its daemon polls. */
  polled: string[];
}

/** null for anything but a report: the bucket holds other objects too. */
export function readStoredReport(body: Buffer): StoredReport | null {
  try {
    const read: Partial<StoredReport> | null = JSON.parse(body.toString());
    return Array.isArray(read?.hosts) && read.summary ? (read as StoredReport) : null;
  } catch {
    return null;
  }
}
