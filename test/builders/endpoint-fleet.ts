import { VPC, ZONE_ID } from '@podtime/aws-endpoint/testing';
import type { Fleet, Pod } from '../../src/fleet/fleet.ts';
import { loadFleet } from '../../src/fleet/load.ts';

/** The fleet of one pod that the endpoint under test is built for: its VPC, its zone. */
export const FLEET: Fleet = loadFleet(`
upstreams: [us-west-2b.stratum-2.invalid, us-west-2c.stratum-2.invalid]
timeService: source
leapSmear: accepted
pods:
  blue:
    region: us-west-2
    vpc: ${VPC}
    endpoints: [vpce-0a1b2c3d4e5f60718]
    zone: { name: pod, id: ${ZONE_ID} }
    networks: [10.0.0.0/16, 10.66.0.0/24, 'fd00::/48']
    azs: [us-west-2a, us-west-2b, us-west-2c, us-west-2e]
    boundaryServers: 2
`);
export const BLUE = FLEET.pods[0] as Pod;
