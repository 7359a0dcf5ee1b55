import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { AwsRequest, AwsResponse, ServiceName } from './request.ts';

/** One call as it went over the wire, with its answer. */
export interface Exchange {
  service: ServiceName;
  /** null: the request names none that the endpoint has. */
  operation: string | null;
  /** Its body unpacked: neither gzip nor, with S3, anything else is left of its transport but `aws-chunked`. */
  request: AwsRequest;
  response: AwsResponse;
}

/** The folder that exchanges are kept in, for holding them against AWS's service models. */
const FOLDER_VARIABLE = 'ENDPOINT_RECORD_WIRE';

/**
 * What keeps exchanges, a line of JSON each, in a file of this process; null unless the environment asks for it.
 * Decision 0031.
 */
export function wireRecorder(environment: NodeJS.ProcessEnv = process.env): ((exchange: Exchange) => void) | null {
  const folder = environment[FOLDER_VARIABLE];
  if (!folder) return null;
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${process.pid}.jsonl`);
  return (exchange) => appendFileSync(file, `${JSON.stringify(lineOf(exchange))}\n`);
}

function lineOf({ service, operation, request, response }: Exchange) {
  const { method, path, query, headers, body } = request;
  return {
    service,
    operation,
    request: { method, path, query: [...query], headers, body: body.toString('base64') },
    response: { ...response, body: Buffer.from(response.body).toString('base64') },
  };
}
