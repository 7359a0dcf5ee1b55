import type { SimulatedHost } from '../../src/simulated/simulated-host.ts';
import { createTestHosts, server } from '../simulated/test-hosts.ts';
import { type Moment, momentOf, QUESTIONS, SIGHTS, type Watched } from './source-watch.ts';

const LONGEST_SECONDS = 900;

/** Looks twice a second: no step of a register is missed. */
const STEP_SECONDS = 0.5;

/**
 * The third upstream's cut and restoration as a simulated daemon lives through it, in simulated time: cut when its register
 * is full, restored when it is empty and believed no more, left when four polls are heard again and it is believed.
 */
export async function simulatedStory(story: { daemon: Watched; config: string; remote: string }): Promise<Moment[]> {
  const { daemon, config, remote } = story;
  const { program, sources, system } = QUESTIONS[daemon];
  const upstreams = [60, 61, 62].map((number) => server(`${number}.invalid`, [`192.0.2.${number}`]));
  const test = createTestHosts({ upstreams });
  try {
    const host: SimulatedHost = test.hosts.add({
      id: 'i-00000000000000001',
      pod: 'blue',
      tier: 'client',
      az: 'us-west-2a',
      daemon,
      ipv4: '10.20.1.110',
      ipv6: '2001:db8:20::1:110',
      config,
      bootSeconds: 0,
    });
    const moments: Moment[] = [];
    const phases = [
      { seen: SIGHTS.full, next: () => test.hosts.cut('62.invalid') },
      { seen: SIGHTS.empty, next: () => test.hosts.mend('62.invalid') },
      { seen: SIGHTS.again, next: () => {} },
    ];
    for (let second = 0; second <= LONGEST_SECONDS && phases.length > 0; second += STEP_SECONDS) {
      await test.seconds(STEP_SECONDS);
      const printed = {
        sources: host.answer(program, sources).stdout,
        system: host.answer(program, system).stdout,
      };
      const moment = momentOf(daemon, printed, remote, { askedAtSeconds: second, answeredAtSeconds: second });
      if (moment === null) continue;
      moments.push(moment);
      if (phases[0]?.seen(daemon, moment)) phases.shift()?.next();
    }
    return moments;
  } finally {
    test.hosts.close();
  }
}
