import { ACCOUNT_ID, type Exchange, readChangeBatch } from '@podtime/aws-endpoint';
import type { Ask } from './iam.ts';

/** Instances as IAM sees them when a command is sent. */
export interface Tagged {
  instanceId: string;
  tags: Record<string, string>;
}

const REGION = 'us-west-2';
const CONTEXT = { 'aws:RequestedRegion': [REGION], 'ec2:Region': [REGION] };
const ssm = (resource: string) => `arn:aws:ssm:${REGION}:${ACCOUNT_ID}:${resource}`;
const ask = (action: string, resource: string, context: Ask['context'] = {}): Ask => ({
  action,
  resource,
  context: { ...CONTEXT, ...context },
});

/**
 * All that IAM is asked for one call, by the Service Authorization Reference of each service. Throws for a call that it
 * does not know: a new call of the product has to be thought about here.
 */
export function asksOf(exchange: Exchange, instances: Tagged[]): Ask[] {
  const call = `${exchange.service}:${exchange.operation}`;
  const asks = CALLS[call];
  if (!asks) throw new Error(`what IAM is asked for ${call} is not known here`);
  return asks(exchange, instances);
}

const json = ({ request }: Exchange) => JSON.parse(request.body.toString());

const CALLS: Record<string, (exchange: Exchange, instances: Tagged[]) => Ask[]> = {
  'ec2:DescribeInstances': () => [ask('ec2:DescribeInstances', '*')],
  'route53:ListResourceRecordSets': (exchange) => [ask('route53:ListResourceRecordSets', zoneOf(exchange))],
  'route53:ChangeResourceRecordSets': (exchange) => {
    const { changes } = readChangeBatch(exchange.request.body.toString());
    const distinct = (values: string[]) => [...new Set(values)];
    return [
      ask('route53:ChangeResourceRecordSets', zoneOf(exchange), {
        'route53:ChangeResourceRecordSetsNormalizedRecordNames': distinct(
          changes.map(({ set }) => set.name.toLowerCase().replace(/\.$/, '')),
        ),
        'route53:ChangeResourceRecordSetsRecordTypes': distinct(changes.map(({ set }) => set.type)),
        'route53:ChangeResourceRecordSetsActions': distinct(changes.map(({ action }) => action)),
      }),
    ];
  },
  'ssm:GetParameters': (exchange) =>
    (json(exchange).Names as string[]).map((name) => ask('ssm:GetParameters', ssm(`parameter${name}`))),
  'ssm:ListCommands': () => [ask('ssm:ListCommands', '*')],
  'ssm:ListCommandInvocations': () => [ask('ssm:ListCommandInvocations', '*')],
  'ssm:SendCommand': (exchange, instances) => {
    const { DocumentName, InstanceIds, Targets } = json(exchange);
    const tag = Targets?.[0];
    const hosts: Tagged[] = InstanceIds
      ? InstanceIds.map(
          (id: string) => instances.find(({ instanceId }) => instanceId === id) ?? { instanceId: id, tags: {} },
        )
      : instances.filter(({ tags }) => tag.Values.includes(tags[tag.Key.replace('tag:', '')]));
    return [
      ask('ssm:SendCommand', ssm(`document/${DocumentName}`)),
      ...hosts.map(({ instanceId, tags }) =>
        ask('ssm:SendCommand', `arn:aws:ec2:${REGION}:${ACCOUNT_ID}:instance/${instanceId}`, tagContext(tags)),
      ),
    ];
  },
  'monitoring:PutMetricData': (exchange) => [
    ask('cloudwatch:PutMetricData', '*', { 'cloudwatch:namespace': [json(exchange).Namespace] }),
  ],
  'events:PutEvents': (exchange) =>
    json(exchange).Entries.map((entry: { Source: string; DetailType: string; EventBusName?: string }) =>
      ask('events:PutEvents', `arn:aws:events:${REGION}:${ACCOUNT_ID}:event-bus/${entry.EventBusName ?? 'default'}`, {
        'events:source': [entry.Source],
        'events:detail-type': [entry.DetailType],
      }),
    ),
  's3:ListObjectsV2': (exchange) => [ask('s3:ListBucket', bucketOf(exchange))],
  's3:ListObjectVersions': (exchange) => [ask('s3:ListBucketVersions', bucketOf(exchange))],
  // API reference, HeadObject: of a version by its id
  's3:HeadObject': (exchange) => [ask('s3:GetObjectVersion', objectOf(exchange))],
  's3:GetObject': (exchange) => [
    ask('s3:GetObject', objectOf(exchange)),
    // API reference, GetObject: without s3:ListBucket a key that is not there is a 403, and the product waits for the 404
    ...(exchange.response.status === 404 ? [ask('s3:ListBucket', bucketOf(exchange))] : []),
  ],
  's3:PutObject': (exchange) => [
    ask('s3:PutObject', objectOf(exchange)),
    // user guide, "Conditional writes": If-Match reads the object's entity tag
    ...(exchange.request.headers['if-match'] ? [ask('s3:GetObject', objectOf(exchange))] : []),
  ],
};

function tagContext(tags: Record<string, string>): Ask['context'] {
  return Object.fromEntries(Object.entries(tags).map(([key, value]) => [`ssm:resourceTag/${key}`, [value]]));
}

function zoneOf({ request }: Exchange): string {
  return `arn:aws:route53:::hostedzone/${/hostedzone\/([^/]+)/.exec(request.path)?.[1]}`;
}

function objectOf({ request }: Exchange): string {
  return `arn:aws:s3:::${decodeURIComponent(request.path).slice(1)}`;
}

function bucketOf({ request }: Exchange): string {
  return `arn:aws:s3:::${request.path.split('/')[1]}`;
}
