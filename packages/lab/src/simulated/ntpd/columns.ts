import { isIPv4 } from 'node:net';
import type { Association } from './association.ts';
import type { NtpDaemon } from './daemon.ts';

const HEADERS = {
  ntpd: '     remote           refid      st t when poll reach   delay   offset  jitter',
  ntpsec: '     remote           refid      st t when poll reach   delay   offset   jitter',
};
const RULER_WIDTH = { ntpd: 78, ntpsec: 79 };
const REMOTE_WIDTH = 15;
const TYPES: Record<Association['kind'], string> = {
  client: 'u',
  name: 'u',
  symmetric: 's',
  pool: 'p',
  'reference clock': 'l',
};

/** What `ntpq -p` prints. `wide`: `-w`, a long remote takes a line of its own, else it is cut at 15 characters. */
export function peersTable(daemon: NtpDaemon, nowMs: number, options: { numeric: boolean; wide: boolean }): string {
  if (daemon.associations.length === 0) return noAssociations(daemon.kind);
  const lines = daemon.associations.map((association) => row(daemon.kind, association, nowMs, options));
  return `${[HEADERS[daemon.kind], '='.repeat(RULER_WIDTH[daemon.kind]), ...lines].join('\n')}\n`;
}

export function noAssociations(kind: NtpDaemon['kind']): string {
  return kind === 'ntpd' ? "No association ID's returned\n" : 'server=localhost No association IDs returned\n';
}

function row(
  kind: NtpDaemon['kind'],
  association: Association,
  nowMs: number,
  { numeric, wide }: { numeric: boolean; wide: boolean },
): string {
  const { tally, kind: type, stratum, reach, heardMs } = association;
  const remote = remoteText(kind, association, numeric);
  const whenSeconds = heardMs === null ? 0 : Math.floor((nowMs - heardMs) / 1000);
  const rest = [
    refidText(kind, association).padEnd(REMOTE_WIDTH),
    String(stratum).padStart(2),
    TYPES[type],
    interval(whenSeconds).padStart(4),
    interval(association.pollSeconds).padStart(4),
    reach.toString(8).padStart(4),
    ...figures(kind, association),
  ].join(' ');
  if (wide && remote.length > REMOTE_WIDTH) return `${tally}${remote}\n${' '.repeat(REMOTE_WIDTH + 2)}${rest}`;
  return `${tally}${remote.slice(0, REMOTE_WIDTH).padEnd(REMOTE_WIDTH)} ${rest}`;
}

function remoteText(kind: NtpDaemon['kind'], association: Association, numeric: boolean): string {
  const { address, name, line } = association;
  if (address === null) return line.target;
  if (association.kind === 'reference clock' && !numeric) return driverName(kind, address);
  return numeric ? address : (name ?? address);
}

/** Classic spells the local clock as a driver, ntpsec as an address (seen: `LOCAL(1)`, `127.127.1.1`). */
function driverName(kind: NtpDaemon['kind'], address: string): string {
  const [, , type, unit] = address.split('.');
  return kind === 'ntpd' && type === '1' ? `LOCAL(${unit})` : address;
}

function refidText(kind: NtpDaemon['kind'], { refid }: Association): string {
  if (refid.startsWith('127.127.')) return driverName(kind, refid);
  return isIPv4(refid) ? refid : `.${refid}.`;
}

/** ntpq's way with seconds: `-`, then seconds to 2048, minutes to 300, hours to 96, days. */
export function interval(seconds: number): string {
  if (seconds <= 0) return '-';
  if (seconds <= 2048) return String(seconds);
  const minutes = Math.floor((seconds + 29) / 60);
  if (minutes <= 300) return `${minutes}m`;
  const hours = Math.floor((minutes + 29) / 60);
  return hours <= 96 ? `${hours}h` : `${Math.floor((hours + 11) / 24)}d`;
}

function figures(kind: NtpDaemon['kind'], { delayMs, offsetMs, jitterMs }: Association): string[] {
  if (kind === 'ntpsec') return [delayMs, offsetMs, jitterMs].map(scaled);
  // Classic prints three decimals and cuts at seven characters, so large offsets lose some.
  const cut = (ms: number, width: number) =>
    ms
      .toFixed(3)
      .replace(/^-(0\.000)$/, '$1')
      .slice(0, 7)
      .padStart(width);
  return [cut(delayMs, 8), cut(offsetMs, 8), cut(jitterMs, 7)];
}

/** ntpsec's eight columns: four decimals as long as they fit. */
function scaled(ms: number): string {
  const room = ms < 0 ? 100 : 1000;
  for (let decimals = 4, limit = room; decimals > 0; decimals--, limit *= 10) {
    if (Math.abs(ms) < limit)
      return ms
        .toFixed(decimals)
        .replace(/^-(0\.0+)$/, '$1')
        .padStart(8);
  }
  return ms.toFixed(0).padStart(8);
}
