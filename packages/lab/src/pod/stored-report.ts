/** What the event log reads of a pod's stored report: the JSON that `…/status.json` serves. */
export interface StoredReport {
  pod: string;
  mode: string;
  /** Epoch ms. */
  endedAtMs: number;
  hosts: StoredHost[];
  summary: { expected: number; sampled: number; confident: number; stale: number };
  refusals: { rule: string; sentence: string }[];
  /** Each a sentence. */
  faults: string[];
}

export interface StoredHost {
  instanceId: string;
  state: string;
  confident: boolean;
  sentence: string;
  stale: { sentence: string } | null;
  unjoinedNames: string[];
  /** Addresses that its daemon polls. */
  polled: string[];
}

/** What rows name by its place. */
interface Tables<S> {
  polledAddresses: readonly string[];
  staleness: readonly S[];
  texts: readonly string[];
}

/** A host as a report has it: what is not so is left out, and what rows have in common are places in the report's tables. */
interface HostRow {
  sentence?: string | undefined;
  /** Each its place in `texts`, then the numbers that stand for each `#`. */
  remarks?: number[][] | undefined;
  stale?: number | undefined;
  unjoinedNames?: string[] | undefined;
  polled?: number[] | undefined;
}

/** With all that was left out. */
export function wholeHost<H extends HostRow, S>(row: H, { polledAddresses, staleness, texts }: Tables<S>) {
  const { sentence = 'all is well.', remarks: said = [], stale: kind = -1, ...others } = row;
  const { unjoinedNames = [], polled = [], ...kept } = others;
  const remarks = said.map(([place = -1, ...numbers]) =>
    numbers.reduce<string>((text, number) => text.replace('#', String(number)), texts[place] ?? ''),
  );
  const addresses = polled.flatMap((place) => polledAddresses[place] ?? []);
  const stale = staleness[kind] ?? null;
  return { ...kept, sentence, remarks, stale, unjoinedNames, polled: addresses };
}

/** null for anything but a report: the bucket holds other objects too. */
export function readStoredReport(body: Buffer): StoredReport | null {
  try {
    const read = JSON.parse(body.toString());
    if (!Array.isArray(read?.hosts) || !read.summary) return null;
    const { polledAddresses = [], staleness = [], texts = [] } = read;
    return { ...read, hosts: read.hosts.map((row: HostRow) => wholeHost(row, { polledAddresses, staleness, texts })) };
  } catch {
    return null;
  }
}
