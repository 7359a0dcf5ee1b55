import { expect, it } from '@jest/globals';
import { startPod } from '../../pod/started-pod.ts';
import { RealPod } from '../real-pod.ts';
import { host, testFleet } from '../setup.ts';

/** Started by a test that gives them up: a pod in this process, and one of another process. */
it('times out', async () => {
  const pod = await RealPod.start({ fleet: testFleet() });
  await pod.launch(host('blue', 'boundary', 'b', 'chrony', 10));
  expect(await startPod(['--real'])).toBeDefined();
  await new Promise(() => {});
}, 40_000);
