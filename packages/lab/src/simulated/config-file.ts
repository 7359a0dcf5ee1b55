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
  /** Exponents of two, seconds; null: the daemon's own. */
  minpoll: number | null;
  maxpoll: number | null;
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
  const exponent = (option: string) => {
    const at = options.indexOf(option);
    const value = Number(options[at + 1]);
    return at >= 0 && Number.isInteger(value) ? value : null;
  };
  return {
    keyword,
    target: canonicalAddress(target) ?? target,
    iburst: has('iburst'),
    noselect: has('noselect'),
    prefer: has('prefer'),
    minpoll: exponent('minpoll'),
    maxpoll: exponent('maxpoll'),
  };
}

function chronyRules(lines: string[][]): Omit<DaemonConfig, 'sources'> {
  const wordsOf = (keyword: string) => lines.find((words) => words[0] === keyword);
  const [, threshold, updates] = wordsOf('makestep') ?? [];
  const [, refresh] = wordsOf('refresh') ?? [];
  return {
    serves: wordsOf('allow') !== undefined && wordsOf('port')?.[1] !== '0',
    maxAssociations: Number.POSITIVE_INFINITY,
    makestep: threshold === undefined ? null : { thresholdMs: Number(threshold) * 1000, updates: Number(updates ?? 3) },
    refreshSeconds: refresh === undefined ? null : Number(refresh),
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
  };
}
