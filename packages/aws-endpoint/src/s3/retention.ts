import { AwsError } from '../errors.ts';
import { childNode, childText, readXml } from '../protocol/xml.ts';
import type { AwsRequest } from '../request.ts';
import type { Bucket, StoredObject } from './bucket.ts';
import type { DefaultRetention, Retention, RetentionMode } from './bucket-config.ts';
import { invalidArgument, invalidRequest, malformedXml } from './errors.ts';

const MODE = 'x-amz-object-lock-mode';
const UNTIL = 'x-amz-object-lock-retain-until-date';
const BYPASS = 'x-amz-bypass-governance-retention';
/** A year is taken for 365 days: the user guide does not say. */
const [DAY_MS, DAYS_A_YEAR] = [86_400_000, 365];

const isMode = (text: unknown): text is RetentionMode => text === 'GOVERNANCE' || text === 'COMPLIANCE';

/** Throws InvalidRequest where the bucket was made without Object Lock. */
export function expectObjectLock(bucket: Bucket): NonNullable<Bucket['objectLock']> {
  if (bucket.objectLock === null) throw invalidRequest('Bucket is missing Object Lock Configuration');
  return bucket.objectLock;
}

/** The retention that a new version gets: the request's own, else the bucket's default; null: none. `nowMs`: epoch ms. */
export function retentionOfPut(request: AwsRequest, bucket: Bucket, nowMs: number): Retention | null {
  const [mode, until] = [request.headers[MODE], request.headers[UNTIL]];
  if (mode === undefined && until === undefined) {
    const given = bucket.objectLock?.defaultRetention ?? null;
    return given && { mode: given.mode, untilMs: nowMs + lengthMs(given) };
  }
  expectObjectLock(bucket);
  if (mode === undefined || until === undefined)
    throw invalidArgument(`${UNTIL} and ${MODE} must both be supplied`, mode === undefined ? MODE : UNTIL, '');
  if (!isMode(mode)) throw invalidArgument('Unknown wormMode directive.', MODE, mode);
  return { mode, untilMs: futureMs(until, nowMs) };
}

/** The headers by which GET and HEAD tell of it. */
export function retentionHeaders({ retention }: StoredObject): Record<string, string> {
  return retention === null ? {} : { [MODE]: retention.mode, [UNTIL]: new Date(retention.untilMs).toISOString() };
}

export const bypassesGovernance = (request: AwsRequest): boolean => request.headers[BYPASS]?.toLowerCase() === 'true';

/** Whether the version may be deleted, or kept for less time, at `nowMs`. */
export function isKept({ retention }: StoredObject, bypass: boolean, nowMs: number): boolean {
  return retention !== null && nowMs < retention.untilMs && !(bypass && retention.mode === 'GOVERNANCE');
}

export const isLocked = () =>
  new AwsError('AccessDenied', 'Access Denied because object protected by object lock.', 403);

/** Sets what the body of PutObjectRetention says. Throws AccessDenied where it would keep a kept version for less time. */
export function changeRetention(version: StoredObject, body: Buffer, bypass: boolean, nowMs: number): void {
  const retention = readRetention(body, nowMs);
  const before = version.retention;
  const isExtended = retention !== null && retention.mode === before?.mode && retention.untilMs >= before.untilMs;
  if (!isExtended && isKept(version, bypass, nowMs)) throw isLocked();
  version.retention = retention;
}

/** `<Retention><Mode><RetainUntilDate></Retention>`; null: an empty one, which takes the retention away. */
function readRetention(body: Buffer, nowMs: number): Retention | null {
  const tree = readXml(body.toString('utf8'), []);
  if (!Object.hasOwn(tree, 'Retention')) throw malformedXml();
  const root = childNode(tree, 'Retention');
  const [mode, until] = [childText(root, 'Mode'), childText(root, 'RetainUntilDate')];
  if (mode === null && until === null) return null;
  if (!isMode(mode) || until === null) throw malformedXml();
  return { mode, untilMs: futureMs(until, nowMs) };
}

function futureMs(text: string, nowMs: number): number {
  const untilMs = /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(untilMs))
    throw invalidArgument('The retain until date must be provided in ISO 8601 format', UNTIL, text);
  if (untilMs <= nowMs) throw invalidArgument('The retain until date must be in the future!', UNTIL, text);
  return untilMs;
}

function lengthMs(retention: DefaultRetention): number {
  return ('days' in retention ? retention.days : retention.years * DAYS_A_YEAR) * DAY_MS;
}
