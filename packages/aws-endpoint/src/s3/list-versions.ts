import type { XmlNode } from '../protocol/xml.ts';
import type { AwsResponse } from '../request.ts';
import type { Bucket, Version } from './bucket.ts';
import { invalidArgument } from './errors.ts';
import { commonPrefixes, described, OWNER } from './list-objects.ts';
import { type Entry, type ListQuery, listPage, readListQuery } from './listing.ts';
import { xmlAnswer } from './xml-answer.ts';

/** ListObjectVersions: every version and delete marker, of each key the newest first. */
export function listObjectVersions(bucket: Bucket, query: URLSearchParams): AwsResponse {
  const list = readListQuery(query);
  const keyMarker = query.get('key-marker') ?? '';
  const versionMarker = query.get('version-id-marker') ?? '';
  if (versionMarker !== '' && keyMarker === '') {
    const message = 'A version-id marker cannot be specified without a key marker.';
    throw invalidArgument(message, 'version-id-marker', versionMarker);
  }
  const { delimiter } = list;
  const from = { key: keyMarker, isCommonPrefix: delimiter !== '' && keyMarker.endsWith(delimiter) };
  const { entries, isTruncated } = listPage<Version>(bucket.keys(), list, from, (key) => {
    const versions = bucket.versions(key);
    if (key !== keyMarker) return versions;
    const listed = versions.findIndex(({ versionId }) => versionId === versionMarker);
    return listed < 0 ? [] : versions.slice(listed + 1);
  });
  return xmlAnswer('ListVersionsResult', {
    Name: bucket.name,
    Prefix: list.encode(list.prefix),
    KeyMarker: list.encode(keyMarker),
    VersionIdMarker: versionMarker,
    ...(isTruncated ? nextMarkers(entries.at(-1), list) : {}),
    MaxKeys: list.maxKeys,
    Delimiter: delimiter === '' ? undefined : list.encode(delimiter),
    EncodingType: list.encodingType,
    IsTruncated: isTruncated,
    Version: rows(bucket, entries, list, (version) => (version.isDeleteMarker ? null : described(version))),
    DeleteMarker: rows(bucket, entries, list, (version) =>
      version.isDeleteMarker ? { LastModified: new Date(version.modifiedAtMs).toISOString() } : null,
    ),
    CommonPrefixes: commonPrefixes(entries, list.encode),
  });
}

/** The last that was listed: the next page begins after it. */
function nextMarkers(last: Entry<Version> | undefined, { encode }: ListQuery) {
  if (last === undefined) return {};
  return last.commonPrefix === null
    ? { NextKeyMarker: encode(last.key), NextVersionIdMarker: last.row.versionId }
    : { NextKeyMarker: encode(last.commonPrefix) };
}

/** Those that `tell` gives something of. */
function rows(
  bucket: Bucket,
  entries: readonly Entry<Version>[],
  { encode }: ListQuery,
  tell: (version: Version) => Record<string, XmlNode> | null,
): XmlNode[] {
  return entries.flatMap((entry) => {
    const told = entry.commonPrefix === null ? tell(entry.row) : null;
    if (entry.commonPrefix !== null || told === null) return [];
    const { key, row } = entry;
    const IsLatest = bucket.versions(key)[0] === row;
    return { Key: encode(key), VersionId: row.versionId, IsLatest, ...told, Owner: OWNER };
  });
}
