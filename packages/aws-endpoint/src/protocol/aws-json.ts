import { AwsError } from '../errors.ts';
import type { AwsRequest, AwsResponse } from '../request.ts';
import { unknownCall } from '../unknown-call.ts';

/** `X-Amz-Target: AmazonSSM.SendCommand` -> `SendCommand`; null without one. */
export function jsonOperation(request: AwsRequest): string | null {
  return request.headers['x-amz-target']?.split('.')[1] ?? null;
}

/** The members of a JSON call. An empty body is an empty call. */
export function jsonInput(request: AwsRequest): Record<string, unknown> {
  const text = request.body.toString('utf8').trim();
  if (text === '') return {};
  let input: unknown;
  try {
    input = JSON.parse(text);
  } catch {
    throw new AwsError('SerializationException', 'The request body is not valid JSON.');
  }
  if (input === null || typeof input !== 'object' || Array.isArray(input)) {
    throw new AwsError('SerializationException', 'Start of structure or map found where not expected.');
  }
  return input as Record<string, unknown>;
}

export function jsonResponse(
  version: '1.0' | '1.1',
  output: Record<string, unknown> | null,
  requestId: string,
): AwsResponse {
  return {
    status: 200,
    headers: { 'content-type': `application/x-amz-json-${version}`, 'x-amzn-requestid': requestId },
    body: output === null ? '' : JSON.stringify(output),
  };
}

/** `messageMember`: SSM's own errors say `Message`, the common ones `message`; an empty message is left out, as SSM does. */
export function jsonError(
  version: '1.0' | '1.1',
  error: AwsError,
  requestId: string,
  messageMember: 'Message' | 'message',
): AwsResponse {
  const members = { ...(error.message === '' ? {} : { [messageMember]: error.message }), ...error.members };
  return {
    status: error.status,
    headers: { 'content-type': `application/x-amz-json-${version}`, 'x-amzn-requestid': requestId },
    body: JSON.stringify({ __type: error.code, ...members }),
  };
}

/** The message is the endpoint's own; AWS sends none. `service`: `EventBridge`. */
export function jsonUnknownOperation(
  service: string,
  operations: readonly string[],
): (request: AwsRequest) => AwsError {
  return (request) => {
    const asked = jsonOperation(request) ?? 'of a request without X-Amz-Target';
    return new AwsError('UnknownOperationException', unknownCall(service, asked, operations));
  };
}

/** Seconds since the epoch with three decimals: the JSON protocols' timestamp. */
export function epochSeconds(epochMs: number): number {
  return Math.round(epochMs) / 1000;
}
