import { it } from '@jest/globals';
import { RealPod } from '../real-pod.ts';
import { host, testFleet } from '../setup.ts';

it('is killed while it waits', async () => {
  const pod = await RealPod.start({ fleet: testFleet() });
  await pod.launch(host('blue', 'boundary', 'b', 'ntpsec', 10));
  await new Promise(() => {});
}, 600_000);
