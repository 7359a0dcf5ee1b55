import { type Day, type Happening, minutes } from './day.ts';
import type { Random } from './random.ts';
import { fairWeather, type Weather } from './weather.ts';

/** AWS fails for minutes, now and then for hours. */
function duration(random: Random): number {
  return random.chance(0.25) ? minutes(random, 60, 360) : minutes(random, 2, 45);
}

/** One part of the weather turns, and turns back. */
function turn<Part extends keyof Weather>(
  name: string,
  weight: number,
  part: Part,
  values: readonly Weather[Part][],
  atMostMinutes?: number,
): Happening {
  return {
    name,
    weight,
    begin: ({ world, weather }: Day, random) => {
      const value = random.pick(values);
      const fair = fairWeather()[part];
      const seconds = atMostMinutes === undefined ? duration(random) : minutes(random, 1, atMostMinutes);
      world.trace?.(`${name} (${part}: ${value}) for ${Math.round(seconds / 60)} min`);
      weather[part] = value;
      world.agenda.in(seconds, () => {
        world.trace?.(`${part} is as it was`);
        weather[part] = fair;
      });
    },
  };
}

const recordByHand: Happening = {
  name: 'somebody deletes a record at the console',
  weight: 1,
  begin: ({ world }, random) => {
    const servers = world.hosts('boundary');
    if (servers.length < 2) return;
    const { id } = random.pick(servers);
    world.trace?.(`somebody deletes the records of ${id}`);
    for (const record of world.zone.list()) if (record.setIdentifier === id) world.zone.remove(record);
  },
};

const cycleByHand: Happening = {
  name: 'somebody cycles by hand',
  weight: 3,
  begin: ({ world, podtime, isTwin }, random) => {
    if (world.hosts('boundary').length === 0) return;
    const tier = random.pick(['client', 'boundary', null] as const);
    const hosts = [...world.hosts('client'), ...world.hosts('boundary')];
    const isNamed = random.chance(0.5) && hosts.length > 0;
    const instanceIds = isNamed ? [random.pick(random.chance(0.5) ? hosts : world.hosts('boundary')).id] : null;
    // who names a host means it, mostly
    const force = isNamed && random.chance(0.7);
    const request = { tier: isNamed ? null : tier, az: null, instanceIds, force };
    if (isTwin) return;
    world.trace?.(`somebody cycles by hand: ${JSON.stringify(request)}`);
    podtime.cycleByHand(request);
  },
};

export const AWS_HAPPENINGS: readonly Happening[] = [
  turn('EC2 fails', 2, 'ec2', ['fails', 'by-az']),
  turn('EC2 shows nobody', 2, 'ec2', ['empty']),
  turn('EC2 shows some', 2, 'ec2', ['partial']),
  // of a live instance the error lasts for minutes
  turn('EC2 does not know a live instance', 1, 'ec2', ['not-found'], 4),
  turn('Route 53 fails', 2, 'route53', ['fails', 'refuses-changes']),
  turn('Route 53 is slow to bring changes into sync', 1, 'inSyncSeconds', [60, 120, 300]),
  turn('S3 fails', 2, 's3', ['fails', 'refuses-writes', 'answer-lost']),
  turn('SSM refuses or loses commands', 3, 'send', ['throttled', 'lost', 'lost']),
  turn('SSM lists badly', 3, 'list', ['fails', 'late', 'never-ends']),
  turn('SSM delivers twice', 2, 'isTwice', [true]),
  turn('hosts do not answer', 3, 'silence', [0.2, 0.6, 1]),
  turn('podtime is dead', 2, 'isPodtimeDown', [true]),
  turn('runs are killed', 2, 'kills', [0.1, 0.3]),
  turn('the mode is changed', 2, 'mode', ['observe', 'hold']),
  recordByHand,
  cycleByHand,
];
