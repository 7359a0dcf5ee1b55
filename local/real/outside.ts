import type { Machine } from './machine.ts';

/** A server outside the pods that nobody in them administers: always chrony, which serves at once from its own clock. */
export interface OutsideSpec {
  /** The name it is resolved by; `time-service`. */
  name: string;
  addresses: readonly string[];
  stratum: number;
}

/** Of the second daemon, which keeps true time for a server that is made to lie. */
const TRUE_PORT = 1123;

/** Serves the machine's own clock, whatever that says, at the stratum. */
export function honestConfig(stratum: number): string {
  return ['# true time, as far as this machine has it', `local stratum ${stratum}`, ...SERVING].join('\n');
}

/**
 * Serves time that is `aheadMs` off (negative: behind): it follows true time from a second daemon with an offset put on
 * each measurement. It never touches a clock (-x), so that what it corrects is only what it serves.
 */
export function lyingConfig(stratum: number, aheadMs: number): string {
  const follow = `server 127.0.0.1 port ${TRUE_PORT} iburst minpoll -2 maxpoll -2 minstratum ${stratum - 1}`;
  return [`# ${aheadMs} ms off`, `${follow} offset ${aheadMs / 1000}`, 'makestep 0.0001 -1', ...SERVING].join('\n');
}

const SERVING = ['allow 0/0', 'allow ::/0', 'bindcmdaddress 127.0.0.1', 'bindcmdaddress ::1', ''];
const TRUE_CONFIG = [
  'local stratum 1',
  `port ${TRUE_PORT}`,
  'allow 127.0.0.1',
  'cmdport 0',
  'pidfile /run/true-time.pid',
];

/** From now on the server is so far ahead of true time; 0: it is right. @throws DaemonError */
export async function setServedTime(server: Machine, stratum: number, aheadMs: number): Promise<void> {
  server.configure(aheadMs === 0 ? honestConfig(stratum) : lyingConfig(stratum, aheadMs));
  if (aheadMs !== 0) {
    const config = [...TRUE_CONFIG, 'bindcmdaddress /run/true-time.sock', ''].join('\n');
    await server.run(`
      [ -e /run/true-time.pid ] && kill -0 "$(cat /run/true-time.pid)" && exit 0
      cat >/etc/chrony/true-time.conf <<'END'\n${config}END
      setsid chronyd -x -d -u root -f /etc/chrony/true-time.conf </dev/null >/var/log/true-time.log 2>&1 &`);
  }
  await server.unit('restart');
}
