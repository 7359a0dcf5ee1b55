import middy, { type MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEvent, APIGatewayProxyResult, Context } from 'aws-lambda';
import { AwsCallError } from '../../src/aws/errors.ts';
import { inTime, OutOfTime } from '../lambda/deadline.ts';
import { OWN_TIMEOUT } from '../lambda/middy.ts';
import { tickIdOf } from '../lambda/tick-id.ts';
import { isNamed } from './etag.ts';
import { Problem } from './problem.ts';

export type Method = 'GET' | 'HEAD' | 'POST';

/** What a handler is asked, out of an event of API Gateway's REST proxy (payload version 1.0). */
export interface Call {
  method: Method;
  /** Path parameters, decoded by the gateway: whatever a caller wrote. */
  path: Record<string, string>;
  /** Of a parameter given twice the last. */
  query: Record<string, string>;
  /** Names in lower case. */
  headers: Record<string, string>;
  body: string | null;
  requestId: string;
}

/** What a handler answers. */
export interface Page {
  /** 200 unless said. */
  status?: number;
  /** Media type, such as `text/plain; charset=utf-8`. */
  type: string;
  body: string;
  /** Names this very body: without quotes, strong. With it, callers may ask whether theirs is still it. */
  tag?: string;
  /** What caches may do; `no-store` unless said. */
  cacheControl?: string;
  /** Further ones; names in lower case. */
  headers?: Record<string, string>;
}

type Chain = MiddlewareObj<unknown, APIGatewayProxyResult>;

/**
 * The chain that all HTTP functions share. `respond` throws `Problem` for what the caller got wrong. A call to AWS that failed is
 * a 502, or a 504 when there was no answer in time, in podtime's own words; anything else it throws is a 500 that tells nothing.
 * These are logged. Whatever hangs, a 504 goes out while the gateway waits. HEAD is GET without the body.
 */
export function http(methods: readonly Method[], respond: (call: Call, context: Context) => Page | Promise<Page>) {
  return middy<unknown, APIGatewayProxyResult>(OWN_TIMEOUT)
    .use(problems())
    .use(proxyEventsOnly())
    .use(methodsOnly(methods))
    .handler(async (event: unknown, context: Context) => {
      const call = callOf(event as APIGatewayProxyEvent, context);
      const page = respond(call, context);
      return answerOf(page instanceof Promise ? await inTime(context, page) : page, call);
    });
}

function problems(): Chain {
  return {
    onError: (request) => {
      const { error, event, context } = request;
      const requestId = requestIdOf(event, context);
      request.response = bodiless(event, problemOf(error, requestId).answer());
      if (error instanceof Problem && error.status < 500) return;
      console.error({
        pod: (event as Partial<APIGatewayProxyEvent> | null)?.pathParameters?.pod,
        tickId: tickIdOf(context),
        requestId,
        failed: error?.message,
        stack: error?.stack,
        cause: String(error?.cause ?? ''),
      });
    },
  };
}

/** A run without an answer in time, and a call that had none: also when no time was left for it. */
const TIMED_OUT = ['TimeoutError', 'NoTimeLeft'];

function problemOf(error: Error | undefined | null, requestId: string): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof AwsCallError) {
    return new Problem(TIMED_OUT.includes(error.code) ? 504 : 502, sentenceOf(error));
  }
  if (error instanceof OutOfTime) return new Problem(504, `${error.message} Its log has request ${requestId}.`);
  return new Problem(500, `podtime failed at this request. Its log has request ${requestId}.`);
}

function sentenceOf({ message }: Error): string {
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
}

function proxyEventsOnly(): Chain {
  return {
    before: ({ event }) => {
      if (isProxyEvent(event)) return;
      throw new Problem(
        400,
        'This function answers API Gateway proxy events: httpMethod, headers and pathParameters as the gateway sends them.',
      );
    },
  };
}

function isProxyEvent(event: unknown): event is APIGatewayProxyEvent {
  if (!isGroup(event) || typeof event.httpMethod !== 'string') return false;
  return (
    [event.pathParameters, event.queryStringParameters, event.headers].every(
      (values) => values == null || isGroupOf(values, isText),
    ) &&
    (event.multiValueHeaders == null ||
      isGroupOf(event.multiValueHeaders, (values) => Array.isArray(values) && values.every(isText)))
  );
}

function isGroup(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isGroupOf(value: unknown, holds: (value: unknown) => boolean): boolean {
  return isGroup(value) && Object.values(value).every(holds);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function methodsOnly(methods: readonly Method[]): Chain {
  return {
    before: ({ event }) => {
      const { httpMethod } = event as APIGatewayProxyEvent;
      if ((methods as readonly string[]).includes(httpMethod)) return;
      const allow = methods.join(', ');
      throw new Problem(405, `This path answers ${allow}.`, { allow });
    },
  };
}

function callOf(event: APIGatewayProxyEvent, context: Context): Call {
  return {
    method: event.httpMethod as Method,
    path: { ...event.pathParameters } as Record<string, string>,
    query: { ...event.queryStringParameters } as Record<string, string>,
    headers: headersOf(event),
    body: event.body ?? null,
    requestId: requestIdOf(event, context),
  };
}

/** The gateway hands names on as the caller spelt them, and a header sent twice whole only in multiValueHeaders. */
function headersOf({ headers, multiValueHeaders }: APIGatewayProxyEvent): Record<string, string> {
  const byName: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers ?? {})) byName[name.toLowerCase()] = value ?? '';
  for (const [name, values] of Object.entries(multiValueHeaders ?? {})) {
    byName[name.toLowerCase()] = values?.join(', ') ?? '';
  }
  return byName;
}

function requestIdOf(event: unknown, context: Context): string {
  return (
    context.awsRequestId ?? (event as Partial<APIGatewayProxyEvent> | null)?.requestContext?.requestId ?? 'unknown'
  );
}

function answerOf(
  { status = 200, type, body, tag, cacheControl = 'no-store', headers: others }: Page,
  call: Call,
): APIGatewayProxyResult {
  const etag = tag === undefined ? null : `"${tag}"`;
  const headers: Record<string, string> = {
    'cache-control': cacheControl,
    ...(etag === null ? {} : { etag }),
    ...others,
  };
  const reading = call.method !== 'POST';
  if (etag !== null && reading && status === 200 && isNamed(etag, call.headers['if-none-match'])) {
    return { statusCode: 304, headers, body: '' };
  }
  return bodiless(
    { httpMethod: call.method },
    { statusCode: status, headers: { 'content-type': type, ...headers }, body },
  );
}

/** HEAD: as GET but for the body, whose length is said, as the gateway would count that of the empty one (RFC 9110, 8.6). */
function bodiless(event: unknown, answer: APIGatewayProxyResult): APIGatewayProxyResult {
  if ((event as { httpMethod?: unknown } | null)?.httpMethod !== 'HEAD') return answer;
  const length = String(Buffer.byteLength(answer.body));
  return { ...answer, headers: { ...answer.headers, 'content-length': length }, body: '' };
}
