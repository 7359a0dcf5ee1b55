import type { Fault, Source, SystemState } from '../ntp/source.ts';
import type { Authentication, Certificate } from './collect-authentication.ts';
import type { LeapFile } from './collect-leap-file.ts';

/** Daemons that podtime serves files for, and cycles. */
export type DaemonKind = 'ntpd' | 'ntpsec' | 'chrony';

/** Daemons that it knows by name alone: of their clocks nothing is known. */
export const UNREAD_DAEMONS = ['openntpd', 'busybox-ntpd'] as const;

export type UnreadDaemon = (typeof UNREAD_DAEMONS)[number];

/** What may run on a host. */
export const RUNNING_DAEMONS = ['ntpd', 'ntpsec', 'chrony', 'ntpd-rs', 'systemd-timesyncd', ...UNREAD_DAEMONS] as const;

export type RunningDaemon = (typeof RUNNING_DAEMONS)[number];

export function isUnreadDaemon(kind: RunningDaemon): kind is UnreadDaemon {
  return (UNREAD_DAEMONS as readonly RunningDaemon[]).includes(kind);
}

/** How a host's clock does, beside what its daemon says of its time; null where the host does not tell. */
export interface ClockDetails {
  /**
   * The frequency that the daemon's drift file holds, as old as an hour (what ntpd and chronyd write at most so often): in the sign of
   * `SystemState.frequencyPpm`.
   */
  driftPpm: number | null;
  /** chrony's bound on the error of that frequency; ntpd keeps none. */
  driftSkewPpm: number | null;
  /** What the kernel counts time by: `tsc`, `kvm-clock`, `xen`. */
  clockSource: string | null;
  /** The kernel's own flag (STA_UNSYNC of adjtimex). Only ntpd tells it. */
  kernelUnsynchronised: boolean | null;
  /** Packets since the daemon started: of chrony those of its clients, where it serves any; of ntpd all that came. */
  packetsReceived: number | null;
  /** Of these, those that came too often, and were dropped. */
  packetsDropped: number | null;
}

/** What the `collect` document printed on one host, read. */
export interface Collected extends ClockDetails {
  /** null: the agent answered, no time daemon runs. */
  daemon: { kind: RunningDaemon; version: string | null } | null;
  /** Other time daemons that run beside it; more than none is a fault of the host. */
  otherDaemons: RunningDaemon[];
  /** One line on what was found where (service, file); for people. */
  found: string;
  /** The daemon's age. */
  ageSeconds: number | null;
  /** When podtime last cycled it; null = never. */
  cycledSecondsAgo: number | null;
  /** The revision in the head of the file it runs on; null when the file is not podtime's. */
  configRevision: string | null;
  /** Names the daemon's file gives as server, pool or peer: lower case, no dot at the end. */
  configNames: string[];
  /** Addresses the file gives literally, canonical. */
  configAddresses: string[];
  /** chrony's offsets are made relative to the host's clock here: `chronyc sources` gives them relative to chronyd's own. */
  sources: Source[];
  system: SystemState | null;
  /** Of a chrony or ntpd-rs whose file asks sources with NTS. */
  authentication?: Authentication;
  /** Certificates near their end, of servers that its file asks with NTS. */
  certificates?: Certificate[];
  /** Of a daemon whose file names one, where it is missing, has expired or may soon. */
  leapFile?: LeapFile;
  /** The agent or SSM cut the output. */
  truncated: boolean;
  faults: Fault[];
}
