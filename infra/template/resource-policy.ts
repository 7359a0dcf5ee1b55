import type { Fleet } from '../../src/fleet/fleet.ts';

interface Statement {
  Effect: 'Allow';
  Principal: '*';
  Action: 'execute-api:Invoke';
  Resource: string | string[];
  Condition: { StringEquals: { 'aws:SourceVpc': string | string[] } };
}

/** The API's methods. HEAD is GET without a body. */
const METHODS = ['GET', 'HEAD', 'POST'];

/**
 * The API's resource policy: a pod's VPC may call that pod's paths, an operator's VPC all paths, and nobody else anything.
 * Stage and method are spelt out, because a wildcard also covers slashes: a pattern that begins with a wildcard and goes on with blue would admit `/green/client/blue/…`.
 * Decision 0007.
 */
export function resourcePolicy(fleet: Fleet, stage: string): Statement[] {
  const pods = fleet.pods
    .filter((pod) => pod.vpc !== '')
    .map((pod) =>
      allow(
        METHODS.map((method) => `execute-api:/${stage}/${method}/${pod.name}/*`),
        pod.vpc,
      ),
    );
  return fleet.operatorVpcs.length === 0 ? pods : [...pods, allow(`execute-api:/${stage}/*`, fleet.operatorVpcs)];
}

function allow(resource: string | string[], vpc: string | string[]): Statement {
  return {
    Effect: 'Allow',
    Principal: '*',
    Action: 'execute-api:Invoke',
    Resource: resource,
    Condition: { StringEquals: { 'aws:SourceVpc': vpc } },
  };
}
