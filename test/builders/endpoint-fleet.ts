import { VPC, ZONE_ID } from '@podtime/aws-endpoint/testing';
import type { Pod } from '../../src/fleet/fleet.ts';
import { loadFleet } from '../../src/fleet/load.ts';

/** The pod that the endpoint under test is built for. */
export const BLUE: Pod = pod();

function pod(): Pod {
  const [blue] = loadFleet(`
upstreams: [us-west-2b.stratum-2.invalid, us-west-2c.stratum-2.invalid]
timeService: source
leapSmear: accepted
pods:
  blue:
    region: us-west-2
    vpc: ${VPC}
    endpoints: [vpce-0a1b2c3d4e5f60718]
    zone: { name: pod, id: ${ZONE_ID} }
    networks: [10.0.0.0/16, 'fd00::/48']
    azs: [us-west-2a, us-west-2b, us-west-2c]
    boundaryServers: 2
`).pods;
  if (!blue) throw new Error('the fleet has no pod');
  return blue;
}
