import { it } from '@jest/globals';
import { simulateRollOut } from '../../builders/simulated-roll-out.ts';

it('x', async () => {
  const r = await simulateRollOut({
    hosts: 10000,
    silentShare: 0.01,
    silence: 'hung',
    seed: 1,
    secondsPerHost: 25,
    delaySeconds: 21,
    lookSeconds: 50,
  });
  console.log(r);
});
