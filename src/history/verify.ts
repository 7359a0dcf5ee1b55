import { DAY_MS, dayName, dayOfKey, dayPrefixes, manifestKey, manifestPrefix } from './keys.ts';
import { type ListedVersion, type Manifest, type ManifestBefore, readManifest } from './manifest.ts';
import { type Finding, type LockSeen, sentenceOfTime, type Verdict, type VersionsToVerify } from './verdict.ts';
import { lockEndsMs, lockFindings, verifyDay } from './verify-day.ts';

export interface ToVerify {
  pod: string;
  /** `2026-11-24`; null: from the first manifest that there is, to the last. */
  from: string | null;
  to: string | null;
  /** SHA-256 of manifests by day, known from elsewhere. */
  digests: ReadonlyMap<string, string>;
  /** Epoch ms. */
  nowMs: number;
}

/** A manifest comes within the day after its own; a day more is too late. */
const LATE_AFTER_DAYS = 3;

/** Reads all versions of a pod's locked history and says what does not hold: from the last day to the first, each manifest by what the next one says of it. */
export async function verifyHistory(versions: VersionsToVerify, asked: ToVerify): Promise<Verdict> {
  const listed = await versions.list(manifestPrefix(asked.pod));
  return new Verification(versions, asked, listed).verdictOf();
}

/** What a later manifest says of the one before it. */
interface Link {
  /** Of the later one. */
  day: string;
  days: number;
  before: ManifestBefore | null;
}

class Verification {
  readonly #byDay = new Map<number, ListedVersion[]>();
  readonly #verdict: Verdict;
  #link: Link | null = null;

  constructor(
    private readonly versions: VersionsToVerify,
    private readonly asked: ToVerify,
    listed: readonly ListedVersion[],
  ) {
    for (const each of listed) {
      const dayMs = dayOfKey(each.key);
      if (dayMs === null || each.key !== manifestKey(asked.pod, dayMs)) continue;
      this.#byDay.set(dayMs, [...(this.#byDay.get(dayMs) ?? []), each]);
    }
    this.#verdict = {
      ...{ pod: asked.pod, from: null, to: null, days: 0, named: 0, read: 0, bytes: 0, expired: 0 },
      locked: { governance: 0, compliance: 0, none: 0 },
      ...{ lockedUntilMs: null, last: null, anchor: null, findings: [] },
    };
  }

  async verdictOf(): Promise<Verdict> {
    const { from, to, pod } = this.asked;
    const days = [...this.#byDay.keys()].sort((a, b) => a - b);
    const firstMs = from === null ? days[0] : Date.parse(from);
    const lastMs = to === null ? days.at(-1) : Date.parse(to);
    if (firstMs === undefined || lastMs === undefined) {
      this.#tell(
        'manifest',
        this.asked.nowMs,
        null,
        `pod ${pod} has no manifest: the first comes within an hour of the end of its first day.`,
      );
      return this.#verdict;
    }
    Object.assign(this.#verdict, { from: dayName(firstMs), to: dayName(lastMs) });
    // what the day after the last says of it
    if (this.#byDay.has(lastMs + DAY_MS)) await this.#day(lastMs + DAY_MS, false);
    for (let dayMs = lastMs; dayMs >= firstMs; dayMs -= DAY_MS) await this.#day(dayMs, true);
    if (to === null) this.#end(lastMs);
    if (from === null) await this.#beginning(firstMs);
    for (const day of this.asked.digests.keys()) {
      const dayMs = Date.parse(day);
      if (dayMs < firstMs || dayMs > lastMs)
        this.#tell('digest', dayMs, null, 'a digest was given of a day that was not looked at.');
    }
    const order = (finding: Finding) => finding.day;
    this.#verdict.findings.sort((a, b) => (order(a) < order(b) ? -1 : order(a) > order(b) ? 1 : 0));
    return this.#verdict;
  }

  /** @param isAsked else it is read for what it says of the day before alone */
  async #day(dayMs: number, isAsked: boolean): Promise<void> {
    const [key, day] = [manifestKey(this.asked.pod, dayMs), dayName(dayMs)];
    const listed = this.#byDay.get(dayMs) ?? [];
    const link = this.#link;
    const before = link?.before?.day === day ? link.before : null;
    const candidates = listed.filter(({ isDeleteMarker }) => !isDeleteMarker);
    const [first] = candidates;
    if (first === undefined) {
      if (isAsked) this.#missing(dayMs, before, listed.length > 0);
      return;
    }
    const chosen = candidates.find(({ version }) => version === before?.version) ?? first;
    const { sha256, body, lock } = await this.versions.readWhole(chosen);
    const manifest = readManifest(body);
    if (isAsked) {
      if (link?.before === null)
        this.#tell('manifest', dayMs, key, `the manifest of ${link.day} says that it is the first.`);
      this.#writtenOver(dayMs, listed, chosen, manifest);
      this.#compare(dayMs, key, { sha256, version: chosen.version }, before);
    }
    if (typeof manifest === 'string') {
      if (isAsked) this.#tell('manifest', dayMs, key, `its manifest ${manifest}.`);
      this.#link = null;
      return;
    }
    this.#link = { day, days: manifest.lock.days, before: manifest.before };
    if (!isAsked) return;
    if (manifest.pod !== this.asked.pod || manifest.day !== day) {
      this.#tell('manifest', dayMs, key, `its manifest is of pod ${manifest.pod}, ${manifest.day}.`);
      return;
    }
    this.#verdict.days += 1;
    this.#verdict.last ??= { day, sha256 };
    await this.#objects(manifest, { key, lock });
  }

  async #objects(manifest: Manifest, own: LockSeen): Promise<void> {
    const verdict = this.#verdict;
    const dayMs = Date.parse(manifest.day);
    const { named, read, bytes, expired, locks, findings } = await verifyDay(this.versions, manifest, this.asked.nowMs);
    verdict.named += named;
    verdict.read += read + 1;
    verdict.bytes += bytes;
    verdict.expired += expired;
    // a manifest is written a day later than the first of its objects
    findings.push(...lockFindings(manifest, [own], lockEndsMs(dayMs + DAY_MS, manifest.lock.days)));
    verdict.findings.push(...findings);
    for (const { lock } of [...locks, own]) {
      verdict.locked[lock?.mode ?? 'none'] += 1;
      if (lock === null) continue;
      const { first, last } = verdict.lockedUntilMs ?? { first: lock.untilMs, last: lock.untilMs };
      verdict.lockedUntilMs = { first: Math.min(first, lock.untilMs), last: Math.max(last, lock.untilMs) };
    }
  }

  #missing(dayMs: number, before: ManifestBefore | null, isHidden: boolean): void {
    const { nowMs } = this.asked;
    const endsMs = lockEndsMs(dayMs + DAY_MS, this.#link?.days ?? Number.POSITIVE_INFINITY);
    if (nowMs >= endsMs) return;
    const names = before === null ? '' : ` The manifest of ${this.#link?.day} names it, version ${before.version}.`;
    const hidden = isHidden ? ' and only a delete marker stands there' : '';
    this.#tell(
      'manifest',
      dayMs,
      manifestKey(this.asked.pod, dayMs),
      `its manifest is missing${hidden}: nothing is proven of this day.${names}`,
    );
  }

  #writtenOver(
    dayMs: number,
    listed: readonly ListedVersion[],
    chosen: ListedVersion,
    manifest: Manifest | string,
  ): void {
    const days = typeof manifest === 'string' ? Number.POSITIVE_INFINITY : manifest.lock.days;
    for (const { key, version, isDeleteMarker, modifiedMs } of listed) {
      const when = sentenceOfTime(modifiedMs);
      if (isDeleteMarker) {
        if (modifiedMs < lockEndsMs(dayMs, days))
          this.#tell('hidden', dayMs, key, `its manifest is hidden by a delete marker of ${when}.`);
      } else if (version !== chosen.version) {
        this.#tell(
          'written over',
          dayMs,
          key,
          `its manifest has another version, put on ${when} (version ${version}).`,
        );
      }
    }
  }

  /** With what the next manifest says, and what is known from elsewhere. */
  #compare(dayMs: number, key: string, is: { sha256: string; version: string }, before: ManifestBefore | null): void {
    if (before !== null && before.sha256 !== is.sha256) {
      this.#tell(
        'changed',
        dayMs,
        key,
        `its manifest has SHA-256 ${is.sha256}; the manifest of ${this.#link?.day} names ${before.sha256}.`,
      );
    } else if (before !== null && before.version !== is.version) {
      this.#tell(
        'changed',
        dayMs,
        key,
        `the version ${before.version} of its manifest is gone, which the manifest of ${this.#link?.day} names; one of the same bytes stands there.`,
      );
    }
    const day = dayName(dayMs);
    const digest = this.asked.digests.get(day);
    if (digest === undefined) return;
    if (digest === is.sha256) this.#verdict.anchor ??= day;
    else
      this.#tell(
        'digest',
        dayMs,
        key,
        `its manifest has SHA-256 ${is.sha256}, and the digest that was given is ${digest}.`,
      );
  }

  #end(lastMs: number): void {
    if (this.asked.nowMs < lastMs + LATE_AFTER_DAYS * DAY_MS) return;
    const dayMs = lastMs + DAY_MS;
    this.#tell(
      'manifest',
      dayMs,
      manifestKey(this.asked.pod, dayMs),
      `there is no manifest of this day or later, and it is over since ${sentenceOfTime(dayMs + DAY_MS)}.`,
    );
  }

  /** The first manifest names one before it that is gone, or there are objects of earlier days. */
  async #beginning(firstMs: number): Promise<void> {
    const { nowMs, pod } = this.asked;
    const link = this.#link;
    if (link === null) return;
    if (link.before !== null) {
      const dayMs = Date.parse(link.before.day);
      if (dayMs < firstMs && nowMs < lockEndsMs(dayMs + DAY_MS, link.days)) this.#missing(dayMs, link.before, false);
      return;
    }
    const { ticks } = dayPrefixes(pod, 0);
    const [oldest] = await this.versions.list(ticks.replace(/day=.*$/, ''), { isFirstOnly: true });
    const dayMs = oldest === undefined ? null : dayOfKey(oldest.key);
    if (dayMs === null || dayMs >= firstMs || nowMs >= lockEndsMs(dayMs, link.days)) return;
    this.#tell(
      'manifest',
      dayMs,
      oldest?.key ?? null,
      `there are objects of this day, and the manifest of ${link.day} says that it is the first.`,
    );
  }

  #tell(kind: Finding['kind'], dayMs: number, key: string | null, sentence: string): void {
    this.#verdict.findings.push({ kind, day: dayName(dayMs), key, sentence });
  }
}
