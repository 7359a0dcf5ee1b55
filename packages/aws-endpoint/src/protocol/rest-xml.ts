import type { AwsError } from '../errors.ts';
import type { AwsResponse } from '../request.ts';
import { writeXml, type XmlNode } from './xml.ts';

/** An answer of a rest-xml service (Route 53). */
export function restXmlResponse(
  root: string,
  namespace: string,
  children: Record<string, XmlNode | XmlNode[] | undefined>,
  requestId: string,
  more: { status?: number; headers?: Record<string, string> } = {},
): AwsResponse {
  return {
    status: more.status ?? 200,
    headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId, ...more.headers },
    body: writeXml(root, namespace, children),
  };
}

/** `<ErrorResponse><Error><Type><Code><Message></Error><RequestId>`: also the shape of the query protocol's errors. */
export function restXmlError(error: AwsError, namespace: string, requestId: string): AwsResponse {
  const type = error.status < 500 ? 'Sender' : 'Receiver';
  return restXmlResponse(
    'ErrorResponse',
    namespace,
    { Error: { Type: type, Code: error.code, Message: error.message }, RequestId: requestId },
    requestId,
    { status: error.status },
  );
}
