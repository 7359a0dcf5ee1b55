import type { DaemonEnvironment } from '../daemon.ts';
import { knowsRefresh } from '../versions.ts';
import type { ChronySource } from './chrony-source.ts';

/** Names without an address are asked for again after 28, 56, … seconds, an hour at most (seen; chrony's RESOLVE_INTERVAL). */
const FIRST_RETRY_MS = 28_000;
const LONGEST_RETRY_MS = 3_584_000;
/** A dead source is replaced at most this often, whichever it was (seen: every 30 min). */
const REPLACEMENT_INTERVAL_MS = 1_800_000;
const LOOKUP_MS = 40;
/** chrony.conf, `refresh`: two weeks where the file says nothing. */
const DEFAULT_REFRESH_SECONDS = 1_209_600;

/** chronyd's sources, as far as names need them. */
export interface SourceTable {
  readonly sources: readonly ChronySource[];
  /** The source that the clock follows. */
  selected: ChronySource | null;
  /** Whether a source has this address. */
  polls(address: string): boolean;
  /** A source that has just got its first address. */
  begin(source: ChronySource): void;
  schedule(source: ChronySource, waitMs: number): void;
}

/** How chronyd turns names into addresses, and when it does so again. */
export function createAddressBook(
  daemon: SourceTable,
  { resolver, after, nowMs, config, chronyVersion }: DaemonEnvironment,
) {
  const knows = knowsRefresh(chronyVersion);
  const refreshMs = 1000 * (config.refreshSeconds ?? DEFAULT_REFRESH_SECONDS);
  let refreshedMs = Number.NEGATIVE_INFINITY;
  let retryMs = FIRST_RETRY_MS;
  let waiting = false;
  let replacedMs = Number.NEGATIVE_INFINITY;

  const addressesOf = ({ line: { target, family } }: ChronySource) =>
    resolver
      .resolve(target)
      .addresses.filter((address) => family === null || (family === 'ipv6') === address.includes(':'));

  const missing = () => daemon.sources.filter((source) => source.address === null);

  const lookUpMissing = () => {
    for (const source of missing()) {
      const free = addressesOf(source).find((address) => !daemon.polls(address));
      if (free === undefined) continue;
      source.address = free;
      daemon.begin(source);
    }
    if (missing().length === 0 || waiting) return;
    waiting = true;
    after(retryMs, () => {
      waiting = false;
      lookUpMissing();
    });
    retryMs = Math.min(LONGEST_RETRY_MS, retryMs * 2);
  };

  /** The first address of the answer that no source polls takes the place; the present one does not count as free. */
  const replace = (source: ChronySource) => {
    const found = addressesOf(source).find((address) => !daemon.polls(address));
    if (found === undefined) return;
    const { poll } = source;
    source.replaceWith(found);
    if (daemon.selected === source) daemon.selected = null;
    // No burst: the next packet goes when the old one's was due, sooner if that had slowed down (seen: up to 63 s).
    if (source.poll !== poll) daemon.schedule(source, 1000 * 2 ** source.poll);
  };

  const isFresh = ({ line, address }: ChronySource) =>
    address !== null && resolver.resolve(line.target).addresses.includes(address);

  /** An address that the answer still has stays, but in 4.3. A round of lookups takes all names along that have none yet. */
  const lookUpAgain = (source: ChronySource) => {
    if (source.address !== null && !(knows && isFresh(source))) replace(source);
    lookUpMissing();
  };

  return {
    /** Looks up what has no address yet. */
    start: () => void after(LOOKUP_MS, lookUpMissing),
    /** Eight packets without an answer. */
    bad(source: ChronySource) {
      if (source.name === null || nowMs() - replacedMs < REPLACEMENT_INTERVAL_MS) return;
      replacedMs = nowMs();
      source.lookedUpMs = nowMs();
      after(LOOKUP_MS, () => replace(source));
    },
    refresh() {
      for (const source of daemon.sources) {
        if (source.name === null) continue;
        source.lookedUpMs = nowMs();
        lookUpAgain(source);
      }
    },
    /**
     * An answer came: only then, and so often at most, chronyd looks up the name that it looked up longest ago, of those without an
     * address too (seen on 4.6.1; ntp_sources.c, maybe_refresh_source).
     */
    heard() {
      if (!knows || nowMs() < refreshedMs + refreshMs) return;
      const named = daemon.sources.filter(({ name }) => name !== null);
      const [oldest] = named.toSorted((a, b) => a.lookedUpMs - b.lookedUpMs);
      refreshedMs = nowMs();
      if (oldest === undefined) return;
      if (nowMs() < oldest.lookedUpMs + refreshMs) {
        refreshedMs = oldest.lookedUpMs;
        return;
      }
      oldest.lookedUpMs = nowMs();
      after(LOOKUP_MS, () => lookUpAgain(oldest));
    },
  };
}
