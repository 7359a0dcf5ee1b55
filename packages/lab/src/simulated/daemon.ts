import type { DaemonConfig } from './config-file.ts';
import type { HostClock } from './host-clock.ts';
import type { DaemonKind } from './host-spec.ts';
import type { Answer, ServedState, Station } from './network.ts';
import type { Noise } from './noise.ts';
import type { Resolver } from './resolver.ts';
import type { ChronyVersion } from './versions.ts';

/** What a time daemon has of its host and of what is around it. All it does happens at `nowMs`. */
export interface DaemonEnvironment {
  config: DaemonConfig;
  /** Of chrony. */
  chronyVersion: ChronyVersion;
  clock: HostClock;
  noise: Noise;
  resolver: Resolver;
  /** Own addresses, to see a loop. */
  addresses: readonly string[];
  nowMs(): number;
  /** Calls `then` in so many simulated milliseconds unless the daemon has ended. */
  after(waitMs: number, then: () => void): () => void;
  /** One question to a server. */
  ask(address: string): Answer | null;
  /** The clock was stepped, the daemon gave up, …: for the pod's log. */
  report(sentence: string): void;
}

/** A running time daemon. */
export interface Daemon {
  readonly kind: DaemonKind;
  readonly startedMs: number;
  /** Whether its file lets it answer other hosts. */
  readonly serves: boolean;
  /** What it serves to others. */
  serve(asker: Station, atMs: number): ServedState;
  /** How far the time it serves is ahead of the system clock. */
  readonly servedAheadMs: number;
  /** A line put in by hand at run time (`ntpq -c ":config …"`, `chronyc add …`). */
  addSource(line: string): void;
  /** One short line on its state: leap, stratum, system peer and its reach. */
  state(): DaemonState;
  stop(): void;
}

export interface DaemonState {
  synchronised: boolean;
  stratum: number;
  /** The system peer; null when there is none. */
  systemPeer: { remote: string; reach: number } | null;
  offsetMs: number;
}
