import { canonicalAddress } from '../../../../src/fleet/addresses.ts';
import type { DaemonKind } from './host-spec.ts';

/** One line of the file that makes the daemon poll something. */
export interface SourceLine {
  keyword: 'server' | 'pool' | 'peer' | 'refclock';
  /** As written: a name or an address; of a chrony refclock its driver, `PHC`. */
  target: string;
  iburst: boolean;
  noselect: boolean;
  prefer: boolean;
  /** chrony's: others have no vote beside those that are trusted. */
  trust: boolean;
  /** chrony's: only addresses of this family are taken. */
  family: 'ipv4' | 'ipv6' | null;
  /** chrony's: a source that was not heard for so many polls after its eighth is left; null: its own 100,000. */
  maxunreach: number | null;
  /** chrony's, of a pool: null: its own four. */
  maxsources: number | null;
  /** Exponents of two, seconds; null: the daemon's own. */
  minpoll: number | null;
  maxpoll: number | null;
}

/** chrony's `local`. */
export interface LocalMode {
  stratum: number;
  isOrphan: boolean;
  distanceMs: number;
  /** 0: at once. */
  activateMs: number;
  waitSyncedMs: number;
  waitUnsyncedMs: number;
}

/** What the simulated daemon makes of its file. The rest (restrict, logging, interfaces) does not change its state. */
export interface DaemonConfig {
  sources: SourceLine[];
  /** Whether the daemon answers hosts of its networks; a client's file ignores everybody. */
  serves: boolean;
  /** ntpd's `tos maxclock`: pools take on no more servers than so many rows. */
  maxAssociations: number;
  /** chrony's `makestep`: only steps in so many first updates, below 0 in any; null: never (ntpd has a rule of its own). */
  makestep: { thresholdMs: number; updates: number } | null;
  /** chrony's `refresh`, seconds; null: the file has none. */
  refreshSeconds: number | null;
  /** null: it never serves its own clock. */
  local: LocalMode | null;
}

/** ntpd's NTP_MAXCLOCK. */
const DEFAULT_MAXCLOCK = 10;

/** Reads the file as its daemon would. Lines it does not know are passed over. */
export function readConfig(kind: DaemonKind, text: string): DaemonConfig {
  const lines = text
    .split('\n')
    .map((line) => line.replace(kind === 'chrony' ? /^\s*[#!;%].*/ : /#.*/, '').trim())
    .filter((line) => line !== '')
    .map((line) => line.split(/\s+/));
  const sources = lines.flatMap((words) => sourceLine(words) ?? []);
  return { sources, ...(kind === 'chrony' ? chronyRules(lines) : ntpdRules(lines)) };
}

function sourceLine(words: string[]): SourceLine | null {
  const keyword = words[0]?.toLowerCase();
  if (keyword !== 'server' && keyword !== 'pool' && keyword !== 'peer' && keyword !== 'refclock') return null;
  const [target, ...options] = words.slice(1).filter((word) => word !== '-4' && word !== '-6');
  if (target === undefined) return null;
  const has = (option: string) => options.includes(option);
  const whole = (option: string) => {
    const value = numberAfter(options, option);
    return Number.isInteger(value) ? value : null;
  };
  return {
    keyword,
    target: canonicalAddress(target) ?? target,
    iburst: has('iburst'),
    noselect: has('noselect'),
    prefer: has('prefer'),
    trust: has('trust'),
    family: (['ipv4', 'ipv6'] as const).find(has) ?? null,
    maxunreach: whole('maxunreach'),
    maxsources: whole('maxsources'),
    minpoll: whole('minpoll'),
    maxpoll: whole('maxpoll'),
  };
}

function numberAfter(words: readonly string[], option: string): number | null {
  const at = words.indexOf(option);
  const value = Number(words[at + 1]);
  return at >= 0 && Number.isFinite(value) ? value : null;
}

/** chrony's defaults (chrony.conf, `local`). */
function localMode(words: readonly string[]): LocalMode {
  const isOrphan = words.includes('orphan');
  const milliseconds = (option: string, seconds: number) => 1000 * (numberAfter(words, option) ?? seconds);
  return {
    stratum: numberAfter(words, 'stratum') ?? 10,
    isOrphan,
    distanceMs: milliseconds('distance', 1),
    activateMs: milliseconds('activate', 0),
    waitSyncedMs: milliseconds('waitsynced', 0),
    waitUnsyncedMs: milliseconds('waitunsynced', isOrphan ? 300 : 0),
  };
}

function chronyRules(lines: string[][]): Omit<DaemonConfig, 'sources'> {
  const wordsOf = (keyword: string) => lines.find((words) => words[0] === keyword);
  const [, threshold, updates] = wordsOf('makestep') ?? [];
  const [, refresh] = wordsOf('refresh') ?? [];
  const local = wordsOf('local');
  return {
    serves: wordsOf('allow') !== undefined && wordsOf('port')?.[1] !== '0',
    maxAssociations: Number.POSITIVE_INFINITY,
    makestep: threshold === undefined ? null : { thresholdMs: Number(threshold) * 1000, updates: Number(updates ?? 3) },
    refreshSeconds: refresh === undefined ? null : Number(refresh),
    local: local === undefined ? null : localMode(local),
  };
}

function ntpdRules(lines: string[][]): Omit<DaemonConfig, 'sources'> {
  const restricts = lines.filter((words) => words[0] === 'restrict');
  const closed = restricts.some((words) => words.includes('default') && words.includes('ignore'));
  const admitted = restricts.some((words) => words.includes('mask') || words.some((word) => /\/\d+$/.test(word)));
  const maxclock = lines.find((words) => words[0] === 'tos' && words[1] === 'maxclock')?.[2];
  return {
    serves: !closed || admitted,
    maxAssociations: Number(maxclock ?? DEFAULT_MAXCLOCK),
    makestep: null,
    refreshSeconds: null,
    local: null,
  };
}
