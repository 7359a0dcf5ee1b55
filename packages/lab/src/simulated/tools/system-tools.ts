import type { Resolver } from '../resolver.ts';
import type { ToolReply } from '../shell.ts';
import { failed, printed } from './reply.ts';

/** A time daemon as the service manager of a host knows it. */
export interface Unit {
  /** `ntpd`, `ntpsec`, `chronyd` …, and other names it is known by. */
  names: readonly string[];
  /** The program: `ntpd`, `chronyd`. */
  program: string;
  running: boolean;
  processId: number;
  start(): boolean;
  stop(): void;
}

/** Starting a daemon takes a moment. */
const START_MS = 400;
const STOP_MS = 200;

/** `service NAME status|start|stop|restart|…` of System V, and as Debian hands it to systemd. */
export function service(units: readonly Unit[], [name = '', action = '']: readonly string[]): ToolReply {
  const unit = units.find(({ names }) => names.includes(name));
  if (unit === undefined) return failed(1, { stderr: `${name}: unrecognized service\n` });
  if (action !== 'status') return act(unit, name, action);
  return unit.running
    ? printed(`${unit.program} (pid  ${unit.processId}) is running...\n`)
    : failed(3, { stdout: `${unit.program} is stopped\n` });
}

/** `systemctl is-active|start|stop|restart|show -p MainPID NAME`. */
export function systemctl(units: readonly Unit[], args: readonly string[]): ToolReply {
  const [action = '', ...names] = args.filter((word) => !word.startsWith('-') && word !== 'MainPID');
  const name = (names.at(-1) ?? '').replace(/\.service$/, '');
  const unit = units.find((candidate) => candidate.names.includes(name));
  switch (action) {
    case 'is-active':
      return unit?.running === true ? printed('active\n') : failed(3, { stdout: 'inactive\n' });
    case 'is-enabled':
      return unit === undefined
        ? failed(1, { stderr: `Failed to get unit file state for ${name}.service\n` })
        : printed('enabled\n');
    case 'show':
      return printed(`MainPID=${unit?.running === true ? unit.processId : 0}\n`);
    case 'status':
      if (unit === undefined) return failed(4, { stderr: `Unit ${name}.service could not be found.\n` });
      return unit.running ? printed(`Active: active (running)\n`) : failed(3, { stdout: 'Active: inactive (dead)\n' });
    default:
      if (unit === undefined)
        return failed(5, { stderr: `Failed to ${action} ${name}.service: Unit ${name}.service not found.\n` });
      return act(unit, name, action);
  }
}

function act(unit: Unit, name: string, action: string): ToolReply {
  if (action === 'stop') {
    unit.stop();
    return printed('', STOP_MS);
  }
  const onlyRunning = ['try-restart', 'condrestart', 'try-reload-or-restart'].includes(action);
  if (onlyRunning && !unit.running) return printed('');
  if (action === 'start' && unit.running) return printed('');
  if (action === 'start' || onlyRunning || ['restart', 'reload-or-restart', 'force-reload'].includes(action)) {
    unit.stop();
    return unit.start()
      ? printed('', START_MS)
      : failed(
          1,
          { stderr: `Job for ${name}.service failed because the control process exited with error code.\n` },
          START_MS,
        );
  }
  return failed(2, {
    stderr: `Usage: ${name} {start|stop|status|restart|condrestart|try-restart|reload|force-reload}\n`,
  });
}

/** `pidof PROGRAM`, `pgrep -x PROGRAM`. */
export function processIds(units: readonly Unit[], args: readonly string[]): ToolReply {
  const wanted = args.filter((word) => !word.startsWith('-'));
  const found = units.filter(({ running, program }) => running && wanted.includes(program));
  return found.length > 0 ? printed(found.map(({ processId }) => `${processId}\n`).join('')) : failed(1, {});
}

/** `getent hosts|ahosts|ahostsv4|ahostsv6 NAME`, as glibc prints it; exit 2 when there is no such name. */
export function getent(resolver: Resolver, [database = '', name = '']: readonly string[]): ToolReply {
  const families: Record<string, (address: string) => boolean> = {
    ahosts: () => true,
    ahostsv4: (address) => !address.includes(':'),
    ahostsv6: (address) => address.includes(':'),
    hosts: () => true,
  };
  const family = families[database];
  if (family === undefined) return failed(1, { stderr: `Unknown database: ${database}\n` });
  const addresses = resolver.resolve(name).addresses.filter(family);
  const [first] = addresses;
  if (first === undefined) return failed(2, {});
  if (database === 'hosts') {
    // gethostbyname: only one family, IPv6 when there is any.
    const sixes = addresses.filter((address) => address.includes(':'));
    const shown = sixes.length > 0 ? sixes : addresses;
    return printed(shown.map((address) => `${address.padEnd(15)} ${name}\n`).join(''));
  }
  const rows = addresses.flatMap((address, index) => [
    `${address.padEnd(15)} STREAM ${index === 0 ? name : ''}`,
    `${address.padEnd(15)} DGRAM  `,
    `${address.padEnd(15)} RAW    `,
  ]);
  return printed(`${rows.join('\n')}\n`);
}

/** `date [-u] [+FORMAT]`, of the simulated time in UTC. */
export function date(nowMs: number, args: readonly string[]): ToolReply {
  const format = args.find((word) => word.startsWith('+'))?.slice(1) ?? '%a %b %e %H:%M:%S UTC %Y';
  const moment = new Date(nowMs);
  const iso = moment.toISOString();
  const [weekday = '', day = '', month = ''] = moment.toUTCString().split(/,? /);
  const parts: Record<string, string> = {
    s: String(Math.floor(nowMs / 1000)),
    Y: iso.slice(0, 4),
    m: iso.slice(5, 7),
    d: iso.slice(8, 10),
    e: String(Number(day)).padStart(2),
    H: iso.slice(11, 13),
    M: iso.slice(14, 16),
    S: iso.slice(17, 19),
    F: iso.slice(0, 10),
    T: iso.slice(11, 19),
    N: `${iso.slice(20, 23)}000000`,
    Z: 'UTC',
    z: '+0000',
    a: weekday,
    b: month,
    '%': '%',
  };
  return printed(`${format.replace(/%(.)/g, (whole, letter: string) => parts[letter] ?? whole)}\n`);
}

/** `sleep SECONDS…`, simulated seconds. */
export function sleep(args: readonly string[]): ToolReply {
  const units: Record<string, number> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400 };
  const seconds = args.map((word) => {
    const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?|\.\d+)([smhd]?)$/.exec(word) ?? [];
    return number === '' ? Number.NaN : Number(number) * (units[unit] ?? 1);
  });
  const sum = seconds.reduce((total, each) => total + each, 0);
  if (args.length === 0) return failed(1, { stderr: 'sleep: missing operand\n' });
  return Number.isNaN(sum)
    ? failed(1, { stderr: `sleep: invalid time interval '${args.join(' ')}'\n` })
    : printed('', sum * 1000);
}
