import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { hostId } from '@podtime/aws-endpoint/testing';
import { type Printed, startPod, type TestedPod } from '../builders/endpoint-pod.ts';

let pod: TestedPod;
beforeEach(async () => {
  pod = await startPod();
});
afterEach(() => pod.close());

it("a boundary server's load is told in its row, since the tick before", async () => {
  const printed: Printed = { ageSeconds: 4000, served: '8000 0' };
  pod.addHost(11, 'boundary', 'us-west-2b', printed);
  pod.addHost(1, 'client', 'us-west-2b', { ...printed });
  pod.mode('act');
  const loads = async (tickId: string) => {
    const { report } = await pod.tick({ tickId });
    return report.hosts.map(({ tier, measures }) => [tier, measures.packetsPerSecond]);
  };
  expect(await loads('tick-1')).toEqual([
    ['boundary', 2],
    ['client', undefined],
  ]);
  expect(pod.memory().received).toEqual({ [hostId(11)]: { packets: 8000, ageSeconds: 4000 } });
  Object.assign(printed, { ageSeconds: 4300, served: '23000 0' });
  expect(await loads('tick-2')).toEqual([
    ['boundary', 50],
    ['client', undefined],
  ]);
});
