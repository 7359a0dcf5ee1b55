import type { AwsError } from '../errors.ts';
import type { AwsRequest, AwsResponse } from '../request.ts';
import { writeXml, type XmlNode } from './xml.ts';

/** The fields of a query-protocol call, from its form body (or a GET's query). */
export function queryForm(request: AwsRequest): URLSearchParams {
  return request.method === 'GET' ? request.query : new URLSearchParams(request.body.toString('utf8'));
}

/**
 * `MetricData.member.1.MetricName=x` -> `{ MetricData: [{ MetricName: 'x' }] }`: the query protocol's lists (`member.N`),
 * and EC2's bare ones (`Filter.1.Value.2`). Numbers become positions in order, gaps are closed.
 */
export function unflatten(form: URLSearchParams): Record<string, unknown> {
  const tree: Record<string, unknown> = {};
  for (const [path, value] of form) {
    const steps = path.split('.').filter((step) => step !== 'member');
    let node = tree;
    for (const step of steps.slice(0, -1)) {
      const child = Object.hasOwn(node, step) ? node[step] : undefined;
      if (child === null || typeof child !== 'object') node[step] = Object.create(null) as Record<string, unknown>;
      node = node[step] as Record<string, unknown>;
    }
    const last = steps.at(-1);
    if (last !== undefined && last !== '__proto__') node[last] = value;
  }
  return lists(tree) as Record<string, unknown>;
}

function lists(node: unknown): unknown {
  if (node === null || typeof node !== 'object') return node;
  const entries = Object.entries(node as Record<string, unknown>);
  if (entries.length > 0 && entries.every(([name]) => /^\d+$/.test(name))) {
    return entries.sort(([a], [b]) => Number(a) - Number(b)).map(([, value]) => lists(value));
  }
  return Object.fromEntries(entries.map(([name, value]) => [name, lists(value)]));
}

/** `<ActionResponse><ActionResult>…</ActionResult><ResponseMetadata>`. null: an operation without output. */
export function queryResponse(
  action: string,
  namespace: string,
  result: Record<string, XmlNode | XmlNode[] | undefined> | null,
  requestId: string,
): AwsResponse {
  const children = {
    ...(result === null ? {} : { [`${action}Result`]: result }),
    ResponseMetadata: { RequestId: requestId },
  };
  return xml(200, requestId, writeXml(`${action}Response`, namespace, children));
}

/** EC2's own: no result wrapper, `requestId` first. */
export function ec2Response(
  action: string,
  namespace: string,
  result: Record<string, XmlNode | XmlNode[] | undefined>,
  requestId: string,
): AwsResponse {
  return xml(200, requestId, writeXml(`${action}Response`, namespace, { requestId, ...result }));
}

export function ec2Error(error: AwsError, requestId: string): AwsResponse {
  const children = { Errors: { Error: { Code: error.code, Message: error.message } }, RequestID: requestId };
  return xml(error.status, requestId, writeXml('Response', null, children));
}

function xml(status: number, requestId: string, body: string): AwsResponse {
  return { status, headers: { 'content-type': 'text/xml;charset=UTF-8', 'x-amzn-requestid': requestId }, body };
}
