import type { Fleet } from '../../src/fleet/fleet.ts';

interface Statement {
  Effect: 'Allow' | 'Deny';
  Principal: '*';
  Action: 'execute-api:Invoke';
  Resource: string | string[];
  /** Missing: of every call. */
  Condition?: Partial<Record<'StringEquals' | 'StringNotEquals', { 'aws:SourceVpc': string | string[] }>>;
}

/** The API's methods. HEAD is GET without a body. */
const METHODS = ['GET', 'HEAD', 'POST'];

/**
 * The API's resource policy: a pod's VPC may call that pod's paths, an operator's VPC all paths, and nobody else anything.
 * Stage and method are spelt out, because a wildcard also covers slashes: a pattern that begins with a wildcard and goes on with blue would admit `/green/client/blue/…`.
 * Single hosts are for operators alone, which is denied to all others: so a pod's statement stays as short as it is. Decision 0007,
 * decision 0130.
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
  const operators = fleet.operatorVpcs;
  const ofHosts = denyHosts(stage, operators);
  return operators.length === 0 ? [...pods, ofHosts] : [...pods, allow(`execute-api:/${stage}/*`, operators), ofHosts];
}

function denyHosts(stage: string, operators: string[]): Statement {
  return {
    Effect: 'Deny',
    Principal: '*',
    Action: 'execute-api:Invoke',
    Resource: ['GET', 'HEAD'].map((method) => `execute-api:/${stage}/${method}/*/hosts/*`),
    ...(operators.length > 0 && { Condition: { StringNotEquals: { 'aws:SourceVpc': operators } } }),
  };
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
