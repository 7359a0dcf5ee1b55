import { NTP_VERSIONS } from '../versions.ts';
import type { NtpDaemon } from './daemon.ts';
import { PRECISION_MS } from './filter.ts';

/** `name=value`; the value as printed. */
type Variable = [name: string, value: string];

const EVENT_CODES = { restart: 6, freq_mode: 4, clock_sync: 5, no_sys_peer: 8 };
const LEAP_WORDS = ['leap_none', 'leap_add_sec', 'leap_del_sec', 'leap_alarm'];
/** NTP's era began in 1900, Unix's in 1970. */
const ERA_OFFSET_SECONDS = 2_208_988_800;
/** Widest lines seen in the captures; both tools break before an item that would pass it. */
const LINE_WIDTH = { ntpd: 75, ntpsec: 77 };

/**
 * What `ntpq -c "rv 0 …"` prints; all variables with a status line when none are named. Classic answers in the order
 * asked, ntpsec in its own. null: a name is unknown to the daemon.
 */
export function systemVariables(daemon: NtpDaemon, nowMs: number, names: readonly string[]): string | null {
  const known = daemon.kind === 'ntpd' ? classicVariables(daemon, nowMs) : ntpsecVariables(daemon, nowMs);
  if (names.length === 0) {
    const shown = known.filter(([name]) => !/^(ss_|kst)/.test(name));
    return wrap([statusLine(daemon), ...shown.map(print)], daemon.kind, true);
  }
  if (names.some((name) => !known.some(([other]) => other === name))) return null;
  const asked =
    daemon.kind === 'ntpd'
      ? names.flatMap((name) => known.filter(([other]) => other === name))
      : known.filter(([name]) => names.includes(name));
  return wrap(asked.map(print), daemon.kind, false);
}

function print([name, value]: Variable): string {
  return `${name}=${value}`;
}

function statusLine({ kind, system, systemPeer }: NtpDaemon): string {
  // Only classic says that it follows an NTP server; ntpsec's captures say sync_unspec always.
  const following = kind === 'ntpd' && systemPeer !== null;
  const status = (system.leap << 14) | ((following ? 6 : 0) << 8) | (1 << 4) | EVENT_CODES[system.event];
  const source = following ? 'sync_ntp' : 'sync_unspec';
  return `associd=0 status=${status.toString(16).padStart(4, '0')} ${LEAP_WORDS[system.leap]}, ${source}, 1 event, ${system.event}`;
}

/** Items joined by comma and space; the line breaks before the item that would not fit. The status line stands alone. */
export function wrap(items: readonly string[], kind: NtpDaemon['kind'], statusFirst: boolean): string {
  const lines: string[] = [];
  for (const [index, item] of items.entries()) {
    const text = index < items.length - 1 ? `${item},` : item;
    const line = lines.at(-1);
    const fits = line !== undefined && line.length + 1 + text.length <= LINE_WIDTH[kind];
    if (fits && !(statusFirst && index === 1)) lines[lines.length - 1] = `${line} ${text}`;
    else lines.push(text);
  }
  return `${lines.join('\n')}\n`;
}

function peerId({ systemPeer, associations }: NtpDaemon): string {
  return systemPeer === null ? '0' : String(17_767 + associations.indexOf(systemPeer));
}

function leapBits(leap: number): string {
  return leap.toString(2).padStart(2, '0');
}

function statistics({ startedMs, requests, system }: NtpDaemon, nowMs: number): Variable[] {
  const seconds = String(Math.floor((nowMs - startedMs) / 1000));
  return [
    ['ss_uptime', seconds],
    ['ss_reset', seconds],
    ['ss_received', String(requests)],
    ['ss_limited', '0'],
    ['kstflags', system.leap === 3 ? '"unsync"' : '"pll nano"'],
  ];
}

function classicVariables(daemon: NtpDaemon, nowMs: number): Variable[] {
  const { system } = daemon;
  const stamp = (ms: number | null) => `${hexStamp(ms)}  ${classicDate(ms)}`;
  return [
    ['version', `"${NTP_VERSIONS.ntpd.full}"`],
    ['processor', '"x86_64"'],
    ['system', `"Linux/${NTP_VERSIONS.kernel}"`],
    ['leap', leapBits(system.leap)],
    ['stratum', String(system.stratum)],
    ['precision', '-24'],
    ['rootdelay', system.rootDelayMs.toFixed(3)],
    ['rootdisp', system.rootDispersionMs(nowMs).toFixed(3)],
    ['refid', system.refid],
    ['reftime', stamp(system.referenceMs)],
    ['clock', stamp(nowMs)],
    ['peer', peerId(daemon)],
    ['tc', String(system.poll)],
    ['mintc', '3'],
    ['offset', system.offsetMs.toFixed(6)],
    ['frequency', '0.000'],
    ['sys_jitter', system.jitterMs.toFixed(6)],
    ['clk_jitter', system.clockJitterMs.toFixed(3)],
    ['clk_wander', '0.000'],
    ...statistics(daemon, nowMs),
  ];
}

function ntpsecVariables(daemon: NtpDaemon, nowMs: number): Variable[] {
  const { system } = daemon;
  const stamp = (ms: number | null) =>
    `${hexStamp(ms)} ${ms === null ? '2036-02-07T06:28:16.000Z' : new Date(ms).toISOString()}`;
  return [
    ['leap', leapBits(system.leap)],
    ['stratum', String(system.stratum)],
    ['precision', '-24'],
    ['rootdelay', float(system.rootDelayMs, 3)],
    ['rootdisp', float(system.rootDispersionMs(nowMs), 3)],
    ['refid', system.refid],
    ['reftime', stamp(system.referenceMs)],
    ['tc', String(system.leap === 3 ? 0 : system.poll)],
    ['peer', peerId(daemon)],
    ['offset', float(system.offsetMs, 6)],
    ['frequency', '0.0'],
    ['sys_jitter', float(system.jitterMs, 6)],
    ['clk_jitter', float(Math.max(PRECISION_MS, system.clockJitterMs), 6)],
    ['clock', stamp(nowMs)],
    ['processor', '"x86_64"'],
    ['system', `"Linux/${NTP_VERSIONS.kernel}"`],
    ['version', `"${NTP_VERSIONS.ntpsec.full}"`],
    ['clk_wander', '0.0'],
    ['mintc', '0'],
    ...statistics(daemon, nowMs),
  ];
}

/** Python's way with a rounded number: no trailing zeros, `0.0`, and `6e-05` below a ten-thousandth. */
export function float(value: number, decimals: number): string {
  const rounded = Number(value.toFixed(decimals));
  if (Number.isInteger(rounded)) return `${rounded === 0 ? 0 : rounded}.0`;
  if (Math.abs(rounded) >= 1e-4) return String(rounded);
  return rounded.toExponential().replace(/e-(\d)$/, 'e-0$1');
}

/** NTP's 64-bit time stamp in hexadecimal; zero when there never was one. */
function hexStamp(ms: number | null): string {
  if (ms === null) return '00000000.00000000';
  const seconds = Math.floor(ms / 1000) + ERA_OFFSET_SECONDS;
  const fraction = Math.floor((((ms % 1000) + 1000) % 1000) * 4_294_967.296);
  return [seconds % 4_294_967_296, fraction].map((part) => part.toString(16).padStart(8, '0')).join('.');
}

/** `Sun, Nov 22 2026 21:44:40.092`. */
function classicDate(ms: number | null): string {
  if (ms === null) return 'Thu, Feb  7 2036  6:28:16.000';
  const date = new Date(ms);
  const [weekday = '', day = '', month = '', year = ''] = date.toUTCString().split(/,? /);
  const time = date.toISOString().slice(11, 23).replace(/^0/, ' ');
  return `${weekday}, ${month} ${String(Number(day)).padStart(2)} ${year} ${time}`;
}
