import type { Clock } from '../clock.ts';
import type { Delays } from '../delays.ts';
import { AwsError } from '../errors.ts';
import type { Announce } from '../events.ts';
import { writeXml } from '../protocol/xml.ts';
import type { AwsRequest, AwsResponse } from '../request.ts';
import type { Service } from '../service.ts';
import { commandOf, unknownCall } from '../unknown-call.ts';
import { type Bucket, createBucket, type StoredObject } from './bucket.ts';
import {
  getBucketLocation,
  getBucketVersioning,
  getObjectLockConfiguration,
  headBucket,
  putBucketVersioning,
} from './bucket-calls.ts';
import { type BucketConfig, PLAIN_BUCKET } from './bucket-config.ts';
import { createDeletes } from './delete-object.ts';
import { noSuchBucket } from './errors.ts';
import { getObject } from './get-object.ts';
import { listBuckets, listObjectsV2 } from './list-objects.ts';
import { listObjectVersions } from './list-versions.ts';
import { createPutObject } from './put-object.ts';
import { getObjectRetention, putObjectRetention } from './retention-calls.ts';
import { route } from './route.ts';

export interface S3 extends Service {
  /** The current version; null also where it was deleted. */
  object(bucket: string, key: string): StoredObject | null;
}

export interface S3Deps {
  /** Physical names. */
  buckets: readonly string[];
  /** By physical name; a bucket that is not here is plain. */
  configs: Record<string, BucketConfig>;
  region: string;
  clock: Clock;
  delays: Delays;
  announce: Announce;
}

type Operation = (request: AwsRequest, bucket: Bucket, key: string) => AwsResponse | Promise<AwsResponse>;

/** S3's REST API: objects and their versions, lists of them, Object Lock; path style and virtual-host style. */
export function createS3({ buckets: names, configs, region, clock, delays, announce }: S3Deps): S3 {
  const nowMs = () => clock.wallMs();
  const buckets = new Map(names.map((name) => [name, createBucket(name, configs[name] ?? PLAIN_BUCKET, nowMs())]));
  const { deleteObject, deleteObjects } = createDeletes({ announce, nowMs });

  const operations: Record<string, Operation> = {
    PutObject: createPutObject({ writeMs: delays.objectWriteMs / clock.factor, announce, nowMs }),
    GetObject: getObject,
    HeadObject: getObject,
    DeleteObject: deleteObject,
    DeleteObjects: deleteObjects,
    ListObjectsV2: ({ query }, bucket) => listObjectsV2(bucket, query),
    ListObjectVersions: ({ query }, bucket) => listObjectVersions(bucket, query),
    GetObjectRetention: getObjectRetention,
    PutObjectRetention: (request, bucket, key) => putObjectRetention(request, bucket, key, nowMs()),
    HeadBucket: () => headBucket(region),
    GetBucketLocation: () => getBucketLocation(region),
    GetBucketVersioning: (_request, bucket) => getBucketVersioning(bucket),
    PutBucketVersioning: putBucketVersioning,
    GetObjectLockConfiguration: (_request, bucket) => getObjectLockConfiguration(bucket),
  };
  const known = ['ListBuckets', ...Object.keys(operations)];

  const answer = (operation: string, request: AwsRequest): AwsResponse | Promise<AwsResponse> => {
    if (operation === 'ListBuckets') return listBuckets([...buckets.values()], request.query, region);
    const place = route(request);
    const bucket = buckets.get(place.bucket);
    if (bucket === undefined) throw noSuchBucket(place.bucket);
    return (operations[operation] as Operation)(request, bucket, place.key);
  };

  return {
    object: (bucket, key) => buckets.get(bucket)?.current(key) ?? null,
    operations: known,
    operation: (request) => route(request).operation,
    async handle(operation, request, requestId) {
      const response = await answer(operation, request);
      return { ...response, headers: { 'x-amz-request-id': requestId, 'x-amz-id-2': requestId, ...response.headers } };
    },
    refuse(error, request, requestId) {
      const children = {
        Code: error.code,
        Message: error.message,
        ...(error.members as Record<string, string>),
        RequestId: requestId,
        HostId: requestId,
      };
      const headers = { 'content-type': 'application/xml', 'x-amz-request-id': requestId, 'x-amz-id-2': requestId };
      return {
        status: error.status,
        headers: { ...headers, ...error.headers },
        body: request.method === 'HEAD' ? '' : writeXml('Error', null, children),
      };
    },
    unknownOperation: (request) =>
      new AwsError('NotImplemented', unknownCall('S3', commandOf(request) ?? route(request).asked, known), 501),
    unsigned: () => new AwsError('AccessDenied', 'Access Denied', 403),
    throttled: () => new AwsError('SlowDown', 'Please reduce your request rate.', 503),
  };
}
