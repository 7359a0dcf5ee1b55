import { type Pod, TIER_PLURALS, type Tier } from '../../fleet/fleet.ts';
import { cutText, duration } from '../../fleet/sentences.ts';
import { watchdogOf } from '../../fleet/watchdog-classes.ts';
import { versionText } from '../versions.ts';
import { type FileKey, keyText, readKey } from './file-key.ts';
import { type FileState, type FileStates, stateOfFile } from './file-states.ts';
import { isSpent, MOST_PERMITS, type Permit, permitMs, slotOf } from './permits.ts';

/** A file whose fleet revision has not settled. */
export interface UnsettledFile {
  key: FileKey;
  /** The revision that the fleet file makes. */
  revision: string;
  /** Instance ids of hosts that run it. */
  runners: readonly string[];
}

/** How a host was judged. */
export interface TriedHost {
  confident: boolean;
  /** What is wrong with it, or why it is not confident. */
  finding: string;
}

export interface FollowedFiles {
  pod: Pod;
  states: FileStates;
  unsettled: readonly UnsettledFile[];
  /** Files that the pod has, unsettled or not: others are forgotten. */
  isServed: (key: FileKey) => boolean;
  /** undefined: no host of the pod that runs. */
  hostOf: (instanceId: string) => TriedHost | undefined;
  /** By slot; those of files that nobody is seen to run. */
  permits: ReadonlyMap<string, Permit | null>;
  /** An operator's word: this revision settles at once. null: none. */
  settle: string | null;
  nowMs: number;
}

export interface FileNews {
  states: FileStates;
  /** Those that settle by this tick: their texts are to be kept before the state says so. */
  settled: UnsettledFile[];
  /** What is on trial, and what was refused. */
  told: { subject: string; rule: 'file-on-trial' | 'file-refused'; sentence: string }[];
  /** Tiers with a refused file. */
  refusedTiers: Tier[];
}

/**
 * What a tick concludes of the pod's files. A revision settles when the host that tries it was confident for two intervals without a break:
 * at three ticks, of which a chance good one is none. It is refused when that host is not confident once it had time to be, or when nobody is
 * seen to run it though it was given `MOST_PERMITS` times. Where none has settled yet the first confident host does. Decision 0143.
 */
export function followFiles(followed: FollowedFiles): FileNews {
  const { states, unsettled, isServed, pod } = followed;
  const news: FileNews = { states: {}, settled: [], told: [], refusedTiers: [] };
  const open = new Map(unsettled.map((file) => [keyText(file.key), file]));
  const kept = Object.entries(states).flatMap(([text, { settled }]) => {
    const key = readKey(text);
    return key && isServed(key) ? [[text, open.has(text) ? (states[text] as FileState) : { settled }] as const] : [];
  });
  const after = new Map<string, FileState>(kept);
  for (const [text, file] of open) {
    const state = concluded(followed, file);
    if (state === undefined) continue;
    after.set(text, state);
    if (state.settled === file.revision) news.settled.push(file);
    if (state.refused) news.refusedTiers.push(file.key.tier);
    news.told.push(...toldOf(pod, file, state));
  }
  news.states = Object.fromEntries(after);
  return news;
}

/** undefined: nothing is known of the file yet. */
function concluded(followed: FollowedFiles, { key, revision, runners }: UnsettledFile): FileState | undefined {
  const { pod, states, hostOf, permits, settle, nowMs } = followed;
  const before = stateOfFile(states, key);
  const isAnyConfident = runners.some((id) => hostOf(id)?.confident);
  if (before === undefined) return isAnyConfident ? { settled: revision } : undefined;
  const { settled } = before;
  if (settle === revision || (pod.rollout === 'at-once' && runners.length > 0)) return { settled: revision };
  if (pod.rollout === 'at-once') return { settled };
  if (before.refused?.revision === revision) return { settled, refused: before.refused };
  const trial = trialOf(followed, before, { revision, runners });
  if (trial === null) {
    const permit = permits.get(slotOf(key)) ?? null;
    return isSpent(permit, revision, nowMs, pod) ? { settled, refused: { revision, finding: NOT_SEEN } } : { settled };
  }
  const { sinceMs, confidentSinceMs, instanceId } = trial;
  if (confidentSinceMs !== undefined) {
    return nowMs - confidentSinceMs >= settlesMs(pod) ? { settled: revision } : { settled, trial };
  }
  if (nowMs - sinceMs < trialMs(pod)) return { settled, trial };
  const why = cutText(hostOf(instanceId)?.finding ?? '', FINDING_CHARACTERS).replace(/\.$/, '');
  const finding = `${instanceId} has run on it for ${duration((nowMs - sinceMs) / 1000)} and is not confident (${why})`;
  return { settled, refused: { revision, finding } };
}

const NOT_SEEN = `it was given to a host ${MOST_PERMITS} times, and none was seen to run on it: its daemon may not start with it, as \`journalctl -u podtime-boot\` says there`;

/** It stands in the state, which is to stay small. */
const FINDING_CHARACTERS = 300;

/** The host on trial, or one in whose place it comes; null: nobody tries the revision. */
function trialOf(
  { hostOf, nowMs }: FollowedFiles,
  { trial }: FileState,
  { revision, runners }: Pick<UnsettledFile, 'revision' | 'runners'>,
): NonNullable<FileState['trial']> | null {
  const host = trial?.revision === revision ? hostOf(trial.instanceId) : undefined;
  if (trial && host && !(host.confident && !runners.includes(trial.instanceId))) {
    const { confidentSinceMs = nowMs, ...others } = trial;
    return host.confident ? { ...others, confidentSinceMs } : withoutConfidence(trial);
  }
  // it is gone, or has gone back
  const instanceId = runners.find((id) => hostOf(id)?.confident) ?? runners[0];
  if (instanceId === undefined) return null;
  const isConfident = hostOf(instanceId)?.confident === true;
  return { revision, instanceId, sinceMs: nowMs, ...(isConfident && { confidentSinceMs: nowMs }) };
}

function withoutConfidence({ confidentSinceMs: _, ...trial }: NonNullable<FileState['trial']>) {
  return trial;
}

export function settlesMs({ intervalSeconds }: Pick<Pod, 'intervalSeconds'>): number {
  return 2 * intervalSeconds * 1000;
}

/** What a restarted daemon takes to be confident, and as long as a permit lasts; half an hour with all that is usual. */
export function trialMs(pod: Pick<Pod, 'intervalSeconds' | 'thresholds' | 'poll'>): number {
  const { confidentAgeSeconds, confidentPolls } = pod.thresholds;
  const heardSeconds = confidentPolls * 2 ** (pod.poll.min ?? USUAL_POLL_MIN);
  return 1000 * Math.max(confidentAgeSeconds, heardSeconds) + permitMs(pod);
}

/** 64 s: where ntpd and chronyd begin. */
const USUAL_POLL_MIN = 6;

function toldOf(pod: Pod, { key, revision }: UnsettledFile, { settled, trial, refused }: FileState): FileNews['told'] {
  const subject = keyText(key);
  const since = key.version.length === 0 ? '' : ` (from ${versionText(key.version)})`;
  const file = `${key.file}${since} of ${TIER_PLURALS[key.tier]} in ${key.az}`;
  const byHand = `npx sls invoke --stage STAGE -f ${watchdogOf(pod).functionName} -d '{"pod":"${pod.name}","settle":"${revision}"}'`;
  if (trial) {
    const { instanceId, sinceMs: _, confidentSinceMs } = trial;
    const stands = confidentSinceMs === undefined ? 'is not confident yet' : 'is confident';
    const sentence = `${file}: revision ${revision} is on trial on ${instanceId}, which ${stands}; the others are served ${settled} until it has settled. At once: ${byHand}.`;
    return [{ subject, rule: 'file-on-trial', sentence }];
  }
  if (refused) {
    const sentence = `${file}: revision ${revision} is refused: ${refused.finding}. All are served ${settled}. Mend the fleet file and deploy; or serve it all the same: ${byHand}.`;
    return [{ subject, rule: 'file-refused', sentence }];
  }
  return [];
}
