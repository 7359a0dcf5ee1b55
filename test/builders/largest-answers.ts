import type { DaemonKind } from '../../src/host/collected.ts';
import type { ShellName } from '../host/host.ts';
import { Host } from '../host/host.ts';
import { withChrony, withClassic, withNtpsec } from '../host/layouts.ts';

/** What one source of a host is, in all that its daemon prints of it. */
export interface LargeSource {
  address: string;
  tally: ' ' | '*' | '+' | '-' | 'x';
  reach: string;
  /** A state, `.INIT.`; else an address. */
  refid?: string;
  offsetMs?: number;
  /** Of ntpq. */
  delayMs?: number;
  jitterMs?: number;
  /** Of chrony. */
  errorMs?: number;
}

/** A configuration and its sources, as large as a test wants them. */
export interface LargeHost {
  names: string[];
  directive: 'server' | 'pool';
  literals: string[];
  sources: LargeSource[];
}

/** An address of the pod's IPv6 network that is as long as one can be. */
export const longAddress = (n: number) => `fd12:3456:789a:bcde:f012:3456:789a:${(0xb000 + n).toString(16)}`;

/** What `collect` prints on such a host; `bytes`: so many at most instead of what SSM keeps. */
export function largeAnswer(kind: DaemonKind, shell: ShellName, large: LargeHost, bytes?: number): string {
  const host = new Host(shell);
  if (bytes !== undefined) host.limits({ ANSWER_BYTES: bytes });
  const { service, config, lay, sources, state } = LAID[kind];
  lay(host);
  if (kind !== 'chrony') host.on(STATISTICS, WIDE_STATISTICS);
  host
    .on(`service ${service} status`, '')
    .on(sources, tableOf(kind, large))
    .on(...state);
  const lines = [
    ...large.literals.map((literal) => `server ${literal}`),
    ...large.names.map((name) => `${large.directive} ${name} iburst`),
  ];
  host.file(config, `# podtime\n# revision 0123456789abcdef\ndriftfile /drift\nallow\n${lines.join('\n')}\n`);
  host
    .file('/drift', '          -500.123456           100.123456\n')
    .file('/sys/devices/system/clocksource/clocksource0/current_clocksource', 'hyperv_clocksource_tsc_page\n')
    .on('chronyc -c serverstats', '123456789012,12345678901,1,0,0\n');
  host.file('/var/lib/podtime/cycled', `${host.now - 86_400}\n`);
  try {
    return host.run('collect').stdout;
  } finally {
    host.remove();
  }
}

const VARIABLES = 'ntpq -c rv 0 leap,stratum,refid,offset,rootdelay,rootdisp,sys_jitter,frequency';
const STATISTICS = 'ntpq -c rv 0 ss_uptime,ss_received,ss_limited,kstflags';
const WIDE_STATISTICS =
  'ss_uptime=1234, ss_received=123456789012, ss_limited=12345678901,\nkstflags="pll ppsfreq unsync nano"\n';
/** At their widest. */
const VALUES =
  'leap=00, stratum=4, refid=169.254.169.123, offset=-12.345678,\nrootdelay=123.45678, rootdisp=12.345, sys_jitter=1234.567890,\nfrequency=-500.000\n';
const TRACKING =
  'E1FAC9BA,fd12:3456:789a:bcde:f012:3456:789a:b000,4,1795390477.573318199,0.000001128,-0.000000218,0.000000218,0.012,-0.000,0.757,0.000029175,0.000029487,2.0,Normal\n';

interface Laid {
  service: string;
  config: string;
  lay(host: Host): unknown;
  /** The command line that lists the sources, and the one that tells the state, with its answer. */
  sources: string;
  state: [string, string];
}

const LAID: Record<DaemonKind, Laid> = {
  ntpd: {
    service: 'ntp',
    config: '/etc/ntp.conf',
    lay: withClassic,
    sources: 'ntpq -pnw',
    state: [VARIABLES, VALUES],
  },
  ntpsec: {
    service: 'ntpsec',
    config: '/etc/ntpsec/ntp.conf',
    lay: withNtpsec,
    sources: 'ntpq -pnw',
    state: [VARIABLES, VALUES],
  },
  chrony: {
    service: 'chronyd',
    config: '/etc/chrony.conf',
    lay: withChrony,
    sources: 'chronyc -n -c sources',
    state: ['chronyc -c tracking', TRACKING],
  },
};

function tableOf(kind: DaemonKind, { sources, names, directive }: LargeHost): string {
  if (kind === 'chrony') {
    const state = { ' ': '?', '*': '*', '+': '+', '-': '-', x: 'x' };
    const rows = sources.map(
      ({ tally, address, reach, offsetMs = 0.012345, errorMs = 0.015823 }) =>
        `^,${state[tally]},${address},3,10,${reach},1023,${(-offsetMs / 1000).toFixed(9)},-0.000000037,${(errorMs / 1000).toFixed(9)}\n`,
    );
    return rows.join('');
  }
  const head = '     remote           refid      st t when poll reach   delay   offset   jitter\n';
  const row = (tally: string, remote: string, refid: string, rest: string) =>
    remote.length > 15
      ? `${tally}${remote}\n${' '.repeat(17)}${refid.padEnd(15)} ${rest}\n`
      : `${tally}${remote.padEnd(16)}${refid.padEnd(15)} ${rest}\n`;
  const heads =
    directive === 'pool'
      ? names.map((name) => row(' ', name, '.POOL.', '16 p    -   64    0   0.0000   0.0000   0.0001'))
      : [];
  const rows = sources.map(
    ({
      tally,
      address,
      reach,
      refid = '169.254.169.123',
      offsetMs = 1.2345,
      delayMs = 123.4567,
      jitterMs = 1.2345,
    }) => {
      const measured = `${delayMs.toFixed(4)} ${offsetMs.toFixed(4)}   ${jitterMs.toFixed(4)}`;
      return row(tally, address, refid, ` 3 u  913 1024  ${reach.padStart(3)} ${measured}`);
    },
  );
  return `${head}${'='.repeat(79)}\n${heads.join('')}${rows.join('')}`;
}
