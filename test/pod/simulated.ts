import type { SimulatedHost } from '../../local/hosts/host.ts';
import { createTestWorld, server } from '../local/hosts/world.ts';
import { type Moment, momentOf } from './watch.ts';

/** The third upstream's cut and restoration as a simulated ntpsec lives through it, in simulated time. */
export async function simulatedStory(story: {
  config: string;
  remote: string;
  cutAtSeconds: number;
  restoredAtSeconds: number;
  /** It ends when the register shows this after the restoration. */
  endReach: number;
}): Promise<Moment[]> {
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
      config: story.config,
      bootSeconds: 0,
    });
    const moments: Moment[] = [];
    for (let second = 1; second <= story.restoredAtSeconds + 90; second += 1) {
      if (second === Math.round(story.cutAtSeconds)) test.world.cut('62.invalid');
      if (second === Math.round(story.restoredAtSeconds)) test.world.mend('62.invalid');
      await test.seconds(1);
      const moment = momentOf(host.answer('ntpq', ['-pnw']).stdout, story.remote, second);
      if (moment) moments.push(moment);
      if (second > story.restoredAtSeconds && moment?.reach === story.endReach) break;
    }
    return moments;
  } finally {
    test.world.close();
  }
}
