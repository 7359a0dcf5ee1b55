import type { Pod } from '../fleet/fleet.ts';
import { count } from '../fleet/sentences.ts';
import {
  DAY_MS,
  dayName,
  dayOf,
  dayOfKey,
  dayPrefixes,
  HOUR_MS,
  hourOf,
  manifestKey,
  manifestPrefix,
  tickTimeOf,
} from '../history/keys.ts';
import {
  digestSentence,
  encodeManifest,
  type HistoryVersions,
  type ListedVersion,
  type ManifestBefore,
  type ManifestEntry,
} from '../history/manifest.ts';
import { SETTLED_MS } from '../history/reading.ts';
import type { Deadline } from './deadline.ts';
import { messageOf } from './errors.ts';

/** A day of ticks five seconds apart is 17,000 objects: some 20 s at so many questions side by side. */
const LEAST_LEFT_MS = 30_000;
const ASKED_AT_ONCE = 24;
/** The last manifest is looked for so far back first: of ten years all would be listed at each run. */
const USUALLY_WITHIN_DAYS = 4;

/** The last manifest of a pod, as the log has it. */
export interface KeptManifest extends ManifestBefore {
  pod: string;
  /** Of one that this run wrote: how many objects it names. */
  objects?: number;
}

export interface KeptManifests {
  sentences: string[];
  manifests: KeptManifest[];
  /** What keeps manifests from being written a day after they were due: somebody has to look. */
  overdue: string[];
}

/**
 * Writes the manifest of each UTC day that is over, pod by pod, day by day, where that has not been done; the digest of the last one is told at
 * each run, so that one that died after it wrote is made up for. One pod costs no other. Decision 0135.
 *
 * @param versionsOf of a pod whose history is locked
 */
export async function keepManifests(
  pods: readonly Pod[],
  versionsOf: (pod: Pod) => HistoryVersions,
  deadline: Deadline,
  nowMs: number,
): Promise<KeptManifests> {
  const kept: KeptManifests = { sentences: [], manifests: [], overdue: [] };
  for (const pod of pods) {
    if (pod.history.lock === null) continue;
    const days = new ManifestsOfPod(pod, versionsOf(pod), deadline, nowMs);
    try {
      await days.keep(kept);
    } catch (error) {
      const sentence = `Pod ${pod.name}: ${messageOf(error)}.`;
      kept.sentences.push(sentence);
      if (days.isOverdue) kept.overdue.push(sentence);
    }
  }
  return kept;
}

/** The manifest of a day as S3 has it, of several versions the first that was put; null: there is none. */
export async function manifestOf(
  versions: HistoryVersions,
  pod: string,
  dayMs: number,
): Promise<ManifestBefore | null> {
  const key = manifestKey(pod, dayMs);
  const [first] = (await versions.list(key)).filter((each) => each.key === key && !each.isDeleteMarker);
  return first === undefined ? null : named(versions, first);
}

/** The digest of a day's manifest, for who asks by hand. */
export async function toldManifest(
  pod: Pod,
  versions: HistoryVersions,
  day: string,
): Promise<{ pod: string; sentences: string[] } & Partial<ManifestBefore>> {
  if (pod.history.lock === null) {
    return { pod: pod.name, sentences: [`Pod ${pod.name} has no history.lock, and so no manifests.`] };
  }
  const manifest = await manifestOf(versions, pod.name, Date.parse(day));
  if (manifest !== null) return { pod: pod.name, sentences: [digestSentence(pod.name, manifest)], ...manifest };
  const sentence = `Pod ${pod.name} has no manifest of ${day}: that day is not over, had no lock, or has expired.`;
  return { pod: pod.name, sentences: [sentence] };
}

async function named(versions: HistoryVersions, listed: ListedVersion): Promise<ManifestBefore> {
  const { key, version } = listed;
  return { day: dayName(dayOfKey(key) ?? 0), key, version, sha256: await versions.sha256(listed) };
}

class ManifestsOfPod {
  /** The day whose manifest is to be written next. */
  #dueMs: number | null = null;

  constructor(
    private readonly pod: Pod,
    private readonly versions: HistoryVersions,
    private readonly deadline: Deadline,
    private readonly nowMs: number,
  ) {}

  /** By the end of the next day a manifest is to be there. null: not even what there is could be learnt. */
  get isOverdue(): boolean {
    return this.#dueMs === null || this.#isSettled(this.#dueMs);
  }

  async keep({ sentences, manifests }: KeptManifests): Promise<void> {
    const { pod, nowMs } = this;
    let last = await this.#last();
    const firstMs = last === null ? await this.#firstDay() : Date.parse(last.day) + DAY_MS;
    if (firstMs === null) return;
    let objects: number | undefined;
    // what was written earlier may have expired since: a manifest without it would say that it never was
    for (
      let dayMs = Math.max(firstMs, dayOf(nowMs) - pod.history.days * DAY_MS);
      this.#isOver(dayMs);
      dayMs += DAY_MS
    ) {
      this.#dueMs = dayMs;
      if (this.deadline.leftMs() < LEAST_LEFT_MS) {
        sentences.push(
          `Pod ${pod.name}: there was no time for the manifest of ${dayName(dayMs)}: the next run goes on.`,
        );
        break;
      }
      const entries = await this.#entries(dayMs);
      if (entries === null) break;
      last = await this.#write(dayMs, entries, last);
      objects = entries.length;
      sentences.push(digestSentence(pod.name, last, objects));
    }
    if (last !== null) manifests.push({ pod: pod.name, ...last, ...(objects !== undefined && { objects }) });
  }

  #isOver(dayMs: number): boolean {
    return dayMs + DAY_MS + SETTLED_MS <= this.nowMs;
  }

  /** Of the first version: what stands over it is not podtime's. */
  async #last(): Promise<ManifestBefore | null> {
    const prefix = manifestPrefix(this.pod.name);
    const after = manifestKey(this.pod.name, this.nowMs - USUALLY_WITHIN_DAYS * DAY_MS);
    const isManifest = ({ key, isDeleteMarker }: ListedVersion) => dayOfKey(key) !== null && !isDeleteMarker;
    const near = (await this.versions.list(prefix, { after })).filter(isManifest);
    const all = near.length > 0 ? near : (await this.versions.list(prefix)).filter(isManifest);
    const key = all.at(-1)?.key;
    const first = all.find((each) => each.key === key);
    return first === undefined ? null : named(this.versions, first);
  }

  /** null: the pod has no rows yet. */
  async #firstDay(): Promise<number | null> {
    const { ticks } = dayPrefixes(this.pod.name, 0);
    const [first] = await this.versions.list(ticks.replace(/day=.*$/, ''), { isFirstOnly: true });
    return first === undefined ? null : dayOfKey(first.key);
  }

  /** null: hours of the day are to be put in order yet. */
  async #entries(dayMs: number): Promise<ManifestEntry[] | null> {
    const { ticks, hours } = dayPrefixes(this.pod.name, dayMs);
    const listed = (await Promise.all([hours, ticks].map((prefix) => this.versions.list(prefix)))).flat();
    const objects = listed.filter(({ isDeleteMarker }) => !isDeleteMarker);
    if (!this.#isSettled(dayMs) && hasUnfolded(objects)) return null;
    const entries: ManifestEntry[] = [];
    for (let at = 0; at < objects.length; at += ASKED_AT_ONCE) {
      const asked = objects.slice(at, at + ASKED_AT_ONCE).map(async (object) => {
        const { key, version, bytes } = object;
        return { key, version, bytes, sha256: await this.versions.sha256(object) };
      });
      entries.push(...(await Promise.all(asked)));
    }
    return entries;
  }

  /** Hours of today and the day before are put in order, and none later. */
  #isSettled(dayMs: number): boolean {
    return this.nowMs >= dayMs + 2 * DAY_MS + SETTLED_MS;
  }

  async #write(dayMs: number, objects: ManifestEntry[], before: ManifestBefore | null): Promise<ManifestBefore> {
    const { name, history } = this.pod;
    const body = encodeManifest({
      schema: 1,
      pod: name,
      day: dayName(dayMs),
      writtenAt: new Date(this.nowMs).toISOString(),
      lock: { mode: history.lock ?? 'governance', days: history.days },
      before,
      objects,
    });
    await this.versions.write(manifestKey(name, dayMs), body);
    // also where another run was first
    const written = await manifestOf(this.versions, name, dayMs);
    if (written === null)
      throw new Error(`the manifest of ${dayName(dayMs)} (${count(body.length, 'byte')}) was written and is not there`);
    return written;
  }
}

function hasUnfolded(objects: readonly ListedVersion[]): boolean {
  const folded = new Set(objects.map(({ key }) => hourOf(key)));
  return objects.some(({ key }) => {
    const tickMs = tickTimeOf(key);
    return tickMs !== null && !folded.has(tickMs - (tickMs % HOUR_MS));
  });
}
