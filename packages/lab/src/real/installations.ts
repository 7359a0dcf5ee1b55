import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { CommandError } from './commands.ts';
import { NEWER_PROGRAMS, TESTING_CHRONY, whyNoNewerDaemons, whyNoTestingChrony } from './newer-daemons.ts';

/** What a real host runs: classic ntpd is packaged nowhere any more. */
export type RealKind = 'ntpsec' | 'chrony' | 'ntpd-rs';

/** A daemon and its release. */
export interface DaemonChoice {
  kind: RealKind;
  /** That of Debian's next release (scripts/newer-daemons); false: the system's own. ntpd-rs is in the next one only. */
  newer: boolean;
  /** chrony's of Debian's testing instead. */
  newest?: boolean;
}

export interface Installation {
  /** What a host of this kind has in /usr/sbin, each with its path of the newer release. The system's own are found by name. */
  programs: Readonly<Record<string, string>>;
  /** Service names; the first is the package's. */
  services: readonly string[];
  /** Which service tools there are: `service` on older systems, `systemctl` on systems without it, Debian has both. */
  serviceTools: readonly ('service' | 'systemctl')[];
  configPath: string;
  /** Where it writes its process id once it has read its file; empty: it writes none. */
  pidPath: string;
  /** Folders the daemon wants. */
  folders: readonly string[];
  /** Starts it in the foreground, followed by its file; must not touch the clock. */
  command: string;
  /** The same on a host with a clock of its own, which it steers. Absent: no other. */
  steeringCommand?: string;
}

export const INSTALLATIONS: Record<RealKind, Installation> = {
  ntpsec: {
    programs: { ntpd: NEWER_PROGRAMS.ntpd, ntpq: NEWER_PROGRAMS.ntpq },
    services: ['ntpsec', 'ntp', 'ntpd'],
    serviceTools: ['service', 'systemctl'],
    configPath: '/etc/ntpsec/ntp.conf',
    pidPath: '/run/ntpd.pid',
    folders: ['/etc/ntpsec', '/var/lib/ntpsec', '/var/log/ntpsec', '/run/ntpsec'],
    command: '/usr/sbin/ntpd -n -g -p /run/ntpd.pid -c',
  },
  chrony: {
    programs: { chronyd: NEWER_PROGRAMS.chronyd, chronyc: NEWER_PROGRAMS.chronyc },
    services: ['chrony', 'chronyd'],
    serviceTools: ['systemctl'],
    configPath: '/etc/chrony/chrony.conf',
    pidPath: '/run/chrony/chronyd.pid',
    folders: ['/etc/chrony', '/var/lib/chrony', '/var/log/chrony'],
    command: '/usr/sbin/chronyd -x -d -u root -f',
    steeringCommand: '/usr/sbin/chronyd -d -u root -f',
  },
  'ntpd-rs': {
    programs: { 'ntp-daemon': NEWER_PROGRAMS.ntpDaemon, 'ntp-ctl': NEWER_PROGRAMS.ntpCtl },
    services: ['ntpd-rs'],
    serviceTools: ['systemctl'],
    configPath: '/etc/ntpd-rs/ntp.toml',
    pidPath: '',
    folders: ['/etc/ntpd-rs', '/run/ntpd-rs'],
    command: '/usr/sbin/ntp-daemon -c',
  },
};

/** Tools of time daemons and services: a host has its own of these and must not find the machine's. */
export const OWN_TOOLS: readonly string[] = [
  ...['ntpd', 'ntpq', 'ntpdig', 'ntpdate', 'sntp', 'chronyd', 'chronyc', 'ntp-daemon', 'ntp-ctl'],
  ...['service', 'systemctl', 'timedatectl'],
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

/** Each program of the daemon, and its file on this machine. @throws CommandError when one is missing. */
export function programsOf({ kind, newer, newest = false }: DaemonChoice): [name: string, path: string][] {
  const reason = newest ? whyNoTestingChrony() : newer ? whyNoNewerDaemons() : null;
  if (reason !== null) throw new CommandError(reason);
  if (newest) return Object.entries(TESTING_CHRONY);
  return Object.entries(INSTALLATIONS[kind].programs).map(([name, newerPath]) => {
    const found = newer ? newerPath : findProgram(name);
    if (found === null) throw new CommandError(`${name} is not installed`);
    return [name, found];
  });
}
