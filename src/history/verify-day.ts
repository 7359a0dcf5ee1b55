import { count } from '../fleet/sentences.ts';
import { DAY_MS, dayPrefixes } from './keys.ts';
import type { ListedVersion, Manifest, ManifestEntry } from './manifest.ts';
import { type Finding, type LockSeen, sentenceOfTime, type VersionsToVerify } from './verdict.ts';

/** So many objects are read side by side. */
const READ_AT_ONCE = 16;

/** What was found of a day's objects. */
export interface VerifiedDay {
  /** As many as its manifest names. */
  named: number;
  read: number;
  bytes: number;
  /** Gone since their lock ended. */
  expired: number;
  locks: LockSeen[];
  findings: Finding[];
}

/** When the first object of a day may lawfully be gone, epoch ms. */
export function lockEndsMs(dayMs: number, days: number): number {
  return dayMs + days * DAY_MS;
}

/** Reads every version under a day's folders and holds it against the day's manifest. */
export async function verifyDay(versions: VersionsToVerify, manifest: Manifest, nowMs: number): Promise<VerifiedDay> {
  const { pod, day, objects, lock } = manifest;
  const dayMs = Date.parse(day);
  const endsMs = lockEndsMs(dayMs, lock.days);
  const prefixes = dayPrefixes(pod, dayMs);
  const listed = [...(await versions.list(prefixes.hours)), ...(await versions.list(prefixes.ticks))];
  const there = new Map(listed.map((each) => [idOf(each), each]));
  const named = new Map(objects.map((entry) => [idOf(entry), entry]));
  const ofKey = new Map(objects.map((entry) => [entry.key, entry]));
  const found: VerifiedDay = { named: objects.length, read: 0, bytes: 0, expired: 0, locks: [], findings: [] };
  const tell = (kind: Finding['kind'], key: string, sentence: string) =>
    found.findings.push({ kind, day, key, sentence });

  for (const entry of objects) {
    if (there.has(idOf(entry))) continue;
    if (nowMs >= endsMs) found.expired += 1;
    else
      tell(
        'missing',
        entry.key,
        `${entry.key} is missing: version ${entry.version} (${count(entry.bytes, 'byte')}) is gone.`,
      );
  }
  for (const entry of objects) {
    if (ofKey.get(entry.key)?.sha256 === entry.sha256) continue;
    tell('written over', entry.key, `${entry.key} was written over before its manifest, with other bytes.`);
  }
  for (const { key, modifiedMs } of listed.filter((each) => each.isDeleteMarker && each.modifiedMs < endsMs)) {
    tell('hidden', key, `${key} is hidden by a delete marker of ${sentenceOfTime(modifiedMs)}.`);
  }

  const verifyOne = async (version: ListedVersion) => {
    const { key } = version;
    try {
      const { sha256, bytes, lock: seen } = await versions.read(version);
      found.read += 1;
      found.bytes += bytes;
      const entry = named.get(idOf(version));
      if (entry === undefined) unnamed(version, sha256, ofKey.get(key));
      else if (entry.sha256 !== sha256 || entry.bytes !== bytes) {
        const was = `its manifest has SHA-256 ${entry.sha256} of ${count(entry.bytes, 'byte')}`;
        tell('changed', key, `${key} was changed: it has SHA-256 ${sha256} of ${count(bytes, 'byte')}, ${was}.`);
      }
      found.locks.push({ key, lock: seen });
    } catch (error) {
      tell('unread', key, `${key} could not be read: ${error instanceof Error ? error.message : error}.`);
    }
  };
  const unnamed = ({ key, version, modifiedMs }: ListedVersion, sha256: string, first: ManifestEntry | undefined) => {
    const when = `on ${sentenceOfTime(modifiedMs)} (version ${version})`;
    if (first === undefined) tell('extra', key, `${key} is in no manifest: it was put ${when}.`);
    else {
      const what = first.sha256 === sha256 ? 'the same bytes' : 'other bytes';
      tell('written over', key, `${key} was written over ${when}, with ${what}.`);
    }
  };

  const bodies = listed.filter(({ isDeleteMarker }) => !isDeleteMarker);
  for (let at = 0; at < bodies.length; at += READ_AT_ONCE) {
    await Promise.all(bodies.slice(at, at + READ_AT_ONCE).map(verifyOne));
  }
  found.findings.push(...lockFindings(manifest, found.locks, endsMs));
  return found;
}

/** Of all objects of a day one sentence a fault. */
export function lockFindings({ day, lock }: Manifest, seen: readonly LockSeen[], endsMs: number): Finding[] {
  const of = (wrong: readonly LockSeen[], what: string): Finding[] => {
    const [first] = wrong;
    if (first === undefined) return [];
    const many = `of ${count(seen.length, 'object')} ${wrong.length}`;
    return [{ kind: 'unlocked', day, key: first.key, sentence: `${many} ${what}, the first of them ${first.key}.` }];
  };
  const none = seen.filter((each) => each.lock === null);
  const weaker = seen.filter(
    (each) => each.lock !== null && lock.mode === 'compliance' && each.lock.mode !== 'compliance',
  );
  const short = seen.filter((each) => each.lock !== null && each.lock.untilMs < endsMs);
  return [
    ...of(none, 'without a lock that shows (there is none, or s3:GetObjectRetention is missing)'),
    ...of(weaker, 'locked by governance alone, where the manifest says compliance'),
    ...of(short, `locked for less than the ${count(lock.days, 'day')} that the manifest says`),
  ];
}

function idOf({ key, version }: { key: string; version: string }): string {
  return `${key} ${version}`;
}
