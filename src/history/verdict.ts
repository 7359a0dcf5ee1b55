import type { HistoryLock } from '../fleet/fleet.ts';
import { count } from '../fleet/sentences.ts';
import type { ListedVersion } from './manifest.ts';

/** How S3 says that it keeps a version; null: it says nothing. */
export interface LockSeen {
  key: string;
  lock: { mode: HistoryLock; untilMs: number } | null;
}

/** What verifying needs of the outside. */
export interface VersionsToVerify {
  /** All versions and delete markers of keys that begin so, of each key the oldest first. */
  list(prefix: string, options?: { isFirstOnly?: boolean }): Promise<ListedVersion[]>;
  /** Its bytes read whole, and reckoned anew. */
  read(version: ListedVersion): Promise<{ sha256: string; bytes: number; lock: LockSeen['lock'] }>;
  /** The same of a manifest, with its bytes. */
  readWhole(version: ListedVersion): Promise<{ sha256: string; body: Uint8Array; lock: LockSeen['lock'] }>;
}

export const FINDING_KINDS = [
  'missing',
  'changed',
  'written over',
  'hidden',
  'extra',
  'manifest',
  'digest',
  'unlocked',
  'unread',
] as const;

/** What does not hold. */
export interface Finding {
  kind: (typeof FINDING_KINDS)[number];
  day: string;
  key: string | null;
  sentence: string;
}

export interface Verdict {
  pod: string;
  /** The days that were looked at; null: there are none. */
  from: string | null;
  to: string | null;
  /** How many days have a manifest that was read, how many objects these name, and how many versions were read. */
  days: number;
  named: number;
  read: number;
  bytes: number;
  expired: number;
  locked: { governance: number; compliance: number; none: number };
  /** Epoch ms: when the first and the last lock end. */
  lockedUntilMs: { first: number; last: number } | null;
  /** Of the last manifest that was read: to be kept elsewhere. */
  last: { day: string; sha256: string } | null;
  /** The last day of which a digest was given that fits. */
  anchor: string | null;
  findings: Finding[];
}

/** So many findings of a kind are told; the others are counted. */
const MOST_TOLD = 20;
/** A program gets more, and never without end. */
const MOST_LISTED = 1000;

/** As people read it, what is wrong first. */
export function verdictSentences(verdict: Verdict): string[] {
  const { pod, findings, days, named, read, bytes, expired, from, to } = verdict;
  const told = FINDING_KINDS.flatMap((kind) => {
    const ofKind = findings.filter((finding) => finding.kind === kind);
    const left = ofKind.length - MOST_TOLD;
    return [
      ...ofKind.slice(0, MOST_TOLD).map(({ day, sentence }) => `${day}: ${sentence}`),
      ...(left > 0 ? [`Likewise (${kind}): ${left} more.`] : []),
    ];
  });
  const range = from === null ? '' : ` from ${from} to ${to}`;
  const gone = expired === 0 ? '' : `; ${count(expired, 'object')} more had expired, their lock being over`;
  return [
    ...told,
    `Pod ${pod}${range}: ${count(days, 'manifest')} that name ${count(named, 'object')}; ${count(read, 'version')} read (${bytes} bytes)${gone}.`,
    ...lockSentences(verdict),
    ...digestSentences(verdict),
    findings.length === 0
      ? 'All holds: nothing of these days is missing, changed, written over, hidden or added.'
      : `It does not hold: ${count(findings.length, 'finding')}.`,
  ];
}

function lockSentences({ locked, lockedUntilMs }: Verdict): string[] {
  if (lockedUntilMs === null) return [];
  const parts = (['compliance', 'governance'] as const).flatMap((mode) =>
    locked[mode] > 0 ? [`${locked[mode]} by ${mode}`] : [],
  );
  const none = locked.none > 0 ? `, ${locked.none} without a lock` : '';
  const { first, last } = lockedUntilMs;
  return [
    `Locked: ${parts.join(', ')}${none}; the first until ${sentenceOfTime(first)}, the last until ${sentenceOfTime(last)}.`,
  ];
}

function digestSentences({ last, anchor }: Verdict): string[] {
  if (last === null) return [];
  const held =
    anchor === null
      ? 'No digest from elsewhere was given, so the chain is held to itself alone'
      : `A digest from elsewhere fits up to ${anchor}`;
  return [
    `${held}; the last manifest, of ${last.day}, has SHA-256 ${last.sha256}. What was written after ${last.day} has no manifest here yet.`,
  ];
}

/** The verdict for programs, its list of findings bounded. */
export function verdictJson(verdict: Verdict): object {
  const { findings, lockedUntilMs, ...rest } = verdict;
  return {
    holds: findings.length === 0,
    ...rest,
    lockedUntil: lockedUntilMs && {
      first: new Date(lockedUntilMs.first).toISOString(),
      last: new Date(lockedUntilMs.last).toISOString(),
    },
    findings: findings.slice(0, MOST_LISTED),
    findingsLeftOut: Math.max(0, findings.length - MOST_LISTED),
  };
}

/** `2026-11-24 14:03:07 UTC` */
export function sentenceOfTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
