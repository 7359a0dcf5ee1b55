import type { EndpointOptions } from '@podtime/aws-endpoint';
import type { Fleet } from '../../../../src/fleet/fleet.ts';

/** An operator who read docs lowers the zone's SOA; a name that is missing is still remembered as missing for a minute. */
const SOA = { ttlSeconds: 60, minimumSeconds: 60 };

/** What of a pod's network is there before the stack: its zone, and its VPC with the endpoints that its file names. */
export function networkOf({ pods }: Pick<Fleet, 'pods'>, region: string): Pick<EndpointOptions, 'zones' | 'vpcs'> {
  return {
    zones: pods.map((pod) => ({ ...pod.zone, vpc: pod.vpc, region, soa: SOA })),
    vpcs: pods.map(({ vpc, endpoints }) => ({
      id: vpc,
      endpoints: endpoints.map((id) => ({ id, service: 'execute-api' })),
    })),
  };
}
