import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Resource } from '../../infra/template/cloudformation.ts';
import { type Package, packaged } from '../builders/packaged-service.ts';
import { DESCRIPTION, faultsOf, methodsOf } from '../handlers/openapi.ts';

interface Statement {
  Effect: string;
  Action: string | string[];
  Resource: unknown;
  Condition?: Record<string, Record<string, unknown>>;
}

let dev: Package;

beforeAll(async () => {
  dev = await packaged();
});

function statements(role: string): Statement[] {
  const policies = dev.properties(role).Policies as { PolicyDocument: { Statement: Statement[] } }[];
  return policies.flatMap((policy) => policy.PolicyDocument.Statement);
}

const actions = (role: string) => statements(role).flatMap((statement) => statement.Action);
const statementsFor = (role: string, action: string) =>
  statements(role).filter(({ Action }) => [Action].flat().includes(action));

const LOGS = ['logs:CreateLogStream', 'logs:PutLogEvents'];
const LOOK = [
  'ec2:DescribeInstances',
  'route53:ListResourceRecordSets',
  'ssm:GetParameters',
  's3:ListBucket',
  's3:GetObject',
];
const DNS = ['route53:ChangeResourceRecordSets', 'events:PutEvents'];
const READ_COMMANDS = ['ssm:SendCommand', 'ssm:SendCommand', 'ssm:ListCommands', 'ssm:ListCommandInvocations'];

describe('the role of each function', () => {
  it('is its own', () => {
    const functions = dev.ofType('AWS::Lambda::Function');
    const roles = functions.map(([, { Role }]) => (Role as { 'Fn::GetAtt': [string] })['Fn::GetAtt'][0]);
    expect(roles).toEqual(functions.map(([id]) => id.replace('LambdaFunction', 'Role')));
    expect(dev.ofType('AWS::IAM::Role').map(([id]) => id)).toEqual([...roles, 'ScheduleRole']);
  });

  it.each([
    ['ConfigRole', [...LOGS, 's3:ListBucket', 's3:GetObject', 's3:PutObject']],
    // reports; the history, and what hosts printed
    ['StatusRole', [...LOGS, 's3:ListBucket', 's3:GetObject', 's3:GetObject', 'ssm:ListCommandInvocations']],
    ['RegisterRole', [...LOGS, ...LOOK, ...DNS]],
    ['InstancesRole', [...LOGS, ...LOOK, ...DNS, 'sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes']],
    ['CollectRole', [...LOGS, ...LOOK, ...READ_COMMANDS]],
    ['CycleRole', [...LOGS, ...LOOK, ...READ_COMMANDS, 'ssm:SendCommand', 's3:PutObject', 'cloudwatch:PutMetricData']],
    [
      'HistoryRole',
      [...LOGS, 's3:ListBucket', 's3:GetObject', 's3:PutObject', 's3:ListBucketVersions', 's3:GetObjectVersion'],
    ],
    [
      'WatchdogRole',
      [
        ...LOGS,
        ...LOOK,
        ...DNS,
        ...READ_COMMANDS,
        'ssm:SendCommand',
        's3:PutObject',
        'cloudwatch:PutMetricData',
        // texts of settled files, and permits to try others
        's3:PutObject',
        's3:GetObject',
      ],
    ],
  ])('%s may do what its function calls', (role, expected) => {
    expect(actions(role).toSorted()).toEqual(expected.toSorted());
  });

  it('writes its own log only', () => {
    expect(statementsFor('ConfigRole', 'logs:PutLogEvents').map(({ Resource }) => Resource)).toEqual([
      {
        'Fn::Sub':
          'arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:/aws/lambda/podtime-dev-config:*',
      },
    ]);
  });

  it("changes only podtime's names, A and AAAA, in the zones of its pods", () => {
    expect(statementsFor('WatchdogRole', 'route53:ChangeResourceRecordSets')).toEqual([
      {
        Effect: 'Allow',
        Action: 'route53:ChangeResourceRecordSets',
        Resource: ['Z0BLUE0BLUE0BLUE', 'Z0GREEN0GREEN0'].map((id) => ({
          'Fn::Sub': `arn:\${AWS::Partition}:route53:::hostedzone/${id}`,
        })),
        Condition: {
          'ForAllValues:StringLike': {
            'route53:ChangeResourceRecordSetsNormalizedRecordNames': ['ntp.az-?.pod', 'ntp.az-?.green.pod'],
          },
          'ForAllValues:StringEquals': {
            'route53:ChangeResourceRecordSetsRecordTypes': ['A', 'AAAA'],
            'route53:ChangeResourceRecordSetsActions': ['UPSERT', 'DELETE'],
          },
          Null: {
            'route53:ChangeResourceRecordSetsNormalizedRecordNames': 'false',
            'route53:ChangeResourceRecordSetsRecordTypes': 'false',
            'route53:ChangeResourceRecordSetsActions': 'false',
          },
        },
      },
    ]);
  });

  it("runs podtime's own documents, on hosts tagged for its pods", () => {
    const sent = statementsFor('CollectRole', 'ssm:SendCommand').map(({ Resource, Condition }) => [
      Resource,
      Condition,
    ]);
    const arn = 'arn:${AWS::Partition}';
    expect(sent).toEqual([
      [{ 'Fn::Sub': `${arn}:ssm:\${AWS::Region}:\${AWS::AccountId}:document/podtime-dev-collect` }, undefined],
      [
        { 'Fn::Sub': `${arn}:ec2:\${AWS::Region}:\${AWS::AccountId}:instance/*` },
        { StringEquals: { 'ssm:resourceTag/ntp-pod': ['blue', 'green-2'] } },
      ],
    ]);
  });

  it('narrows by condition what AWS cannot narrow by resource', () => {
    const wide = dev
      .ofType('AWS::IAM::Role')
      .flatMap(([role]) => statements(role))
      .filter(({ Resource, Condition }) => Resource === '*' && !Condition);
    expect(wide).toEqual([]);
  });

  it('has no wildcard action', () => {
    const roles = dev.ofType('AWS::IAM::Role').map(([role]) => role);
    expect(roles.flatMap(actions).filter((action) => action.includes('*'))).toEqual([]);
  });
});

describe('the API', () => {
  function routes(): string[] {
    const parents = new Map(dev.ofType('AWS::ApiGateway::Resource'));
    const pathOf = (ref: unknown): string => {
      const resource = parents.get((ref as { Ref?: string }).Ref ?? '');
      return resource ? `${pathOf(resource.ParentId)}/${resource.PathPart}` : '';
    };
    return dev
      .ofType('AWS::ApiGateway::Method')
      .map(([, method]) => `${method.HttpMethod} ${pathOf(method.ResourceId) || '/'}`);
  }

  /** Mapped headers stand in single quotes. */
  function headersOf(response: Record<string, unknown>): Record<string, string> {
    const mapped = Object.entries(response.ResponseParameters as Record<string, string>);
    return Object.fromEntries(mapped.map(([key, text]) => [key.split('.').at(-1) ?? '', text.replaceAll("'", '')]));
  }

  it("is private, reached through the pods' endpoints, under the fleet's policy", () => {
    const api = dev.properties('ApiGatewayRestApi');
    expect(api.EndpointConfiguration).toEqual({
      Types: ['PRIVATE'],
      VpcEndpointIds: ['vpce-0b0b0b0b0b0b0b0b0', 'vpce-0c0c0c0c0c0c0c0c0', 'vpce-0e0e0e0e0e0e0e0e0'],
    });
    const policy = api.Policy as { Statement: { Effect: string; Condition: unknown }[] };
    expect(policy.Statement.map(({ Effect, Condition }) => [Effect, Condition])).toEqual([
      ['Allow', { StringEquals: { 'aws:SourceVpc': 'vpc-0b0b0b0b0b0b0b0b0' } }],
      ['Allow', { StringEquals: { 'aws:SourceVpc': 'vpc-0c0c0c0c0c0c0c0c0' } }],
      ['Allow', { StringEquals: { 'aws:SourceVpc': ['vpc-0a0a0a0a0a0a0a0a0'] } }],
      ['Deny', { StringNotEquals: { 'aws:SourceVpc': ['vpc-0a0a0a0a0a0a0a0a0'] } }],
    ]);
  });

  it('has the routes that docs/openapi.yml describes, and no others', () => {
    expect(routes()).toContain('GET /{pod}/{tier}/{az}/{file}');
    const described = Object.keys(DESCRIPTION.paths).flatMap((path) =>
      methodsOf(path).map((method) => `${method} ${path}`),
    );
    expect(described.toSorted()).toEqual(routes().toSorted());
  });

  it("answers the gateway's own errors as problems, as described", () => {
    for (const [, response] of dev.ofType('AWS::ApiGateway::GatewayResponse')) {
      expect(response.ResponseParameters).toMatchObject({
        'gatewayresponse.header.Content-Type': "'application/problem+json'",
      });
      const template = (response.ResponseTemplates as { 'application/json': string })['application/json'];
      const body = JSON.parse(template.replace('$context.error.messageString', '"Forbidden"'));
      expect(body).toMatchObject({ type: 'about:blank', instance: '$context.path' });
      const answer = { headers: headersOf(response), body: JSON.stringify(body) };
      expect(faultsOf(null, { statusCode: body.status ?? 400, ...answer })).toEqual([]);
      if (response.StatusCode !== undefined) expect(String(body.status)).toBe(response.StatusCode);
    }
    expect(dev.properties('GatewayResponseNotFound')).toMatchObject({
      ResponseType: 'MISSING_AUTHENTICATION_TOKEN',
      StatusCode: '404',
    });
  });

  it('is deployed when its methods and its own errors are there', () => {
    const deployment = Object.values(dev.resources).find(({ Type }) => Type === 'AWS::ApiGateway::Deployment');
    const needed = [...dev.ofType('AWS::ApiGateway::Method'), ...dev.ofType('AWS::ApiGateway::GatewayResponse')];
    expect(deployment?.DependsOn).toEqual(needed.map(([id]) => id));
  });
});

describe('the report bucket', () => {
  it('is private, encrypted at rest and in transit, and forgets old memories and rows, never a state', () => {
    expect(dev.properties('ReportBucket')).toMatchObject({
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
      LifecycleConfiguration: {
        Rules: ['blue', 'green-2'].flatMap((name) =>
          [
            { Id: `memory-${name}`, Prefix: `${name}/memory/`, ExpirationInDays: 30 },
            // a day more than history.days: S3 counts from the next midnight
            { Id: `history-ticks-${name}`, Prefix: `history/ticks/pod=${name}/`, ExpirationInDays: 31 },
            { Id: `history-hours-${name}`, Prefix: `history/hours/pod=${name}/`, ExpirationInDays: 31 },
            { Id: `history-days-${name}`, Prefix: `history/days/pod=${name}/`, ExpirationInDays: 31 },
          ].map((rule) => ({ ...rule, Status: 'Enabled' })),
        ),
      },
    });
    expect(JSON.stringify(dev.properties('ReportBucketPolicy'))).toContain('"aws:SecureTransport":"false"');
  });
});

describe('the bucket of locked histories', () => {
  const under = (path: string) => ({ 'Fn::Sub': `\${HistoryBucket.Arn}/${path}` });

  it('locks each version by default for history.days, and forgets nothing before', () => {
    const { Properties, ...kept } = dev.resources.HistoryBucket as Resource;
    expect(kept).toEqual({ Type: 'AWS::S3::Bucket', DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    expect(Properties).toMatchObject({
      ObjectLockEnabled: true,
      ObjectLockConfiguration: {
        ObjectLockEnabled: 'Enabled',
        Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: 30 } },
      },
      VersioningConfiguration: { Status: 'Enabled' },
      LifecycleConfiguration: {
        // of the pod that is locked alone
        Rules: ['ticks', 'hours', 'days', 'manifests'].flatMap((kind) => [
          {
            Id: `history-${kind}-green-2`,
            Status: 'Enabled',
            Prefix: `history/${kind}/pod=green-2/`,
            ExpirationInDays: 31,
            NoncurrentVersionExpiration: { NoncurrentDays: 1 },
          },
          {
            Id: `history-${kind}-green-2-markers`,
            Status: 'Enabled',
            Prefix: `history/${kind}/pod=green-2/`,
            ExpiredObjectDeleteMarker: true,
          },
        ]),
      },
    });
    // in all else it is as the report bucket
    for (const name of ['PublicAccessBlockConfiguration', 'OwnershipControls', 'BucketEncryption']) {
      expect(Properties[name]).toEqual(dev.properties('ReportBucket')[name]);
    }
    const policy = JSON.stringify(dev.properties('ReportBucketPolicy')).replaceAll('ReportBucket', 'HistoryBucket');
    expect(dev.properties('HistoryBucketPolicy')).toEqual(JSON.parse(policy));
  });

  it('is written by who keeps histories, each under its own prefix, and nobody may delete there or pass by the lock', () => {
    expect(statementsFor('HistoryRole', 's3:PutObject').flatMap(({ Resource }) => Resource)).toEqual([
      { 'Fn::Sub': '${ReportBucket.Arn}/history/hours/*' },
      { 'Fn::Sub': '${ReportBucket.Arn}/history/days/*' },
      under('history/hours/*'),
      under('history/manifests/*'),
      under('history/days/*'),
    ]);
    for (const role of ['WatchdogRole', 'CycleRole']) {
      const written = statementsFor(role, 's3:PutObject').flatMap(({ Resource }) => Resource);
      expect(written.filter((each) => JSON.stringify(each).includes('HistoryBucket'))).toEqual([
        under('history/ticks/*'),
      ]);
    }
    // a host's page reads
    expect(statementsFor('StatusRole', 's3:PutObject')).toEqual([]);
    const others = ['RegisterRole', 'InstancesRole', 'CollectRole', 'ConfigRole'].map(statements);
    expect(JSON.stringify(others)).not.toContain('HistoryBucket');
    const all = dev.ofType('AWS::IAM::Role').flatMap(([role]) => actions(role));
    expect(all.filter((action) => /Delete|Bypass|Retention|LegalHold/.test(action))).toEqual(['sqs:DeleteMessage']);
  });

  it('is told to the functions that use it', () => {
    const told = dev.ofType('AWS::Lambda::Function').flatMap(([id, { Environment }]) => {
      const { HISTORY_BUCKET } = (Environment as { Variables: Record<string, unknown> } | undefined)?.Variables ?? {};
      return HISTORY_BUCKET === undefined ? [] : [[id, HISTORY_BUCKET]];
    });
    const bucket = { Ref: 'HistoryBucket' };
    expect(told).toEqual(
      ['StatusLambdaFunction', 'WatchdogLambdaFunction', 'CycleLambdaFunction', 'HistoryLambdaFunction'].map((id) => [
        id,
        bucket,
      ]),
    );
  });
});
