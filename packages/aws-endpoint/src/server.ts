import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { AwsError } from './errors.ts';
import type { Announce } from './events.ts';
import { type FaultQueue, faultError } from './faults.ts';
import {
  type AwsRequest,
  type AwsResponse,
  credentialScope,
  flattenHeaders,
  identifyService,
  type ServiceName,
} from './request.ts';
import type { Service } from './service.ts';
import type { Throttle } from './throttle.ts';
import { refuseUnknownService } from './unknown-service.ts';
import type { Exchange } from './wire.ts';

/** Larger than any request that the operations here take (CloudWatch's 1 MB is the largest); beyond it the connection is cut. */
const MAX_BODY_BYTES = 16 * 1_048_576;

export interface ServerDeps {
  services: Record<ServiceName, Service>;
  throttle: Throttle;
  faults: FaultQueue;
  announce: Announce;
  /** Hears of every call that was answered, also one that was refused. */
  record?: (exchange: Exchange) => void;
  /** Stands between each call that is signed and known, and its answer. */
  intercept?: Intercept;
}

/** One call on its way, for whoever stands between. */
export interface InterceptedCall {
  service: ServiceName;
  operation: string;
  request: AwsRequest;
  /** Carries the call out; an error of the service is an answer too. */
  handle(): Promise<AwsResponse>;
  /** A refusal in the service's own shape. */
  refuse(code: string, message: string, status: number): AwsResponse;
  /** As the service refuses a call that came too soon. */
  throttled(): AwsResponse;
  /** For an answer that is none: cut off, or never begun. */
  outgoing: ServerResponse;
}

/** Gives the answer; null: it has answered by `outgoing`, or nobody does. */
export type Intercept = (call: InterceptedCall) => Promise<AwsResponse | null>;

/** The HTTP server in front of the services: reads a request whole, finds its service, answers in that service's words. */
export function createAwsServer(deps: ServerDeps): Server {
  return createServer((incoming, outgoing) => {
    serve(incoming, outgoing, deps).catch(() => outgoing.destroy());
  });
}

async function serve(incoming: IncomingMessage, outgoing: ServerResponse, deps: ServerDeps): Promise<void> {
  const request = await readRequest(incoming);
  const requestId = randomUUID();
  const name = identifyService(request);
  if (name === null) return send(outgoing, refuseUnknownService(request, Object.keys(deps.services), requestId));
  const service = deps.services[name];
  const operation = service.operation(request);
  const answer = (response: AwsResponse) => {
    deps.record?.({ service: name, operation, request, response });
    send(outgoing, response);
  };
  const refuse = (error: AwsError) => {
    deps.announce({
      kind: 'refused',
      service: name,
      operation: operation ?? '',
      code: error.code,
      message: error.message,
    });
    answer(service.refuse(error, request, requestId));
  };
  if (!request.signed) return refuse(service.unsigned(request));
  if (operation === null) return refuse(service.unknownOperation(request));
  const fault = deps.faults.takeCall(operation);
  if (fault?.when === 'no answer') return void outgoing.destroy();
  if (fault?.when === 'instead') return refuse(faultError(fault));
  if (!deps.throttle.admit(name, operation)) return refuse(service.throttled(request));
  if (deps.intercept) {
    const response = await deps.intercept(interceptedCall(service, name, operation, request, requestId, outgoing));
    if (response !== null) answer(response);
    return;
  }
  try {
    const response = await service.handle(operation, request, requestId);
    if (fault?.when === 'answer lost') return void outgoing.destroy();
    if (fault?.when === 'after') return refuse(faultError(fault));
    answer(response);
  } catch (failure) {
    if (failure instanceof AwsError) return refuse(failure);
    deps.announce({
      kind: 'fault of the endpoint',
      service: name,
      operation,
      message: failure instanceof Error ? (failure.stack ?? failure.message) : String(failure),
    });
    send(
      outgoing,
      service.refuse(new AwsError('InternalFailure', 'The local endpoint failed.', 500), request, requestId),
    );
  }
}

function interceptedCall(
  service: Service,
  name: ServiceName,
  operation: string,
  request: AwsRequest,
  requestId: string,
  outgoing: ServerResponse,
): InterceptedCall {
  const shape = (error: AwsError) => service.refuse(error, request, requestId);
  return {
    service: name,
    operation,
    request,
    outgoing,
    refuse: (code, message, status) => shape(new AwsError(code, message, status)),
    throttled: () => shape(service.throttled(request)),
    async handle() {
      try {
        return await service.handle(operation, request, requestId);
      } catch (failure) {
        if (failure instanceof AwsError) return shape(failure);
        throw failure;
      }
    },
  };
}

async function readRequest(incoming: IncomingMessage): Promise<AwsRequest> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new Error('the request is too large');
    chunks.push(chunk);
  }
  const headers = flattenHeaders(incoming.headers);
  const wire = Buffer.concat(chunks);
  const url = new URL(incoming.url ?? '/', 'http://localhost');
  const scope = credentialScope(headers.authorization ?? '', url.searchParams);
  return {
    method: incoming.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    headers,
    body: /\bgzip\b/.test(headers['content-encoding'] ?? '') && scope?.service !== 's3' ? gunzip(wire) : wire,
    region: scope?.region ?? 'us-east-1',
    signed: headers.authorization !== undefined || url.searchParams.has('X-Amz-Signature'),
  };
}

/** A body that is no gzip stays as it is: the service then finds it malformed. */
function gunzip(wire: Buffer): Buffer {
  try {
    return gunzipSync(wire, { maxOutputLength: MAX_BODY_BYTES });
  } catch {
    return wire;
  }
}

function send(outgoing: ServerResponse, response: AwsResponse): void {
  const body = Buffer.from(response.body);
  // A HEAD tells the length of what it does not send.
  outgoing.writeHead(response.status, {
    'content-length': String(body.length),
    ...response.headers,
    date: new Date().toUTCString(),
  });
  outgoing.end(body);
}
