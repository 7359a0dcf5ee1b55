import middy, { type Request } from '@middy/core';
import type { APIGatewayProxyEvent, APIGatewayProxyResult, Context } from 'aws-lambda';
import { AwsCallError } from '../../src/aws/errors.ts';
import { causeOf } from '../lambda/cause.ts';
import { inTime, OutOfTime } from '../lambda/deadline.ts';
import { OWN_TIMEOUT } from '../lambda/middy.ts';
import { tickIdOf } from '../lambda/tick-id.ts';
import { isNamed } from './etag.ts';
import { misspeltParameter } from './misspelt.ts';
import { Problem } from './problem.ts';

export type Method = 'GET' | 'HEAD' | 'POST';

/** What a handler is asked, out of an event of API Gateway's REST proxy (payload version 1.0). */
export interface Call {
  /** Path parameters, decoded by the gateway: whatever a caller wrote. */
  path: Record<string, string>;
  /** Of a parameter given twice the last. */
  query: Record<string, string>;
  /** All else that the gateway says of it. */
  event: APIGatewayProxyEvent;
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

/**
 * The chain that all HTTP functions share. `respond` throws `Problem` for what the caller got wrong. A call to AWS that failed is
 * a 502, or a 504 when there was no answer in time, in podtime's own words; anything else it throws is a 500 that tells nothing.
 * These are logged. Whatever hangs, a 504 goes out while the gateway waits. HEAD is GET without the body.
 *
 * `parameters` are those of the query that `respond` reads: one that is such but for a slip of the hand is a 400, any other is not looked at.
 *
 * `show` is how a problem is shown to who asks for a page. Most requests are for a file that was rendered before: what they cost is this file. So nothing is copied that nobody asks for.
 */
export function http(
  methods: readonly Method[],
  respond: (call: Call, context: Context) => Page | Promise<Page>,
  parameters: readonly string[] = [],
  show: ShowProblem = () => null,
) {
  return middy<unknown, APIGatewayProxyResult>(OWN_TIMEOUT)
    .onError((request) => answerProblem(request, show))
    .handler(async (event: unknown, context: Context) => {
      if (!isProxyEvent(event)) throw notAProxyEvent();
      if (!(methods as readonly string[]).includes(event.httpMethod)) throw notAllowed(methods);
      const call = callOf(event);
      if (event.queryStringParameters) refuseMisspelt(call, parameters);
      const page = respond(call, context);
      return answerOf(page instanceof Promise ? await inTime(context, page) : page, event);
    });
}

/** What stands for the problem's own answer; null: nothing. */
export type ShowProblem = (problem: Problem, event: APIGatewayProxyEvent) => APIGatewayProxyResult | null;

function answerProblem(request: Request<unknown, APIGatewayProxyResult>, show: ShowProblem): void {
  const { error, event, context } = request;
  const requestId = requestIdOf(event, context);
  const { httpMethod, pathParameters } = { ...(event as Partial<APIGatewayProxyEvent> | null) };
  const problem = problemOf(error, requestId);
  const shown = isProxyEvent(event) ? show(problem, event) : null;
  request.response = bodiless(httpMethod, shown ?? problem.answer());
  if (error instanceof Problem && error.status < 500) return;
  console.error({
    pod: pathParameters?.pod,
    tickId: tickIdOf(context),
    requestId,
    failed: error?.message,
    stack: error?.stack,
    cause: causeOf(error),
  });
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

function notAProxyEvent(): Problem {
  return new Problem(
    400,
    'This function answers API Gateway proxy events: httpMethod, headers and pathParameters as the gateway sends them.',
  );
}

function isProxyEvent(event: unknown): event is APIGatewayProxyEvent {
  if (!isGroup(event) || typeof event.httpMethod !== 'string') return false;
  const { pathParameters, queryStringParameters, headers, multiValueHeaders } = event;
  return (
    isGroupOf(isText, pathParameters) &&
    isGroupOf(isText, queryStringParameters) &&
    isGroupOf(isText, headers) &&
    isGroupOf(isListOfText, multiValueHeaders)
  );
}

function isGroup(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Of these values, or absent. */
function isGroupOf(holds: (value: unknown) => boolean, group: unknown): boolean {
  if (group === null || group === undefined) return true;
  if (!isGroup(group)) return false;
  for (const name in group) if (!holds(group[name])) return false;
  return true;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isListOfText(value: unknown): boolean {
  return Array.isArray(value) && value.every(isText);
}

function notAllowed(methods: readonly Method[]): Problem {
  const allow = methods.join(', ');
  return new Problem(405, `This path answers ${allow}.`, { allow });
}

/** Who misspells a parameter would take an answer for one to what was asked. */
function refuseMisspelt({ path, query }: Call, parameters: readonly string[]): void {
  for (const name in query) {
    const fault = parameters.includes(name) ? null : misspeltParameter(name, parameters, Object.keys(path));
    if (fault !== null) throw new Problem(400, fault);
  }
}

function callOf(event: APIGatewayProxyEvent): Call {
  const { pathParameters, queryStringParameters } = event;
  return {
    event,
    path: (pathParameters ?? {}) as Record<string, string>,
    query: (queryStringParameters ?? {}) as Record<string, string>,
  };
}

function requestIdOf(event: unknown, context: Context): string {
  return (
    context.awsRequestId ?? (event as Partial<APIGatewayProxyEvent> | null)?.requestContext?.requestId ?? 'unknown'
  );
}

/** By its name in lower case. The gateway hands names on as the caller spelt them, and a header sent twice whole only in `multiValueHeaders`. */
export function headerOf({ headers, multiValueHeaders }: APIGatewayProxyEvent, name: string): string | undefined {
  let found: string | undefined;
  for (const given in headers) if (isSpelt(given, name)) found = headers[given];
  for (const given in multiValueHeaders) if (isSpelt(given, name)) found = multiValueHeaders[given]?.join(', ');
  return found;
}

function isSpelt(given: string, name: string): boolean {
  return given.length === name.length && given.toLowerCase() === name;
}

function answerOf(page: Page, event: APIGatewayProxyEvent): APIGatewayProxyResult {
  const { status = 200, type, body, tag, cacheControl = 'no-store' } = page;
  const headers: Record<string, string> = { 'content-type': type, 'cache-control': cacheControl };
  if (tag !== undefined) headers.etag = `"${tag}"`;
  if (page.headers) Object.assign(headers, page.headers);
  const answer = { statusCode: status, headers, body };
  if (tag === undefined || status !== 200 || event.httpMethod === 'POST') return bodiless(event.httpMethod, answer);
  if (!isNamed(`"${tag}"`, headerOf(event, 'if-none-match'))) return bodiless(event.httpMethod, answer);
  const { 'content-type': _, ...kept } = headers;
  return { statusCode: 304, headers: kept, body: '' };
}

/** HEAD: as GET but for the body, whose length is said, as the gateway would count that of the empty one (RFC 9110, 8.6). */
function bodiless(method: unknown, answer: APIGatewayProxyResult): APIGatewayProxyResult {
  if (method !== 'HEAD') return answer;
  const length = String(Buffer.byteLength(answer.body));
  return { ...answer, headers: { ...answer.headers, 'content-length': length }, body: '' };
}
