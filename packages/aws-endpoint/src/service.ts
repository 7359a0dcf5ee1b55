import type { AwsError } from './errors.ts';
import type { AwsRequest, AwsResponse } from './request.ts';

/** One AWS service behind the endpoint. */
export interface Service {
  /** Names of the operations that it has. */
  operations: readonly string[];
  /** The operation a request names; null when it is none that the endpoint has. */
  operation(request: AwsRequest): string | null;
  /** Carries it out. Throws AwsError for what the real service would refuse. */
  handle(operation: string, request: AwsRequest, requestId: string): AwsResponse | Promise<AwsResponse>;
  /** The service's own error shape, in the protocol that the request spoke. */
  refuse(error: AwsError, request: AwsRequest, requestId: string): AwsResponse;
  /** What it says to an operation that the endpoint does not have. */
  unknownOperation(request: AwsRequest): AwsError;
  /** What it says to a request without credentials. */
  unsigned(request: AwsRequest): AwsError;
  /** What it says above its rate. */
  throttled(request: AwsRequest): AwsError;
}
