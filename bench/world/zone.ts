import type { PublishedRecord } from '../../src/fleet/records.ts';
import type { RecordChange } from '../../src/plan/plan.ts';
import type { Instance } from './instance.ts';

const keyOf = (record: { name: string; type: string; setIdentifier: string | null }) =>
  `${record.name} ${record.type} ${record.setIdentifier}`;

/** How long an answer may be kept when its records bear no TTL. */
const TTL_SECONDS = 30;

/** The private zone: what Route 53 lists, and what its servers answer once a change is in sync. */
export class Zone {
  private readonly listed = new Map<string, PublishedRecord>();
  private readonly served = new Map<string, PublishedRecord>();
  /** How often somebody wrote a record at the console: what was sent before does not come after it. */
  private readonly writtenByHand = new Map<string, number>();

  constructor(private readonly negativeTtlSeconds: number) {}

  list(): PublishedRecord[] {
    return [...this.listed.values()];
  }

  /** What the zone's servers answer now. */
  answers(name: string): string[] {
    return [...this.served.values()].filter((record) => record.name === name).flatMap(({ addresses }) => addresses);
  }

  isServed(address: string): boolean {
    return [...this.served.values()].some(({ addresses }) => addresses.includes(address));
  }

  /** Takes a batch; answers what makes it visible to resolvers. */
  change(changes: readonly RecordChange[]): () => void {
    const steps = changes.map((change): Step => {
      const { action, name, type, setIdentifier, address, ttlSeconds } = change;
      const record = { name, type, setIdentifier, multivalue: true, ttlSeconds, addresses: [address], raw: null };
      return [keyOf(change), action === 'UPSERT' ? record : null];
    });
    const writtenBefore = new Map(this.writtenByHand);
    apply(this.listed, steps);
    return () => {
      const valid = steps.filter(([key]) => writtenBefore.get(key) === this.writtenByHand.get(key));
      apply(this.served, valid);
    };
  }

  /** As somebody at the console does it: at once. */
  remove(record: PublishedRecord): void {
    this.byHand(keyOf(record), null);
  }

  add(record: PublishedRecord): void {
    this.byHand(keyOf(record), record);
  }

  private byHand(key: string, record: PublishedRecord | null): void {
    for (const records of [this.listed, this.served]) apply(records, [[key, record]]);
    this.writtenByHand.set(key, (this.writtenByHand.get(key) ?? 0) + 1);
  }

  /** What the host's resolver says: it keeps answers for their TTL, and that there is none for the zone's negative TTL. */
  resolve(host: Instance, name: string, nowMs: number): string[] {
    const cached = host.cache.get(name);
    if (cached !== undefined && nowMs < cached.untilMs) return cached.addresses;
    const addresses = this.answers(name);
    const seconds = addresses.length > 0 ? TTL_SECONDS : this.negativeTtlSeconds;
    host.cache.set(name, { addresses, untilMs: nowMs + seconds * 1000 });
    return addresses;
  }
}

/** A record's key, and what it becomes; null: deleted. */
type Step = [key: string, record: PublishedRecord | null];

function apply(records: Map<string, PublishedRecord>, steps: readonly Step[]): void {
  for (const [key, record] of steps) {
    if (record === null) records.delete(key);
    else records.set(key, record);
  }
}
