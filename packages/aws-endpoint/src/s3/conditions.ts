import type { AwsRequest } from '../request.ts';
import type { StoredObject } from './bucket.ts';
import { headerNotImplemented, noSuchKey, preconditionFailed } from './errors.ts';

/** What a conditional call wants of the object that is there; both null: it is none. */
export interface Conditions {
  ifMatch: string | null;
  ifNoneMatch: string | null;
}

export function readConditions(request: AwsRequest): Conditions {
  return { ifMatch: request.headers['if-match'] ?? null, ifNoneMatch: request.headers['if-none-match'] ?? null };
}

/** Of a PUT: S3 knows If-None-Match with `*` alone. Throws NotImplemented for another. */
export function readPutConditions(request: AwsRequest): Conditions {
  const conditions = readConditions(request);
  if (conditions.ifNoneMatch !== null && conditions.ifNoneMatch !== '*') throw headerNotImplemented('If-None-Match');
  return conditions;
}

/** Throws PreconditionFailed or NoSuchKey where a PUT may not be. `existing`: null also where a delete marker stands. */
export function checkPut(existing: StoredObject | null, { ifMatch, ifNoneMatch }: Conditions, key: string): void {
  if (ifNoneMatch !== null && existing !== null) throw preconditionFailed('If-None-Match');
  if (ifMatch === null) return;
  if (existing === null) throw noSuchKey(key);
  if (!etagMatches(ifMatch, existing.etag)) throw preconditionFailed('If-Match');
}

/** Whether a GET is answered by 304. Throws PreconditionFailed. */
export function isUnchanged(object: StoredObject, { ifMatch, ifNoneMatch }: Conditions): boolean {
  if (ifMatch !== null && !etagMatches(ifMatch, object.etag)) throw preconditionFailed('If-Match');
  return ifNoneMatch !== null && etagMatches(ifNoneMatch, object.etag);
}

/** With or without its quotes; `*` is any. */
function etagMatches(given: string, etag: string): boolean {
  return given
    .split(',')
    .some((tag) => tag.trim() === '*' || tag.trim().replace(/^"|"$/g, '') === etag.replace(/"/g, ''));
}
