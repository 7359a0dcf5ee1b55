import { AwsError } from '../errors.ts';
import type { AwsRequest, AwsResponse } from '../request.ts';
import { readBody } from './body.ts';
import type { Bucket } from './bucket.ts';
import { findObject } from './get-object.ts';
import { bypassesGovernance, changeRetention, expectObjectLock } from './retention.ts';
import { xmlAnswer } from './xml-answer.ts';

export function getObjectRetention(request: AwsRequest, bucket: Bucket, key: string): AwsResponse {
  expectObjectLock(bucket);
  const { retention } = findObject(request, bucket, key);
  if (retention === null) {
    throw new AwsError(
      'NoSuchObjectLockConfiguration',
      'The specified object does not have a ObjectLock configuration',
      404,
      { Key: key },
    );
  }
  return xmlAnswer('Retention', {
    Mode: retention.mode,
    RetainUntilDate: new Date(retention.untilMs).toISOString(),
  });
}

/** `nowMs`: epoch ms. */
export function putObjectRetention(request: AwsRequest, bucket: Bucket, key: string, nowMs: number): AwsResponse {
  expectObjectLock(bucket);
  const { body } = readBody(request);
  changeRetention(findObject(request, bucket, key), body, bypassesGovernance(request), nowMs);
  return { status: 200, headers: {}, body: '' };
}
