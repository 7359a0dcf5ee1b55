import type { Pod } from '../../src/fleet/fleet.ts';
import { historyPrefixes, manifestPrefix } from '../../src/history/keys.ts';
import type { Resource, Resources } from './cloudformation.ts';

/*
 * The bucket of histories under S3 Object Lock, where a pod's `history.lock` asks for it; without one the template has none of this.
 * Decision 0135.
 */

const BUCKET = 'HistoryBucket';
const ARN = { 'Fn::GetAtt': [BUCKET, 'Arn'] };
/** What the functions read its name from. */
const SETTING = 'HISTORY_BUCKET';

const under = (bucket: string, path: string) => `\${${bucket}.Arn}/${path}`;
const objects = (path: string) => ({ 'Fn::Sub': under(BUCKET, path) });

/** What roles are allowed in the report bucket, and then in this one too. */
const ALSO_THERE: readonly [there: string, also: unknown[]][] = [
  ['history/ticks/*', [objects('history/ticks/*')]],
  ['history/hours/*', [objects('history/hours/*'), objects('history/manifests/*')]],
  ['history/days/*', [objects('history/days/*')]],
  ['history/*', [objects('history/*')]],
];

/** What manifests are made by: which versions there are, and what S3 reckoned of each. */
const MANIFEST_STATEMENTS = [
  { Effect: 'Allow', Action: 's3:ListBucketVersions', Resource: ARN },
  { Effect: 'Allow', Action: 's3:GetObjectVersion', Resource: objects('history/*') },
];

interface Statement {
  Effect: string;
  Action: unknown;
  Resource: unknown;
}

/** As much of the service as is changed. */
export interface LockedService {
  functions: Record<string, { environment?: Record<string, unknown>; role?: string }>;
  resources?: { Resources?: Resources; Outputs?: Record<string, unknown> };
}

const lockedOf = (pods: readonly Pod[]) => pods.filter(({ history }) => history.lock !== null);

/** The bucket and its policy; none where no pod's history is locked. */
export function lockedHistoryBucket(pods: readonly Pod[]): Resources {
  const locked = lockedOf(pods);
  const [first] = locked;
  if (first === undefined) return {};
  const kept = { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' };
  return {
    [BUCKET]: {
      Type: 'AWS::S3::Bucket',
      ...kept,
      Properties: {
        ObjectLockEnabled: true,
        ObjectLockConfiguration: {
          ObjectLockEnabled: 'Enabled',
          Rule: { DefaultRetention: { Mode: first.history.lock?.toUpperCase(), Days: first.history.days } },
        },
        VersioningConfiguration: { Status: 'Enabled' },
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
        },
        LifecycleConfiguration: { Rules: locked.flatMap(expiry) },
      },
    } as Resource,
    [`${BUCKET}Policy`]: {
      Type: 'AWS::S3::BucketPolicy',
      ...kept,
      Properties: {
        Bucket: { Ref: BUCKET },
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            {
              Sid: 'EncryptedInTransit',
              Effect: 'Deny',
              Principal: '*',
              Action: 's3:*',
              Resource: [ARN, objects('*')],
              Condition: { Bool: { 'aws:SecureTransport': 'false' } },
            },
          ],
        },
      },
    } as Resource,
  };
}

/**
 * What expires gets a delete marker, a day after its lock has ended, and is gone a day later; the marker then goes too. S3 carries out no rule
 * against a lock: what was put over something, and is locked for longer, stays for longer.
 */
function expiry({ name, history }: Pod) {
  return [...historyPrefixes(name), manifestPrefix(name)].flatMap((prefix) => {
    const id = prefix.replaceAll('/', '-').replace('pod=', '').replace(/-$/, '');
    const rule = { Status: 'Enabled', Prefix: prefix };
    return [
      {
        Id: id,
        ...rule,
        ExpirationInDays: history.days + 1,
        NoncurrentVersionExpiration: { NoncurrentDays: 1 },
      },
      { Id: `${id}-markers`, ...rule, ExpiredObjectDeleteMarker: true },
    ];
  });
}

/** Gives the functions that keep and read histories the bucket's name, and their roles what they need there. */
export function useLockedHistory(service: LockedService, pods: readonly Pod[]): void {
  if (lockedOf(pods).length === 0 || service.resources?.Resources === undefined) return;
  const { Resources } = service.resources;
  const bucket = nameBucket(Resources);
  const roles = new Set(
    Object.entries(Resources)
      .filter(([, { Type }]) => Type === 'AWS::IAM::Role')
      .filter(([, role]) => statementsOf(role).some((statement) => alsoThere(statement).length > 0))
      .map(([id]) => id),
  );
  for (const id of roles) allow(Resources[id] as Resource, id === 'HistoryRole');
  for (const each of Object.values(service.functions)) {
    if (roles.has(each.role ?? '')) each.environment = { ...each.environment, [SETTING]: bucket };
  }
  service.resources.Outputs = {
    ...service.resources.Outputs,
    [BUCKET]: { Description: 'Where locked histories lie', Value: { Ref: BUCKET } },
  };
}

/** By the name that the operator gave the report bucket; else AWS names it. Answers what stands for the name. */
function nameBucket(resources: Resources): unknown {
  const given = resources.ReportBucket?.Properties.BucketName;
  if (typeof given !== 'string') return { Ref: BUCKET };
  const BucketName = `${given}-history`;
  const bucket = resources[BUCKET] as Resource;
  bucket.Properties = { BucketName, ...bucket.Properties };
  return BucketName;
}

function statementsOf({ Properties }: Resource): Statement[] {
  const policies = (Properties.Policies ?? []) as { PolicyDocument: { Statement: Statement[] } }[];
  return policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
}

function alsoThere({ Resource: resources }: Statement): unknown[] {
  const texts = [resources].flat().map((each) => (each as { 'Fn::Sub'?: string })['Fn::Sub']);
  return ALSO_THERE.flatMap(([there, also]) => (texts.includes(under('ReportBucket', there)) ? also : []));
}

function allow(role: Resource, makesManifests: boolean): void {
  const policies = role.Properties.Policies as { PolicyDocument: { Statement: Statement[] } }[];
  role.Properties.Policies = policies.map((policy) => {
    const { Statement } = policy.PolicyDocument;
    const widened = Statement.map((statement) => ({ ...statement, Resource: withAlso(statement) }));
    const added = makesManifests ? MANIFEST_STATEMENTS : [];
    return { ...policy, PolicyDocument: { ...policy.PolicyDocument, Statement: [...widened, ...added] } };
  });
}

function withAlso(statement: Statement): unknown {
  const lists = statement.Action === 's3:ListBucket';
  const also = lists ? [ARN] : alsoThere(statement);
  return also.length === 0 ? statement.Resource : [...[statement.Resource].flat(), ...also];
}
