import { createHash } from 'node:crypto';
import { ACCOUNT_ID } from '../errors.ts';
import type { XmlNode } from '../protocol/xml.ts';
import type { AwsResponse } from '../request.ts';
import type { Bucket, StoredObject } from './bucket.ts';
import { invalidArgument } from './errors.ts';
import { compareKeys } from './keys.ts';
import { type Entry, listPage, type Place, readListQuery } from './listing.ts';
import { xmlAnswer } from './xml-answer.ts';

/** Whose the objects are: a canonical user id, 64 hexadecimal digits. */
export const OWNER = { ID: createHash('sha256').update(ACCOUNT_ID).digest('hex') };

/** API reference, ListBuckets: MaxBuckets. */
const MAX_BUCKETS = 10_000;

/** ListObjectsV2: the current version of each key that is not deleted. */
export function listObjectsV2(bucket: Bucket, query: URLSearchParams): AwsResponse {
  const list = readListQuery(query);
  const token = query.get('continuation-token');
  const startAfter = query.get('start-after') ?? '';
  const from = token === null ? { key: startAfter, isCommonPrefix: false } : readToken(token);
  const { entries, isTruncated } = listPage<StoredObject>(bucket.keys(), list, from, (key) => {
    const object = key === from.key && !from.isCommonPrefix ? null : bucket.current(key);
    return object === null ? [] : [object];
  });
  const isOwnerAsked = query.get('fetch-owner') === 'true';
  return xmlAnswer('ListBucketResult', {
    Name: bucket.name,
    Prefix: list.encode(list.prefix),
    Delimiter: list.delimiter === '' ? undefined : list.encode(list.delimiter),
    MaxKeys: list.maxKeys,
    EncodingType: list.encodingType,
    KeyCount: entries.length,
    IsTruncated: isTruncated,
    ContinuationToken: token ?? undefined,
    NextContinuationToken: isTruncated ? writeToken(placeOf(entries.at(-1))) : undefined,
    StartAfter: startAfter === '' ? undefined : list.encode(startAfter),
    Contents: entries.flatMap((entry) =>
      entry.commonPrefix === null
        ? { Key: list.encode(entry.key), ...described(entry.row), Owner: isOwnerAsked ? OWNER : undefined }
        : [],
    ),
    CommonPrefixes: commonPrefixes(entries, list.encode),
  });
}

/** What both lists tell of an object. */
export function described({ modifiedAtMs, etag, body, checksum }: StoredObject) {
  return {
    LastModified: new Date(modifiedAtMs).toISOString(),
    ETag: etag,
    ChecksumAlgorithm: checksum.header.replace('x-amz-checksum-', '').toUpperCase(),
    ChecksumType: 'FULL_OBJECT',
    Size: body.length,
    StorageClass: 'STANDARD',
  };
}

export function commonPrefixes(entries: readonly Entry<unknown>[], encode: (text: string) => string): XmlNode[] {
  return entries.flatMap(({ commonPrefix }) => (commonPrefix === null ? [] : { Prefix: encode(commonPrefix) }));
}

function placeOf(entry: Entry<unknown> | undefined): Place {
  if (entry === undefined) return { key: '', isCommonPrefix: false };
  return entry.commonPrefix === null
    ? { key: entry.key, isCommonPrefix: false }
    : { key: entry.commonPrefix, isCommonPrefix: true };
}

const writeToken = ({ key, isCommonPrefix }: Place) =>
  Buffer.from(`${isCommonPrefix ? 'p' : 'k'}:${key}`, 'utf8').toString('base64');

function readToken(token: string): Place {
  const match = /^([pk]):(.+)$/s.exec(Buffer.from(token, 'base64').toString('utf8'));
  const place = { key: match?.[2] ?? '', isCommonPrefix: match?.[1] === 'p' };
  if (match === null || writeToken(place) !== token)
    throw invalidArgument('The continuation token provided is incorrect', 'continuation-token', token);
  return place;
}

/** ListBuckets, by name; a page only where `max-buckets` asks for one. */
export function listBuckets(buckets: readonly Bucket[], query: URLSearchParams, region: string): AwsResponse {
  const prefix = query.get('prefix') ?? '';
  const asked = query.get('max-buckets');
  const most = asked === null ? Number.POSITIVE_INFINITY : Number(asked);
  if (asked !== null && !(Number.isInteger(most) && most >= 1 && most <= MAX_BUCKETS))
    throw invalidArgument(`Argument max-buckets must be an integer between 1 and ${MAX_BUCKETS}`, 'max-buckets', asked);
  const token = query.get('continuation-token');
  const after = token === null ? '' : readToken(token).key;
  const found = buckets
    .filter(({ name }) => name.startsWith(prefix) && compareKeys(name, after) > 0)
    .filter(() => (query.get('bucket-region') ?? region) === region)
    .toSorted((a, b) => compareKeys(a.name, b.name));
  const shown = found.slice(0, most);
  return xmlAnswer('ListAllMyBucketsResult', {
    Owner: OWNER,
    Buckets: {
      Bucket: shown.map(({ name, createdAtMs }) => ({
        Name: name,
        CreationDate: new Date(createdAtMs).toISOString(),
        BucketRegion: asked === null ? undefined : region,
      })),
    },
    Prefix: query.has('prefix') ? prefix : undefined,
    ContinuationToken:
      found.length > shown.length ? writeToken({ key: shown.at(-1)?.name ?? '', isCommonPrefix: false }) : undefined,
  });
}
