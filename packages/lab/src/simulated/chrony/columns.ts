import type { ChronySource } from './chrony-source.ts';
import type { ChronyDaemon } from './daemon.ts';
import type { Reference, Told } from './reference.ts';

const HEADER = 'MS Name/IP address         Stratum Poll Reach LastRx Last sample               ';
const RULER_WIDTH = 79;
/** What chronyd gives for "never", in machine-readable output. */
const NEVER = '4294967295';

/** What `chronyc sources` prints, `-c` with commas. chrony's offset is positive when the *local* clock is ahead, in seconds. */
export function sourcesTable(
  daemon: ChronyDaemon,
  nowMs: number,
  options: { commas: boolean; numeric: boolean },
): string {
  const shown = daemon.sources.filter((source) => source.address !== null);
  const rows = shown.map((source) => (options.commas ? commaRow(source, nowMs) : row(source, nowMs, options.numeric)));
  return [...(options.commas ? [] : [HEADER, '='.repeat(RULER_WIDTH)]), ...rows].map((line) => `${line}\n`).join('');
}

function mode({ line }: ChronySource): string {
  return line.keyword === 'refclock' ? '#' : line.keyword === 'peer' ? '=' : '^';
}

function label(source: ChronySource, numeric: boolean): string {
  if (source.line.keyword === 'refclock') return `${source.line.target}0`;
  return (numeric ? source.address : (source.name ?? source.address)) ?? '';
}

/** The last sample as it stands after corrections, as it was measured, and how wrong it can be. Seconds. */
function lastSample(source: ChronySource): { adjusted: number; measured: number; error: number } {
  const last = source.samples.at(-1);
  if (last === undefined) return { adjusted: 0, measured: 0, error: 0 };
  return {
    adjusted: -source.lastOffsetMs / 1000,
    measured: -source.measuredMs / 1000,
    error: ((last.delayMs + source.rootDelayMs) / 2 + source.rootDispersionMs) / 1000,
  };
}

function sinceSeconds({ heardMs }: ChronySource, nowMs: number): number | null {
  return heardMs === null ? null : Math.floor((nowMs - heardMs) / 1000);
}

function commaRow(source: ChronySource, nowMs: number): string {
  const { adjusted, measured, error } = lastSample(source);
  return [
    mode(source),
    source.state,
    label(source, true),
    source.stratum,
    source.poll,
    source.reach.toString(8),
    sinceSeconds(source, nowMs) ?? NEVER,
    ...[adjusted, measured, error].map((seconds) => fixed(seconds, 9)),
  ].join(',');
}

function row(source: ChronySource, nowMs: number, numeric: boolean): string {
  const { adjusted, measured, error } = lastSample(source);
  const name = label(source, numeric).slice(0, 27).padEnd(27);
  const numbers = `${String(source.stratum).padStart(2)}  ${String(source.poll).padStart(2)}   ${source.reach.toString(8).padStart(3)}`;
  const since = secondsColumn(sinceSeconds(source, nowMs));
  return `${mode(source)}${source.state} ${name}  ${numbers}  ${since}  ${signed(adjusted)}[${signed(measured)}] +/- ${unsigned(error)}`;
}

/** `%.9f` without a negative zero. */
function fixed(value: number, decimals: number): string {
  return value.toFixed(decimals).replace(/^-(0\.0+)$/, '$1');
}

function secondsColumn(seconds: number | null): string {
  if (seconds === null) return '   -';
  if (seconds < 1200) return String(seconds).padStart(4);
  if (seconds < 36_000) return `${Math.floor(seconds / 60)}m`.padStart(4);
  if (seconds < 345_600) return `${Math.floor(seconds / 3600)}h`.padStart(4);
  const days = Math.floor(seconds / 86_400);
  return (days > 999 ? `${Math.floor(days / 365)}y` : `${days}d`).padStart(4);
}

/** chronyc's choice of unit: four digits of ns, us, ms, then seconds. */
function withUnit(seconds: number): string {
  const size = Math.abs(seconds);
  if (size < 9999.5e-9) return `${(seconds * 1e9).toFixed(0)}ns`;
  if (size < 9999.5e-6) return `${(seconds * 1e6).toFixed(0)}us`;
  if (size < 9999.5e-3) return `${(seconds * 1e3).toFixed(0)}ms`;
  return `${seconds.toFixed(size < 999.5 ? 1 : 0)}s`;
}

function unsigned(seconds: number): string {
  return withUnit(Math.abs(seconds)).padStart(6);
}

function signed(seconds: number): string {
  const text = withUnit(seconds).replace(/^-0(?=[a-z])/, '0');
  return (text.startsWith('-') ? text : `+${text}`).padStart(7);
}

/** What `chronyc tracking` prints: System time positive when the host is behind, Last offset when it is ahead. */
export function tracking(daemon: ChronyDaemon, nowMs: number, commas: boolean): string {
  const shown = daemon.told(nowMs);
  return commas ? commaTracking(daemon.reference, shown) : trackingTable(daemon.reference, shown);
}

function hexRefid({ refid, source }: Told): string {
  if (refid === '' && source === null) return '00000000';
  const octets = refid.split('.').map(Number);
  return octets.length === 4 && octets.every(Number.isInteger)
    ? octets
        .map((octet) => octet.toString(16).padStart(2, '0'))
        .join('')
        .toUpperCase()
    : Buffer.from('PHC0').toString('hex').toUpperCase();
}

const LEAP_WORDS = ['Normal', 'Insert second', 'Delete second', 'Not synchronised'];

function commaTracking(reference: Reference, told: Told): string {
  const { referenceMs, correctionMs, lastOffsetMs, rmsOffsetMs, skewPpm } = reference;
  return `${[
    hexRefid(told),
    told.source?.address ?? '',
    told.stratum,
    fixed((referenceMs ?? 0) / 1000, 9),
    fixed(correctionMs / 1000, 9),
    fixed(-lastOffsetMs / 1000, 9),
    fixed(rmsOffsetMs / 1000, 9),
    '0.000',
    '0.000',
    fixed(skewPpm, 3),
    fixed(rootDelaySeconds(reference, told), 9),
    fixed(told.rootDispersionMs / 1000, 9),
    fixed(reference.updateIntervalMs / 1000, 1),
    LEAP_WORDS[told.leap],
  ].join(',')}\n`;
}

function rootDelaySeconds({ referenceMs }: Reference, { rootDelayMs, leap }: Told): number {
  return referenceMs === null && leap === 3 ? 1 : rootDelayMs / 1000;
}

function trackingTable(reference: Reference, told: Told): string {
  const { source, stratum } = told;
  const { referenceMs, correctionMs, lastOffsetMs, rmsOffsetMs, skewPpm } = reference;
  const plus = (value: number, decimals: number) => {
    const text = fixed(value, decimals);
    return text.startsWith('-') ? text : `+${text}`;
  };
  const date = new Date(referenceMs ?? 0);
  const [weekday = '', day = '', month = '', year = '', time = ''] = date.toUTCString().split(/,? /);
  const rows: [string, string][] = [
    ['Reference ID', `${hexRefid(told)} (${source?.label ?? ''})`],
    ['Stratum', String(stratum)],
    ['Ref time (UTC)', `${weekday} ${month} ${day} ${time} ${year}`],
    [
      'System time',
      `${fixed(Math.abs(correctionMs / 1000), 9)} seconds ${correctionMs > 0 ? 'slow' : 'fast'} of NTP time`,
    ],
    ['Last offset', `${plus(-lastOffsetMs / 1000, 9)} seconds`],
    ['RMS offset', `${fixed(rmsOffsetMs / 1000, 9)} seconds`],
    ['Frequency', '0.000 ppm slow'],
    ['Residual freq', '+0.000 ppm'],
    ['Skew', `${fixed(skewPpm, 3)} ppm`],
    ['Root delay', `${fixed(rootDelaySeconds(reference, told), 9)} seconds`],
    ['Root dispersion', `${fixed(told.rootDispersionMs / 1000, 9)} seconds`],
    ['Update interval', `${fixed(reference.updateIntervalMs / 1000, 1)} seconds`],
    ['Leap status', LEAP_WORDS[told.leap] ?? ''],
  ];
  return rows.map(([name, value]) => `${name.padEnd(16)}: ${value}\n`).join('');
}
