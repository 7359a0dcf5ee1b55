import type { IncomingHttpHeaders } from 'node:http';

export type ServiceName = 'route53' | 'ssm' | 'monitoring' | 'ec2' | 'events' | 's3' | 'sqs' | 'lambda' | 'sts';

/** One request as it came over the wire, its body whole and unpacked. */
export interface AwsRequest {
  method: string;
  /** Path as sent, still percent-encoded. */
  path: string;
  query: URLSearchParams;
  /** Lower-case names. */
  headers: Record<string, string>;
  body: Buffer;
  /** From the credential scope; `us-east-1` when there is none. */
  region: string;
  /** Whether any credential came along; signatures are not verified. */
  signed: boolean;
}

export interface AwsResponse {
  status: number;
  headers: Record<string, string>;
  body: string | Buffer;
}

/** Content types that carry a query-protocol call. */
const FORM = /^application\/x-www-form-urlencoded/i;

const SCOPES: Record<string, ServiceName> = {
  route53: 'route53',
  ssm: 'ssm',
  monitoring: 'monitoring',
  ec2: 'ec2',
  events: 'events',
  s3: 's3',
  sqs: 'sqs',
  lambda: 'lambda',
  sts: 'sts',
};

const TARGETS: Record<string, ServiceName> = {
  AmazonSSM: 'ssm',
  GraniteServiceVersion20100801: 'monitoring',
  AWSEvents: 'events',
  AmazonSQS: 'sqs',
};

/** `Credential=AKID/20260101/us-west-2/ssm/aws4_request` of the header or of a presigned query. */
export function credentialScope(
  authorization: string,
  query: URLSearchParams,
): { region: string; service: string } | null {
  const credential = /Credential=([^,\s]+)/.exec(authorization)?.[1] ?? query.get('X-Amz-Credential');
  const parts = credential?.split('/') ?? [];
  const [region, service] = parts.slice(-3, -1);
  return parts.length >= 5 && region && service ? { region, service } : null;
}

/**
 * Which service a request means: its credential scope first, for that is what it was signed for; then X-Amz-Target, the
 * path, the API version of a query call, the host. null: a service that the endpoint does not have.
 */
export function identifyService(request: AwsRequest): ServiceName | null {
  const scope = credentialScope(request.headers.authorization ?? '', request.query);
  if (scope !== null) return SCOPES[scope.service] ?? null;
  const target = request.headers['x-amz-target']?.split('.')[0];
  if (target !== undefined) return TARGETS[target] ?? null;
  if (request.path.startsWith('/2013-04-01/')) return 'route53';
  if (/^\/(?:2015-03-31|2016-08-19)\//.test(request.path)) return 'lambda';
  if (FORM.test(request.headers['content-type'] ?? '')) {
    const version = new URLSearchParams(request.body.toString('utf8')).get('Version');
    if (version === '2016-11-15') return 'ec2';
    if (version === '2010-08-01') return 'monitoring';
    if (version === '2011-06-15') return 'sts';
    return null;
  }
  const host = (request.headers.host ?? '').split('.')[0];
  return SCOPES[host ?? ''] ?? 's3';
}

/** Node's headers, each as one string. */
export function flattenHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name] = Array.isArray(value) ? value.join(',') : value;
  }
  return flat;
}
