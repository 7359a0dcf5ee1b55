import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { APIGatewayProxyEvent, APIGatewayProxyResult, Context } from 'aws-lambda';

export type HttpHandler = (event: unknown, context: Context) => Promise<APIGatewayProxyResult>;

/** A context as Lambda hands it over, with the request's id. */
export const CONTEXT = {
  awsRequestId: '11111111-2222-4333-8444-555555555555',
  getRemainingTimeInMillis: () => 30_000,
} as Context;

/** The VPC of operators, in tests. */
export const OPERATOR_VPC = 'vpc-0a0a0a0a0a0a0a0a0';

/** The same event as a private API sends it for a caller of this VPC. */
export function fromVpc(vpcId: string, event: APIGatewayProxyEvent): APIGatewayProxyEvent {
  const identity = { ...event.requestContext.identity, vpcId, vpceId: 'vpce-0a0a0a0a0a0a0a0a0' };
  return { ...event, requestContext: { ...event.requestContext, identity } };
}

/** An event as API Gateway's REST proxy sends it, by payload version 1.0. */
export function proxyEvent(
  method: string,
  pathParameters: Record<string, string> | null,
  headers: Record<string, string> = {},
  resource = '/{pod}/{tier}/{az}/{file}',
  query: Record<string, string> | null = null,
): APIGatewayProxyEvent {
  const path = `/${Object.values(pathParameters ?? {}).join('/')}`;
  return {
    resource,
    path,
    httpMethod: method,
    headers,
    multiValueHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
    queryStringParameters: query,
    multiValueQueryStringParameters:
      query && Object.fromEntries(Object.entries(query).map(([name, value]) => [name, [value]])),
    pathParameters,
    stageVariables: null,
    requestContext: { requestId: 'aaaaaaaa-2222-4333-8444-555555555555' } as APIGatewayProxyEvent['requestContext'],
    body: null,
    isBase64Encoded: false,
  };
}

export interface Gateway {
  /** `http://127.0.0.1:PORT` */
  url: string;
  /** `GET /blue/…` of every request, in order. */
  requests: string[];
  close(): Promise<void>;
}

/** A real HTTP server in front of handlers, which routes as the API does. */
export async function gateway(route: (method: string, parts: string[]) => HttpHandler | null): Promise<Gateway> {
  const requests: string[] = [];
  const server: Server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://gateway');
    const parts = pathname.slice(1).split('/').map(decodeURIComponent);
    const handler = route(request.method ?? '', parts);
    if (handler === null) {
      response.writeHead(403).end();
      return;
    }
    handler(eventOf(request, parts, searchParams), CONTEXT).then(
      ({ statusCode, headers, body }) => response.writeHead(statusCode, headers as Record<string, string>).end(body),
      (error) => response.writeHead(502).end(String(error)),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function eventOf(
  request: IncomingMessage,
  [pod = '', tier = '', az = '', file = '']: string[],
  query: URLSearchParams,
): APIGatewayProxyEvent {
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );
  const parameters = query.size === 0 ? null : Object.fromEntries(query);
  return proxyEvent(request.method ?? '', { pod, tier, az, file }, headers, undefined, parameters);
}
