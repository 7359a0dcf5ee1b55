import { createHash } from 'node:crypto';
import type { HistoryLock } from '../fleet/fleet.ts';
import { count } from '../fleet/sentences.ts';

/*
 * Of a UTC day that is over, all that was written under a lock, each version with its SHA-256, and the manifest of the day before: so that
 * one digest that is known from elsewhere tells of every day up to it. Decision 0135.
 */

/** A version of an object, or a delete marker, as S3 lists it. */
export interface ListedVersion {
  key: string;
  version: string;
  bytes: number;
  isDeleteMarker: boolean;
  /** Epoch ms. */
  modifiedMs: number;
}

/** What manifests are made by. */
export interface HistoryVersions {
  /** All versions and delete markers of keys that begin so, by key, of each the oldest first. `after`: only keys behind that one; `first`: the first page alone. */
  list(prefix: string, options?: { after?: string; isFirstOnly?: boolean }): Promise<ListedVersion[]>;
  /** 64 hexadecimal digits, as S3 reckoned it when it was put; read where S3 tells none. */
  sha256(version: ListedVersion): Promise<string>;
  /** Where there is one already that stays. */
  write(key: string, body: Uint8Array): Promise<void>;
}

/** One object of a day. Keys are short: a day may have 17,000. */
export interface ManifestEntry {
  key: string;
  version: string;
  bytes: number;
  /** 64 hexadecimal digits, as of a manifest's digest. */
  sha256: string;
}

/** The manifest of a day before, as the next one names it. */
export interface ManifestBefore {
  /** `2026-11-24` */
  day: string;
  key: string;
  version: string;
  sha256: string;
}

export interface Manifest {
  schema: 1;
  pod: string;
  day: string;
  writtenAt: string;
  /** How its objects were locked. */
  lock: { mode: HistoryLock; days: number };
  /** null: it is the first. */
  before: ManifestBefore | null;
  objects: ManifestEntry[];
}

/** A line an object: `grep` finds one. */
export function encodeManifest({ objects, ...head }: Manifest): Uint8Array {
  const lines = objects.map((entry) => JSON.stringify(entry)).join(',\n');
  return new TextEncoder().encode(`${JSON.stringify(head).slice(0, -1)},"objects":[\n${lines}\n]}\n`);
}

/** 64 hexadecimal digits. */
export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Of its bytes, whoever wrote them; or what is wrong with them, as the end of a sentence. */
export function readManifest(bytes: Uint8Array): Manifest | string {
  let read: Partial<Manifest> | null;
  try {
    read = JSON.parse(new TextDecoder().decode(bytes)) as Partial<Manifest> | null;
  } catch {
    return 'is no JSON';
  }
  if (read?.schema !== 1) return `has schema ${JSON.stringify(read?.schema)}; this podtime reads 1`;
  const { pod, day, lock, before, objects } = read;
  const isRight =
    isText(pod) &&
    isText(day) &&
    (lock?.mode === 'governance' || lock?.mode === 'compliance') &&
    Number.isInteger(lock.days) &&
    (before === null || isBefore(before)) &&
    Array.isArray(objects) &&
    objects.every(isEntry);
  return isRight ? (read as Manifest) : 'lacks what a manifest has: pod, day, lock, before and objects';
}

const isText = (value: unknown): value is string => typeof value === 'string';

function isEntry(value: unknown): boolean {
  const { key, version, bytes, sha256 } = { ...(value as Partial<ManifestEntry> | null) };
  return isText(key) && isText(version) && Number.isInteger(bytes) && isDigest(sha256);
}

function isBefore(value: unknown): boolean {
  const { day, key, version, sha256 } = { ...(value as Partial<ManifestBefore> | null) };
  return isText(day) && isText(key) && isText(version) && isDigest(sha256);
}

/** Whether it is a SHA-256 in hexadecimal, in small letters. */
export function isDigest(value: unknown): value is string {
  return isText(value) && /^[0-9a-f]{64}$/.test(value);
}

/** `blue, 2026-11-24: SHA-256 …, version …` */
export function digestSentence(pod: string, { day, sha256, version }: ManifestBefore, objects?: number): string {
  const of = objects === undefined ? '' : ` of ${count(objects, 'object')}`;
  return `The manifest of pod ${pod} for ${day}${of} has SHA-256 ${sha256}, version ${version}.`;
}
