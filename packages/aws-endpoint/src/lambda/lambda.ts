import { AwsError } from '../errors.ts';
import type { Announce } from '../events.ts';
import { page } from '../paging.ts';
import type { AwsRequest, AwsResponse } from '../request.ts';
import type { Service } from '../service.ts';
import { closest, commandOf, unknownCall } from '../unknown-call.ts';
import { describeFunction, type FunctionDefinition, functionArn, splitName } from './function.ts';
import type { Invoke } from './invoker.ts';

const ROUTES: [method: string, path: RegExp, operation: string][] = [
  ['POST', /^\/2015-03-31\/functions\/([^/]+)\/invocations\/?$/, 'Invoke'],
  ['GET', /^\/2015-03-31\/functions\/?$/, 'ListFunctions'],
  ['GET', /^\/2015-03-31\/functions\/([^/]+)\/configuration\/?$/, 'GetFunctionConfiguration'],
  ['GET', /^\/2016-08-19\/account-settings\/?$/, 'GetAccountSettings'],
];
const OPERATIONS = ROUTES.map(([, , operation]) => operation);

/** Lambda developer guide, "Quotas", invocation payload. */
const MAX_PAYLOAD_BYTES: Record<string, number> = { RequestResponse: 6_291_456, Event: 1_048_576 };
/** API reference, ListFunctions: "up to 50 functions per call". */
const FUNCTION_PAGE = 50;
/** Service model: how these errors name their message, beside a `Type`; what is no error of Lambda's own has `message` alone. */
const MESSAGE_MEMBERS: Record<string, string> = {
  ResourceNotFoundException: 'Message',
  ServiceException: 'Message',
  InvalidParameterValueException: 'message',
  InvalidRequestContentException: 'message',
  RequestTooLargeException: 'message',
  TooManyRequestsException: 'message',
};

/** How many functions may run at one time, and how many of these no function has reserved. */
export interface Concurrency {
  executions: number;
  unreserved: number;
}

/** Lambda developer guide, "Quotas": what an account has unless it is new, or has asked for more. */
export const DEFAULT_CONCURRENCY: Concurrency = { executions: 1000, unreserved: 1000 };
/** As above: all functions of a region together; one function's archive, unzipped and uploaded directly. */
const CODE_BYTES = { all: 80_530_636_800, unzipped: 262_144_000, zipped: 52_428_800 };

export interface LambdaDeps {
  functions: readonly FunctionDefinition[];
  region: string;
  concurrency: Concurrency;
  /** Calls a function and answers what it did; null: nobody runs functions here. */
  call: Invoke | null;
  /** Asynchronous invocation, with Lambda's repeats. */
  invokeLater(functionName: string, payload: unknown, cause: string): void;
  announce: Announce;
  /** Epoch ms: when the functions were deployed. */
  startedAtMs: number;
}

/** Lambda's REST API, version 2015-03-31, over the functions of the template: they are invoked by name, and told of. */
export function createLambda(deps: LambdaDeps): Service {
  const { functions, region, concurrency, announce, startedAtMs } = deps;
  const names = functions.map(({ name }) => name);

  const find = (given: string, more: string | null): FunctionDefinition => {
    const { name, qualifier = more } = splitName(given);
    const wanted = qualifier ?? more ?? '$LATEST';
    const found = functions.find((candidate) => candidate.name === name);
    if (found !== undefined && wanted === '$LATEST') return found;
    const arn = functionArn(region, name) + (wanted === '$LATEST' ? '' : `:${wanted}`);
    const close = closest(name, names);
    const there = names.length === 0 ? 'The template has no functions.' : `The template has ${names.join(', ')}.`;
    const hint = close === null || close === name ? '' : ` Did you mean ${close}?`;
    throw new AwsError('ResourceNotFoundException', `Function not found: ${arn}.${hint} ${there}`, 404);
  };

  const invoke = async (request: AwsRequest, name: string): Promise<AwsResponse> => {
    const { name: functionName } = find(name, request.query.get('Qualifier'));
    const kind = request.headers['x-amz-invocation-type'] || 'RequestResponse';
    const payload = readPayload(request.body, kind);
    if (kind === 'DryRun') return { status: 204, headers: {}, body: '' };
    if (deps.call === null)
      throw new AwsError(
        'NotImplemented',
        'This local endpoint was started without anything that runs functions.',
        501,
      );
    if (kind === 'Event') {
      deps.invokeLater(functionName, payload, 'Invoke');
      return { status: 202, headers: {}, body: '' };
    }
    const told = { functionName, cause: 'Invoke', attempt: 1 };
    announce({ kind: 'function invoked', ...told });
    const headers = { 'x-amz-executed-version': '$LATEST', 'content-type': 'application/json' };
    try {
      const answer = await deps.call(functionName, payload);
      return { status: 200, headers, body: JSON.stringify(answer ?? null) };
    } catch (failure) {
      const errorMessage = failure instanceof Error ? failure.message : String(failure);
      announce({ kind: 'function failed', ...told, message: errorMessage, retried: false });
      const errorType = failure instanceof Error ? failure.name : 'Error';
      return {
        status: 200,
        headers: { ...headers, 'x-amz-function-error': 'Unhandled' },
        body: JSON.stringify({ errorType, errorMessage }),
      };
    }
  };

  const listFunctions = ({ query }: AwsRequest): AwsResponse => {
    const asked = query.get('MaxItems');
    const size = asked === null ? FUNCTION_PAGE : Number(asked);
    if (!Number.isInteger(size) || size < 1 || size > 10_000)
      throw invalid(`Value ${asked} at 'maxItems' failed to satisfy constraint: Member must be between 1 and 10000`);
    const marker = query.get('Marker');
    const found = readPage(() => page(functions, Math.min(size, FUNCTION_PAGE), marker, 'ListFunctions'));
    const Functions = found.items.map((definition) => describeFunction(definition, region, startedAtMs));
    return json({ NextMarker: found.nextToken, Functions });
  };

  const operations: Record<string, (request: AwsRequest, name: string) => AwsResponse | Promise<AwsResponse>> = {
    Invoke: invoke,
    ListFunctions: listFunctions,
    GetFunctionConfiguration: (request, name) => {
      const told = describeFunction(find(name, request.query.get('Qualifier')), region, startedAtMs);
      return json({ ...told, State: 'Active', LastUpdateStatus: 'Successful' });
    },
    GetAccountSettings: () =>
      json({
        AccountLimit: {
          TotalCodeSize: CODE_BYTES.all,
          CodeSizeUnzipped: CODE_BYTES.unzipped,
          CodeSizeZipped: CODE_BYTES.zipped,
          ConcurrentExecutions: concurrency.executions,
          UnreservedConcurrentExecutions: concurrency.unreserved,
        },
        AccountUsage: { TotalCodeSize: 0, FunctionCount: functions.length },
      }),
  };

  return {
    operations: OPERATIONS,
    operation: (request) => route(request)?.operation ?? null,
    async handle(operation, request, requestId) {
      const answer = await (operations[operation] as (typeof operations)[string])(request, route(request)?.name ?? '');
      return { ...answer, headers: { 'x-amzn-requestid': requestId, ...answer.headers } };
    },
    refuse: (error, _request, requestId) => ({
      status: error.status,
      headers: {
        'content-type': 'application/json',
        'x-amzn-requestid': requestId,
        'x-amzn-errortype': error.code,
      },
      body: JSON.stringify({
        Type: !(error.code in MESSAGE_MEMBERS) ? undefined : error.status < 500 ? 'User' : 'Service',
        [MESSAGE_MEMBERS[error.code] ?? 'message']: error.message,
      }),
    }),
    unknownOperation: (request) => {
      const asked = commandOf(request) ?? `${request.method} ${request.path}`;
      return new AwsError('UnknownOperationException', unknownCall('Lambda', asked, OPERATIONS), 404);
    },
    unsigned: () => new AwsError('MissingAuthenticationTokenException', 'Missing Authentication Token', 403),
    throttled: () => new AwsError('TooManyRequestsException', 'Rate exceeded', 429),
  };
}

function route(request: AwsRequest): { operation: string; name: string } | null {
  for (const [method, pattern, operation] of ROUTES) {
    const match = method === request.method ? pattern.exec(request.path) : null;
    if (match !== null) return { operation, name: decodeURIComponent(match[1] ?? '') };
  }
  return null;
}

const json = (body: object): AwsResponse => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

const invalid = (message: string) => new AwsError('InvalidParameterValueException', message);

/** Lambda's code for a marker that it never gave. */
function readPage<Page>(read: () => Page): Page {
  try {
    return read();
  } catch (failure) {
    throw failure instanceof AwsError ? invalid('The specified marker is not valid.') : failure;
  }
}

/** An empty body is an empty event. */
function readPayload(body: Buffer, kind: string): unknown {
  const most = kind === 'DryRun' ? MAX_PAYLOAD_BYTES.RequestResponse : MAX_PAYLOAD_BYTES[kind];
  if (most === undefined) {
    throw invalid(
      `Value '${kind}' at 'invocationType' failed to satisfy constraint: Member must satisfy enum value set: [Event, RequestResponse, DryRun]`,
    );
  }
  if (body.length > most) {
    const message = `${body.length} byte payload is too large for the ${kind} invocation type (limit ${most} bytes)`;
    throw new AwsError('RequestTooLargeException', message, 413);
  }
  if (body.length === 0) return {};
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (failure) {
    const reason = (failure as Error).message;
    throw new AwsError('InvalidRequestContentException', `Could not parse request body into json: ${reason}`);
  }
}
