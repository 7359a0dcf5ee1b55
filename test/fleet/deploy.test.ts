import { describe, expect, it } from '@jest/globals';
import { deployFaults, inRegion } from '../../src/fleet/deploy.ts';
import type { Fleet, Pod } from '../../src/fleet/fleet.ts';
import shipped from '../builders/shipped-fleet.ts';

const whole = (pod: Pod): Pod => ({ ...pod, vpc: 'vpc-1', endpoints: ['vpce-1'], zone: { ...pod.zone, id: 'Z1' } });
const [blue, green] = shipped.pods as [Pod, Pod];

describe('what a deployment lacks', () => {
  it('is every id that only AWS gives, of every pod of the region', () => {
    expect(deployFaults(shipped)).toEqual([
      "Pod blue has no vpc: without it no instance would be the pod's.",
      'Pod blue has no zone id: without it podtime knows no zone to write to.',
      'Pod blue has no endpoints and no newEndpoint: without one no host reaches the API.',
      "Pod green has no vpc: without it no instance would be the pod's.",
      'Pod green has no zone id: without it podtime knows no zone to write to.',
      'Pod green has no endpoints and no newEndpoint: without one no host reaches the API.',
    ]);
  });

  it('is nothing when the ids are there; pods of other regions are not asked', () => {
    const fleet: Fleet = { ...shipped, pods: [whole(blue), { ...green, region: 'eu-west-1' }] };
    expect(deployFaults(inRegion(fleet, 'us-west-2'))).toEqual([]);
    expect(inRegion(fleet, 'us-west-2').pods.map(({ name }) => name)).toEqual(['blue']);
  });

  it('is no endpoint when one is to be made', () => {
    const made = { ...whole(blue), endpoints: [], newEndpoint: { subnets: ['subnet-1'], privateDns: false } };
    expect(deployFaults({ ...shipped, pods: [made] })).toEqual([]);
  });

  it('is an endpoint that podtime cannot make, as in China', () => {
    const newEndpoint = { subnets: ['subnet-1'], privateDns: false };
    const pod = { ...whole(blue), region: 'cn-north-1' };
    expect(deployFaults({ ...shipped, pods: [pod] })).toEqual([]);
    expect(deployFaults({ ...shipped, pods: [{ ...pod, newEndpoint }] })).toEqual([
      'Pod blue wants a newEndpoint, which podtime makes outside of China only: make it, and name it in endpoints.',
    ]);
  });
});
