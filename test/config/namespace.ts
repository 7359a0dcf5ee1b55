import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  NEWER_PROGRAMS,
  TESTING_CHRONY,
  whyNoNewerDaemons,
  whyNoTestingChrony,
} from '../../packages/lab/src/real/newer-daemons.ts';

/**
 * Runs a real daemon on a configuration file in namespaces of its own: no route leaves them, the clock cannot be set
 * in them, and all of it ends with the one process that this starts.
 */

export type Daemon = 'ntpsec' | 'chrony' | 'chrony-4.6' | 'chrony-testing' | 'ntpd-rs';

const PROGRAMS: Record<Daemon, { program: string; tool: string }> = {
  ntpsec: { program: 'ntpd', tool: 'ntpq' },
  chrony: { program: 'chronyd', tool: 'chronyc' },
  'chrony-4.6': { program: NEWER_PROGRAMS.chronyd, tool: NEWER_PROGRAMS.chronyc },
  'chrony-testing': { program: TESTING_CHRONY.chronyd, tool: TESTING_CHRONY.chronyc },
  'ntpd-rs': { program: NEWER_PROGRAMS.ntpDaemon, tool: NEWER_PROGRAMS.ntpCtl },
};

/** Why real daemons cannot run here, or null. */
export function whyNot(daemon: Daemon): string | null {
  if (process.platform !== 'linux') return 'not Linux';
  if (process.getuid?.() !== 0) return 'not root';
  for (const tool of ['unshare', 'setpriv', 'ip', 'mount', 'ss']) {
    if (spawnSync('which', [tool]).status !== 0) return `no ${tool} here`;
  }
  if (spawnSync('unshare', ['--net', '--mount', 'true']).status !== 0) return 'no namespaces allowed';
  if (daemon === 'chrony-testing') return whyNoTestingChrony();
  if (daemon === 'chrony-4.6' || daemon === 'ntpd-rs') return whyNoNewerDaemons();
  const version = spawnSync(daemon === 'ntpsec' ? 'ntpd' : 'chronyd', ['--version'], { encoding: 'utf8' });
  return `${version.stdout}${version.stderr}`.includes(daemon) ? null : `no ${daemon} installed`;
}

export interface Ran {
  /** All that the daemon logged before it was stopped. */
  log: string;
  /** `ntpq -pnw`, `chronyc -n sources` or `ntp-ctl status`, asked on the host itself; empty when the daemon never answered. */
  sources: string;
  /** What `questions` printed, by line. */
  answers: string[];
}

/** Addresses of the host in its namespace: of the pod, and of a network that is none of the pod's. */
export const HOST = {
  addresses: ['10.20.0.5/16', '10.30.0.5/20', '2001:db8:20::5/56', '172.31.9.5/24', '2001:db8:ffff::5/64'],
};

const SCRIPT = join(import.meta.dirname, 'namespace.sh');

/**
 * `questions` is shell, run once the daemon answers its own query tool; `neighbour` is shell for the host at the other end of its cable
 * `v1`; `hosts` are lines of /etc/hosts, the only names that have addresses in there. Decision 0014.
 */
export async function run(daemon: Daemon, conf: string, questions = '', neighbour = '', hosts = ''): Promise<Ran> {
  const folder = mkdtempSync(join(tmpdir(), 'podtime-daemon-'));
  writeFileSync(join(folder, 'conf'), conf);
  writeFileSync(join(folder, 'resolv.conf'), 'nameserver 127.0.0.1\n');
  writeFileSync(join(folder, 'hosts'), `127.0.0.1 localhost\n${hosts}`);
  writeFileSync(join(folder, 'questions'), questions);
  writeFileSync(join(folder, 'neighbour'), neighbour);
  try {
    const { program, tool } = PROGRAMS[daemon];
    const flags = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
    const child = spawn('unshare', [...flags, 'sh', SCRIPT, folder, daemon, program, tool, ...HOST.addresses], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let trouble = '';
    child.stderr.on('data', (text) => {
      trouble += text;
    });
    const status = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
    if (status !== 0) throw new Error(`the namespace could not be set up: ${trouble}`);
    const written = (file: string) => readFileSync(join(folder, file), 'utf8');
    return {
      log: written('logged'),
      sources: written('sources'),
      answers: written('answers').split('\n').filter(Boolean),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
