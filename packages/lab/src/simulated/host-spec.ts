import type { Tier } from '../../../../src/fleet/fleet.ts';

/** The daemons that are simulated. */
export type DaemonKind = 'ntpd' | 'ntpsec' | 'chrony';

/** A host to be added. */
export interface HostSpec {
  /** `i-…` */
  id: string;
  /** `blue-client-a1`; absent: it goes by its id. */
  name?: string;
  pod: string;
  tier: Tier;
  /** Full name, `us-west-2e`. */
  az: string;
  daemon: DaemonKind;
  /** Its daemon is that of Debian's next release; absent: the stable one's. Of simulated daemons only chrony is another then. */
  newer?: boolean;
  ipv4: string;
  /** Absent or null: the host has no IPv6. */
  ipv6?: string | null;
  /** Put in place of the daemon's file before the host is up. */
  config?: string;
  /** podtime's API, `http://127.0.0.1:3000`: once the host is up it fetches its boot.sh there and runs it. */
  apiUrl?: string;
  /** Simulated seconds until the host is up; absent: 12 to 25, as the seed will. */
  bootSeconds?: number;
  /** How wrong the clock is at first; absent: within 0.8 ms. */
  clockErrorMs?: number;
  /** A second time daemon, running on the file of its distribution: a fault that podtime reports. */
  alsoRuns?: DaemonKind;
}

/** Where a distribution keeps a daemon's things, below the host's root. */
export interface Installation {
  kind: DaemonKind;
  /** Names of its service, the package's first. */
  services: readonly string[];
  program: 'ntpd' | 'chronyd';
  configPath: string;
  pidPath: string;
  /** Tools it brings along. */
  tools: readonly string[];
}

/** ntpd as Amazon Linux 2 and Red Hat install it, ntpsec and chrony as Debian does. */
export const INSTALLATIONS: Record<DaemonKind, Installation> = {
  ntpd: {
    kind: 'ntpd',
    services: ['ntpd'],
    program: 'ntpd',
    configPath: 'etc/ntp.conf',
    pidPath: 'run/ntpd.pid',
    tools: ['ntpd', 'ntpq'],
  },
  ntpsec: {
    kind: 'ntpsec',
    services: ['ntpsec', 'ntp', 'ntpd'],
    program: 'ntpd',
    configPath: 'etc/ntpsec/ntp.conf',
    pidPath: 'run/ntpd.pid',
    tools: ['ntpd', 'ntpq'],
  },
  chrony: {
    kind: 'chrony',
    services: ['chrony', 'chronyd'],
    program: 'chronyd',
    configPath: 'etc/chrony/chrony.conf',
    pidPath: 'run/chrony/chronyd.pid',
    tools: ['chronyd', 'chronyc'],
  },
};

/** Which service tools a host has: the older ntpd hosts only `service`, chrony hosts only `systemctl`, Debian's both. */
export const SERVICE_TOOLS: Record<DaemonKind, readonly string[]> = {
  ntpd: ['service'],
  ntpsec: ['service', 'systemctl'],
  chrony: ['systemctl'],
};

/** Shims that every host has. */
export const COMMON_TOOLS: readonly string[] = ['getent', 'sleep', 'date', 'pidof', 'pgrep', 'hostname'];
