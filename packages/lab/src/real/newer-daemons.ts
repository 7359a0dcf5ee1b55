import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';

/** Where scripts/newer-daemons/install.sh unpacks them; a host of its own files must have it at this very path. */
export const NEWER_FOLDER = '/usr/local/lib/podtime/trixie';

const program = (name: string) => join(NEWER_FOLDER, 'programs', name);

/**
 * Paths of the newer daemons' programs, to be started as any other: each knows its own loader and libraries. A program bound
 * or linked under another name goes by that name in /proc (`chronyd`). In a namespace, with the clock out of reach by
 * `setpriv --bounding-set=-sys_time --inh-caps=-sys_time --`:
 *
 *     chronyd-4.6 -x -d -u root -f chrony.conf     (`chronyd-4.6 -p -f FILE` checks a file)
 *     chronyc-4.6 -c sources                       (over /run/chrony/chronyd.sock; `-h 127.0.0.1` where there is none)
 *     ntpd-1.2.3 -n -g -p /run/ntpd.pid -c ntp.conf
 *     ntpq-1.2.3 -pnw                              (the system's python3 on ntpsec 1.2.3's own modules)
 *     ntp-daemon -c ntp.toml                       (its calls that steer the clock are answered by clock-left-alone.so)
 *     ntp-ctl -c ntp.toml status -f prometheus     (over the file's `observation-path`; `ntp-ctl -c FILE validate` checks)
 *
 * The system's ntpq 1.2.2 reads ntpd 1.2.3 as well.
 */
export const NEWER_PROGRAMS = {
  chronyd: program('chronyd-4.6'),
  chronyc: program('chronyc-4.6'),
  ntpd: program('ntpd-1.2.3'),
  ntpq: program('ntpq-1.2.3'),
  ntpDaemon: program('ntp-daemon'),
  ntpCtl: program('ntp-ctl'),
} as const;

/** Why they cannot be started here, with what mends it; null: they can. */
export function whyNoNewerDaemons(): string | null {
  try {
    for (const path of Object.values(NEWER_PROGRAMS)) accessSync(path, constants.X_OK);
    return null;
  } catch {
    return `there are no newer daemons in ${NEWER_FOLDER}; this unpacks them: scripts/install-test-tools.sh`;
  }
}

/**
 * The chrony of Debian's testing, 4.9 or what it has by now, where scripts/newer-daemons/testing-chrony.sh puts it: the first that knows
 * `maxunreach`. It runs on the libraries in `NEWER_FOLDER`.
 */
export const TESTING_FOLDER = '/usr/local/lib/podtime/testing';

export const TESTING_CHRONY = {
  chronyd: join(TESTING_FOLDER, 'chronyd'),
  chronyc: join(TESTING_FOLDER, 'chronyc'),
} as const;

/** Why it cannot be started here, with what mends it; null: it can. */
export function whyNoTestingChrony(): string | null {
  try {
    for (const path of Object.values(TESTING_CHRONY)) accessSync(path, constants.X_OK);
    return null;
  } catch {
    return `there is no chrony of testing in ${TESTING_FOLDER}; this unpacks it: scripts/install-test-tools.sh`;
  }
}
