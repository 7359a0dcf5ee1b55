import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** What a real host runs: classic ntpd is packaged nowhere any more. */
export type RealKind = 'ntpsec' | 'chrony';

export interface Installation {
  daemon: 'ntpd' | 'chronyd';
  /** What a host of this kind has in /usr/sbin: paths on the machine are found by name. */
  programs: readonly string[];
  /** Service names; the first is the package's. */
  services: readonly string[];
  /** Which service tools there are: `service` on older systems, `systemctl` on systems without it, Debian has both. */
  serviceTools: readonly ('service' | 'systemctl')[];
  configPath: string;
  pidPath: string;
  /** Folders the daemon wants. */
  folders: readonly string[];
  /** Starts it in the foreground, followed by its file; must not touch the clock. */
  command: string;
  /** Asks the daemon whether it is there; succeeds with an output when it is. */
  probe: string;
}

export const INSTALLATIONS: Record<RealKind, Installation> = {
  ntpsec: {
    daemon: 'ntpd',
    programs: ['ntpd', 'ntpq'],
    services: ['ntpsec', 'ntp', 'ntpd'],
    serviceTools: ['service', 'systemctl'],
    configPath: '/etc/ntpsec/ntp.conf',
    pidPath: '/run/ntpd.pid',
    folders: ['/etc/ntpsec', '/var/lib/ntpsec', '/var/log/ntpsec', '/run/ntpsec'],
    command: '/usr/sbin/ntpd -n -g -p /run/ntpd.pid -c',
    probe: 'ntpq -c "rv 0 ss_uptime"',
  },
  chrony: {
    daemon: 'chronyd',
    programs: ['chronyd', 'chronyc'],
    services: ['chrony', 'chronyd'],
    serviceTools: ['systemctl'],
    configPath: '/etc/chrony/chrony.conf',
    pidPath: '/run/chrony/chronyd.pid',
    folders: ['/etc/chrony', '/var/lib/chrony', '/var/log/chrony'],
    command: '/usr/sbin/chronyd -x -d -u root -f',
    probe: 'chronyc -c tracking',
  },
};

/** Tools of time daemons and services: a host has its own of these and must not find the machine's. */
export const OWN_TOOLS: readonly string[] = [
  ...['ntpd', 'ntpq', 'ntpdig', 'ntpdate', 'sntp', 'chronyd', 'chronyc', 'service', 'systemctl', 'timedatectl'],
];

/** Daemons live in folders that an ordinary PATH may lack. */
const PLACES = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** The program's own path, links followed; null when there is none. `searchPath`: as PATH. */
export function findProgram(name: string, searchPath: string = process.env.PATH ?? ''): string | null {
  for (const place of [...searchPath.split(delimiter).filter(Boolean), ...PLACES]) {
    const path = join(place, name);
    try {
      accessSync(path, constants.X_OK);
      if (statSync(path).isFile()) return realpathSync(path);
    } catch {
      // not here
    }
  }
  return null;
}
