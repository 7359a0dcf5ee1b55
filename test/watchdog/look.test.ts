import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { hostId, VPC } from '@podtime/aws-endpoint/testing';
import { look, unasked } from '../../src/watchdog/look.ts';
import { observe } from '../../src/watchdog/observe.ts';
import { startPod, type TestedPod } from '../builders/endpoint-pod.ts';

let pod: TestedPod;
beforeEach(async () => {
  pod = await startPod();
});
afterEach(() => pod.close());

describe('a look at some hosts by id', () => {
  it('asks those that run, and says of each other one why not', async () => {
    for (const n of [21, 22, 23]) pod.addHost(n, 'client', 'us-west-2a');
    pod.endpoint.instances.stop(hostId(22));
    pod.endpoint.instances.terminate(hostId(23));
    await pod.clock.advance(60_000);
    const observed = await observe(pod.run);
    const asked = [22, 21, 99, 23, 22].map(hostId);
    const seen = await look(pod.run, observed, asked, 20);
    expect(seen.judgements.map(({ host }) => host.instanceId)).toEqual([hostId(21)]);
    expect(unasked(pod.pod, observed.hosts, asked)).toEqual([
      `${hostId(22)} is stopped: not asked.`,
      `${hostId(99)} is no instance of pod blue.`,
      `${hostId(23)} is terminated: not asked.`,
    ]);
  });

  it('says of one that only starts that it is pending', async () => {
    const tags = { 'ntp-pod': 'blue', 'ntp-tier': 'client' };
    const { instanceId } = pod.endpoint.instances.run({ vpc: VPC, az: 'us-west-2a', ipv4: '10.0.1.24', tags });
    // EC2 tells an instance's tags later than the instance
    await pod.clock.advance(3_000);
    const { hosts } = await observe(pod.run);
    expect(unasked(pod.pod, hosts, [instanceId])).toEqual([`${instanceId} is pending: not asked.`]);
  });
});
