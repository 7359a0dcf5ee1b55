import type { APIGatewayProxyEvent } from 'aws-lambda';
import type { Fleet } from '../../src/fleet/fleet.ts';
import { headerOf } from './http.ts';
import { Problem } from './problem.ts';

/**
 * Whether the call came through a VPC of the operators: by what API Gateway itself says of a private API's caller, never by anything that
 * the caller sends. Where it says nothing, nobody is one. Decision 0130.
 */
export function isOperator(
  { operatorVpcs }: Pick<Fleet, 'operatorVpcs'>,
  { requestContext }: APIGatewayProxyEvent,
): boolean {
  const vpc = requestContext?.identity?.vpcId;
  return typeof vpc === 'string' && operatorVpcs.includes(vpc);
}

/** The gateway's resource policy keeps others out already; this holds where that is not so. */
export function operatorsOnly(fleet: Pick<Fleet, 'operatorVpcs'>, event: APIGatewayProxyEvent): void {
  if (isOperator(fleet, event)) return;
  throw new Problem(403, 'This is for operators: callers in a VPC that operatorVpcs of fleet.yml names.');
}

/** Whether it is a browser that asks, which shows a page. */
export function wantsPage(event: APIGatewayProxyEvent): boolean {
  return (headerOf(event, 'accept') ?? '').toLowerCase().includes('text/html');
}
