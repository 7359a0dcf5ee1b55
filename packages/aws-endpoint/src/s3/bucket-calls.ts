import { AwsError } from '../errors.ts';
import { childNode, childText, readXml, type XmlNode } from '../protocol/xml.ts';
import type { AwsRequest, AwsResponse } from '../request.ts';
import { readBody } from './body.ts';
import type { Bucket } from './bucket.ts';
import { malformedXml } from './errors.ts';
import { xmlAnswer } from './xml-answer.ts';

/** Calls that ask how a bucket is set up, or change it. `region`: where all buckets are. */
export const headBucket = (region: string): AwsResponse => ({
  status: 200,
  headers: { 'x-amz-bucket-region': region, 'content-type': 'application/xml' },
  body: '',
});

/** us-east-1 is told by an empty element (API reference). */
export const getBucketLocation = (region: string): AwsResponse =>
  xmlAnswer('LocationConstraint', region === 'us-east-1' ? {} : { '#text': region });

/** Nothing where the bucket never kept versions. */
export const getBucketVersioning = ({ versioning }: Bucket): AwsResponse =>
  xmlAnswer('VersioningConfiguration', { Status: versioning ?? undefined });

export function putBucketVersioning(request: AwsRequest, bucket: Bucket): AwsResponse {
  const root = childNode(readXml(readBody(request).body.toString('utf8'), []), 'VersioningConfiguration');
  const status = childText(root, 'Status');
  if (status !== 'Enabled' && status !== 'Suspended') throw malformedXml();
  if (childText(root, 'MfaDelete') === 'Enabled')
    throw new AwsError('NotImplemented', 'The local endpoint has no MFA delete.', 501);
  if (status === 'Suspended' && bucket.objectLock !== null) {
    throw new AwsError(
      'InvalidBucketState',
      'An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.',
      409,
    );
  }
  bucket.versioning = status;
  return { status: 200, headers: {}, body: '' };
}

export function getObjectLockConfiguration({ name, objectLock }: Bucket): AwsResponse {
  if (objectLock === null) {
    throw new AwsError(
      'ObjectLockConfigurationNotFoundError',
      'Object Lock configuration does not exist for this bucket',
      404,
      { BucketName: name },
    );
  }
  const { defaultRetention: given } = objectLock;
  const Rule: XmlNode | undefined = given
    ? {
        DefaultRetention: {
          Mode: given.mode,
          ...('days' in given ? { Days: given.days } : { Years: given.years }),
        },
      }
    : undefined;
  return xmlAnswer('ObjectLockConfiguration', { ObjectLockEnabled: 'Enabled', Rule });
}
