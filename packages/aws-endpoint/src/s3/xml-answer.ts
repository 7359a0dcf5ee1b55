import { writeXml, type XmlNode } from '../protocol/xml.ts';
import type { AwsResponse } from '../request.ts';

const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';

/** An answer of 200 with a document. */
export function xmlAnswer(root: string, children: Record<string, XmlNode | XmlNode[] | undefined>): AwsResponse {
  return { status: 200, headers: { 'content-type': 'application/xml' }, body: writeXml(root, NAMESPACE, children) };
}
