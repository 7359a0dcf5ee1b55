/** S3 user guide, "Locking objects with Object Lock": some may bypass governance, and nobody compliance. */
export type RetentionMode = 'GOVERNANCE' | 'COMPLIANCE';

/** What keeps a version of an object from being deleted. */
export interface Retention {
  mode: RetentionMode;
  /** Epoch ms. */
  untilMs: number;
}

/** How a bucket is set up, as far as the endpoint carries it out. */
export interface BucketConfig {
  /** null: it never kept versions. */
  versioning: 'Enabled' | 'Suspended' | null;
  /** null: made without Object Lock, which cannot be had later here. */
  objectLock: ObjectLockConfig | null;
}

export interface ObjectLockConfig {
  /** What a version gets that is put without a retention of its own. */
  defaultRetention: DefaultRetention | null;
}

/** Days or years, never both. */
export type DefaultRetention = { mode: RetentionMode } & ({ days: number } | { years: number });

export const PLAIN_BUCKET: BucketConfig = { versioning: null, objectLock: null };

/** Of an `AWS::S3::Bucket`. Throws, naming the bucket, for an Object Lock that CloudFormation would refuse as well. */
export function readBucketConfig(name: string, properties: Record<string, unknown>): BucketConfig {
  const versioning = (properties.VersioningConfiguration as { Status?: unknown } | undefined)?.Status ?? null;
  if (versioning !== null && versioning !== 'Enabled' && versioning !== 'Suspended')
    throw new Error(`bucket ${name}: VersioningConfiguration.Status is Enabled or Suspended, not ${versioning}`);
  const configuration = properties.ObjectLockConfiguration as { Rule?: { DefaultRetention?: unknown } } | undefined;
  if (properties.ObjectLockEnabled !== true) {
    if (configuration !== undefined)
      throw new Error(`bucket ${name}: ObjectLockConfiguration is given without ObjectLockEnabled: true`);
    return { versioning, objectLock: null };
  }
  if (versioning === 'Suspended')
    throw new Error(`bucket ${name}: versions cannot be suspended where Object Lock is enabled`);
  const given = configuration?.Rule?.DefaultRetention;
  const defaultRetention = given === undefined ? null : readDefaultRetention(name, given as Record<string, unknown>);
  return { versioning: 'Enabled', objectLock: { defaultRetention } };
}

function readDefaultRetention(name: string, { Mode, Days, Years }: Record<string, unknown>): DefaultRetention {
  const length = Number(Days ?? Years);
  const isLength = Number.isInteger(length) && length > 0 && (Days === undefined) !== (Years === undefined);
  if ((Mode !== 'GOVERNANCE' && Mode !== 'COMPLIANCE') || !isLength) {
    const given = JSON.stringify({ Mode, Days, Years });
    throw new Error(
      `bucket ${name}: a default retention has Mode GOVERNANCE or COMPLIANCE, and Days or Years above 0, not both: ${given}`,
    );
  }
  return { mode: Mode, ...(Years === undefined ? { days: length } : { years: length }) };
}
