import type { SourceLine } from '../config-file.ts';
import type { DaemonEnvironment } from '../daemon.ts';
import type { Association, AssociationKind } from './association.ts';

/** The daemon's associations, as far as names need them. */
export interface AssociationTable {
  readonly kind: 'ntpd' | 'ntpsec';
  readonly associations: readonly Association[];
  /** By canonical address. */
  find(address: string): Association | undefined;
  /** Adds a row. Without an address (a pool, a name not resolved) it polls nothing by itself. */
  mobilise(line: SourceLine, kind: AssociationKind, options: MobiliseOptions): Association;
  schedule(association: Association, waitMs: number): void;
}

export interface MobiliseOptions {
  address?: string;
  name?: string;
  fromPool?: boolean;
  refid?: string;
}

/** What a daemon does with names that are not addresses. */
export interface NameFollower {
  follow(line: SourceLine): void;
}

/** Classic: a name that does not resolve is asked again after 2, 4, 8, 16, 32, then every 64 s (seen on real daemons). */
const FIRST_RETRY_MS = 2000;
const LONGEST_RETRY_MS = 64_000;
/** Classic asks all names together, ntpsec one after another, a second each (seen: `*` after 12-14 s when most do not resolve). */
const LOOKUP_MS = 60;
const SEQUENTIAL_LOOKUP_MS = 1000;
/** ntpsec: the exponent of the interval after "no such name", 4096 s, printed as `68m` (seen: not seen asking again in 16 minutes). */
const GIVEN_UP_POLL = 12;
/** ntpsec: a pool looks again every 256 s (seen on real daemons). */
const POOL_POLL = 8;

export function createNameFollower(daemon: AssociationTable, environment: DaemonEnvironment): NameFollower {
  return daemon.kind === 'ntpd' ? classic(daemon, environment) : ntpsec(daemon, environment);
}

function classic(daemon: AssociationTable, { config, resolver, after, ask, noise }: DaemonEnvironment): NameFollower {
  const server = (line: SourceLine, retryMs: number) => {
    const [address] = resolver.resolve(line.target).addresses;
    if (address === undefined) {
      after(retryMs, () => server(line, Math.min(LONGEST_RETRY_MS, retryMs * 2)));
      return;
    }
    // Two names on one address: the second gets no row, and is not asked for again (seen on real daemons).
    if (daemon.find(address) !== undefined) return;
    daemon.mobilise(line, line.keyword === 'peer' ? 'symmetric' : 'client', { address, name: line.target });
  };

  /** One solicitation a poll: the next address of the list that is not polled yet; an empty list is looked up again. */
  const pool = (row: Association, left: string[]) => {
    const unused = left.filter((address) => daemon.find(address) === undefined);
    const list =
      unused.length > 0
        ? unused
        : resolver.resolve(row.line.target).addresses.filter((address) => daemon.find(address) === undefined);
    const [address, ...rest] = list;
    if (address !== undefined && daemon.associations.length <= config.maxAssociations && ask(address) !== null) {
      daemon.mobilise(row.line, 'client', { address, name: row.line.target, fromPool: true });
    }
    after(1000 * (2 ** row.minpoll + noise.below(3)), () => pool(row, rest));
  };

  return {
    follow(line) {
      if (line.keyword === 'pool') {
        const row = daemon.mobilise(line, 'pool', { name: line.target, refid: 'POOL' });
        after(1000, () => pool(row, []));
      } else {
        after(LOOKUP_MS, () => server(line, FIRST_RETRY_MS));
      }
    },
  };
}

function ntpsec(daemon: AssociationTable, { config, resolver, after, nowMs }: DaemonEnvironment): NameFollower {
  let freeMs = nowMs();
  /** One thread looks names up: each waits for those before it. */
  const queue = (waitMs: number, then: () => void) => {
    freeMs = Math.max(freeMs, nowMs() + waitMs) + SEQUENTIAL_LOOKUP_MS;
    after(freeMs - nowMs(), then);
  };

  const server = (row: Association) => {
    const unused = resolver.resolve(row.line.target).addresses.find((address) => daemon.find(address) === undefined);
    if (unused === undefined) {
      row.hostPoll = GIVEN_UP_POLL;
      after(row.pollSeconds * 1000, () => queue(0, () => server(row)));
      return;
    }
    row.address = unused;
    row.kind = row.line.keyword === 'peer' ? 'symmetric' : 'client';
    row.clear('INIT', nowMs());
    daemon.schedule(row, 0);
  };

  const pool = (row: Association) => {
    for (const address of resolver.resolve(row.line.target).addresses) {
      if (daemon.associations.length > config.maxAssociations || daemon.find(address) !== undefined) continue;
      daemon.mobilise(row.line, 'client', { address, name: row.line.target, fromPool: true });
    }
    row.hostPoll = POOL_POLL;
    after(row.pollSeconds * 1000, () => queue(0, () => pool(row)));
  };

  return {
    follow(line) {
      const isPool = line.keyword === 'pool';
      const row = daemon.mobilise(line, isPool ? 'pool' : 'name', {
        name: line.target,
        refid: isPool ? 'POOL' : 'DNS',
      });
      row.hostPoll = line.minpoll ?? 3;
      queue(0, () => (isPool ? pool(row) : server(row)));
    },
  };
}
