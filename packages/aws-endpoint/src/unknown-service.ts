import { AwsError } from './errors.ts';
import { jsonError } from './protocol/aws-json.ts';
import { restXmlError } from './protocol/rest-xml.ts';
import { type AwsRequest, type AwsResponse, credentialScope } from './request.ts';

/** What the `aws` command calls them, where it is not the name they are signed for. */
const COMMANDS: Record<string, string> = { monitoring: 'cloudwatch' };
/** Services of AWS that speak rest-xml; the other REST services speak JSON. */
const REST_XML = /^(s3.*|route53|cloudfront)$/;

/** 404 UnknownService, which names the services that there are, in the protocol that the request speaks. */
export function refuseUnknownService(request: AwsRequest, services: readonly string[], requestId: string): AwsResponse {
  const scope = credentialScope(request.headers.authorization ?? '', request.query)?.service ?? '';
  const known = services.map((name) => COMMANDS[name] ?? name).toSorted();
  const asked = scope === '' ? 'such service' : `service ${scope}`;
  const error = new AwsError('UnknownService', `The local endpoint has no ${asked}. It has ${known.join(', ')}.`, 404);
  if (request.headers['x-amz-target'] !== undefined) return jsonError('1.1', error, requestId, 'message');
  const isForm = /^application\/x-www-form-urlencoded/i.test(request.headers['content-type'] ?? '');
  if (isForm || scope === '' || REST_XML.test(scope))
    return restXmlError(error, 'http://webservices.amazon.com/', requestId);
  const response = jsonError('1.1', error, requestId, 'message');
  const headers = { 'content-type': 'application/json', 'x-amzn-errortype': error.code, 'x-amzn-requestid': requestId };
  return { ...response, headers };
}
