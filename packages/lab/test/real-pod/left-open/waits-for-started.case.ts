import { it } from '@jest/globals';
import { startPod } from '../../pod/started-pod.ts';

it('is killed while a pod that it started runs', async () => {
  await startPod(['--real']);
  await new Promise(() => {});
}, 600_000);
