import type { SimulatedHost } from '../../local/hosts/host.ts';
import { createTestWorld, server } from '../local/hosts/world.ts';
import { type Moment, momentOf } from './watch.ts';

const LONGEST_SECONDS = 400;

/**
 * The third upstream's cut and restoration as a simulated ntpsec lives through it, in simulated time: cut when its register
 * is full, restored when it is empty, left when it shows three polls heard again.
 */
export async function simulatedStory({ config, remote }: { config: string; remote: string }): Promise<Moment[]> {
  const upstreams = [60, 61, 62].map((number) => server(`${number}.invalid`, [`192.0.2.${number}`]));
  const test = createTestWorld({ upstreams });
  try {
    const host: SimulatedHost = test.world.add({
      id: 'i-00000000000000001',
      pod: 'blue',
      tier: 'client',
      az: 'us-west-2a',
      daemon: 'ntpsec',
      ipv4: '10.20.1.110',
      ipv6: '2001:db8:20::1:110',
      config,
      bootSeconds: 0,
    });
    const moments: Moment[] = [];
    const phases = [
      { reach: 0o377, next: () => test.world.cut('62.invalid') },
      { reach: 0, next: () => test.world.mend('62.invalid') },
      { reach: 7, next: () => {} },
    ];
    for (let second = 1; second <= LONGEST_SECONDS && phases.length > 0; second += 1) {
      await test.seconds(1);
      const moment = momentOf(host.answer('ntpq', ['-pnw']).stdout, remote, second);
      if (moment === null) continue;
      moments.push(moment);
      if (moment.reach === phases[0]?.reach) phases.shift()?.next();
    }
    return moments;
  } finally {
    test.world.close();
  }
}
