import { readScript } from '../scripts.ts';
import type { Container } from './container.ts';
import type { RealKind } from './installations.ts';

/** What a daemon says of itself. Read by fields of its own, not by podtime's parsers: the two are compared. */
export interface DaemonStatus {
  synchronised: boolean;
  stratum: number;
  /** Positive: its clock is behind. null: ntpd-rs tells none of its own. */
  offsetMs: number | null;
  sources: DaemonSource[];
}

export interface DaemonSource {
  kind: 'server' | 'peer' | 'clock';
  /** `0.0.0.0` or a name while it has no address. */
  address: string;
  /** The eight-bit register. ntpd-rs tells only how many polls went unanswered since the last answer: the others count as heard. */
  reach: number;
  isSystemPeer: boolean;
  /** Never selected: unheard, `noselect`, or too far off. */
  isRejected: boolean;
}

const QUERY_SECONDS = 5;
const SCRIPT_SECONDS = 16;

/** Asks the daemon's own query tool in the container; null when no daemon answers. */
export async function queryDaemon(container: Container): Promise<DaemonStatus | null> {
  const ran = await container.run(readScript('real/query-daemon.sh'), SCRIPT_SECONDS, [
    container.kind,
    String(QUERY_SECONDS),
  ]);
  const [system = '', sources = ''] = ran.stdout.split('--- sources\n');
  if (ran.exitCode !== 0 || system.trim() === '') return null;
  return READERS[container.kind](system, sources);
}

/** `rv 0`, and `mrv`: variables of each association, `name=value`, between empty lines (ntpq(1)). */
export function readNtpsec(system: string, sources: string): DaemonStatus {
  const own = variables(system);
  return {
    synchronised: own('leap') !== '11',
    stratum: Number(own('stratum')),
    offsetMs: Number(own('offset')),
    sources: sources
      .split(/^(?=associd=)/m)
      .filter((text) => text.includes('srcadr='))
      .map((text) => {
        const source = variables(text);
        const address = source('srcadr');
        // RFC 9327, 3.2: of the peer status word bits 8 to 10 are the selection, 6 the system peer, 7 that of a pulse
        const selection = (Number.parseInt(source('status'), 16) >> 8) & 7;
        return {
          kind: address.startsWith('127.127.') ? 'clock' : source('hmode') === '3' ? 'server' : 'peer',
          address,
          reach: Number.parseInt(source('reach'), 8),
          isSystemPeer: selection >= 6,
          isRejected: selection === 0,
        };
      }),
  };
}

function variables(text: string): (name: string) => string {
  return (name) => new RegExp(`\\b${name}=([^,\\s]*)`).exec(text)?.[1] ?? '';
}

const CHRONY_KINDS: Record<string, DaemonSource['kind']> = { '^': 'server', '=': 'peer', '#': 'clock' };

/** Rows of `chronyc -c`, by position (chronyc(1)): tracking, and one of each source. */
export function readChrony(system: string, sources: string): DaemonStatus {
  const tracking = system.trim().split(',');
  return {
    synchronised: tracking[13] !== 'Not synchronised',
    stratum: Number(tracking[2]),
    offsetMs: Number(tracking[4]) * 1000,
    sources: sources
      .trim()
      .split('\n')
      .filter(Boolean)
      .map((line) => {
        const [mode = '', state, address = '', , , reach = ''] = line.split(',');
        return {
          kind: CHRONY_KINDS[mode] ?? 'server',
          address,
          reach: Number.parseInt(reach, 8),
          isSystemPeer: state === '*',
          isRejected: state === '?',
        };
      }),
  };
}

/**
 * Samples of `ntp-ctl status -f prometheus`, `name{label="…"} value` (OpenMetrics): those of the system, and those of
 * sources. It tells neither a system peer nor what it selects; a source not heard since it was looked up has no uncertainty.
 */
export function readNtpdRs(system: string, sources: string): DaemonStatus {
  const own = (name: string) => Number(new RegExp(`^ntp_system_${name} (.*)$`, 'm').exec(system)?.[1] ?? Number.NaN);
  const samples = [...sources.matchAll(/^ntp_source_(\w+)\{.*address="([^"]*)",id="(\d+)"\} (.*)$/gm)];
  const ids = [...new Set(samples.map(([, , , id]) => id))];
  return {
    synchronised: own('leap_indicator') !== 3,
    stratum: own('stratum'),
    offsetMs: null,
    sources: ids.map((id) => {
      const rows = samples.filter((sample) => sample[3] === id);
      const value = (name: string) => Number(rows.find((sample) => sample[1] === name)?.[4] ?? Number.NaN);
      return {
        kind: 'server',
        address: (rows[0]?.[2] ?? '').replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1'),
        reach: (0xff << value('unanswered_polls')) & 0xff,
        isSystemPeer: false,
        isRejected: value('uncertainty_seconds') > LONGEST_UNCERTAINTY_SECONDS,
      };
    }),
  };
}

/** No source so uncertain is ever followed (`maximum-source-uncertainty`, by default 0.25); unheard, it is 2^31 seconds. */
const LONGEST_UNCERTAINTY_SECONDS = 0.25;

const READERS: Record<RealKind, (system: string, sources: string) => DaemonStatus> = {
  ntpsec: readNtpsec,
  chrony: readChrony,
  'ntpd-rs': readNtpdRs,
};

/** In a few words. */
export function describeStatus(status: DaemonStatus | null): string {
  if (status === null) return 'no daemon answers';
  if (!status.synchronised || status.stratum >= 16) return 'not synchronised';
  const peer = status.sources.find(({ isSystemPeer }) => isSystemPeer);
  const followed = peer ? `follows ${peer.address}, reach ${peer.reach.toString(8)}` : 'no system peer';
  return `stratum ${status.stratum}, ${followed}`;
}
