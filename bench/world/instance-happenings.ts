import type { Tier } from '../../src/fleet/fleet.ts';
import { type Day, type Happening, minutes } from './day.ts';
import type { Instance } from './instance.ts';
import type { Random } from './random.ts';

function pickRunning({ world }: Day, random: Random, tier: Tier): Instance | null {
  const running = world.hosts(tier);
  return running.length === 0 ? null : random.pick(running);
}

/** Launches the server that follows on another, at once or after a while, now and then under the same address. */
function replace(day: Day, random: Random, old: Instance, seconds: number): void {
  const { world, instances } = day;
  const tagsLateSeconds = random.chance(0.3) ? minutes(random, 0.2, 6) : 0;
  const address = random.chance(0.1) && seconds > 90 ? { ipv4: old.ipv4, ipv6: old.ipv6 } : null;
  world.agenda.in(seconds, () => {
    const spec = instances.next('boundary', old.az, address);
    world.launch(spec, { tagsLateSeconds });
    const launched = world.instances.get(spec.id);
    if (launched !== undefined) day.replaced(old, launched);
  });
}

/** A boundary server ends and another comes; in a rolling update the other comes first. */
const replaceServer: Happening = {
  name: 'a boundary server is replaced',
  weight: 6,
  begin: (day, random) => {
    const old = pickRunning(day, random, 'boundary');
    if (old === null) return;
    const isRolling = random.chance(0.3);
    const endsAfter = isRolling ? minutes(random, 3, 12) : 0;
    replace(day, random, old, isRolling ? 1 : minutes(random, 0.5, 6));
    day.world.agenda.in(endsAfter, () => day.world.kill(old, 'terminated'));
  },
};

const stopServer: Happening = {
  name: 'a boundary server is stopped and started',
  weight: 2,
  begin: (day, random) => {
    const server = pickRunning(day, random, 'boundary');
    if (server === null) return;
    day.world.kill(server, 'stopped');
    day.world.agenda.in(minutes(random, 3, 60), () => start(day, server));
  },
};

function start({ world }: Day, instance: Instance): void {
  if (instance.state !== 'stopped') return;
  instance.state = 'pending';
  instance.diedAtMs = null;
  instance.launchedAtMs = world.nowMs;
  world.agenda.in(30, () => world.run(instance));
}

const rebootHost: Happening = {
  name: 'a host reboots',
  weight: 4,
  begin: (day, random) => {
    const host = pickRunning(day, random, random.pick(['boundary', 'client', 'client']));
    if (host === null) return;
    day.world.stopDaemon(host, 'reboot');
    host.isAgentUp = false;
    host.cache.clear();
    day.world.agenda.in(random.between(40, 180), () => {
      host.isAgentUp = true;
      day.world.boot(host);
    });
  },
};

const daemonEnds: Happening = {
  name: 'a daemon dies and is started by hand hours later',
  weight: 2,
  begin: (day, random) => {
    const host = pickRunning(day, random, random.pick(['boundary', 'client']));
    if (host === null) return;
    day.world.stopDaemon(host, 'it crashed');
    day.world.agenda.in(minutes(random, 5, 300), () => {
      if (host.state === 'running' && host.daemon === null) day.world.startDaemon(host);
    });
  },
};

const restartByHand: Happening = {
  name: 'a daemon is restarted by hand',
  weight: 2,
  begin: (day, random) => {
    const host = pickRunning(day, random, random.pick(['boundary', 'client']));
    if (host === null || host.daemon === null) return;
    day.world.stopDaemon(host, 'restarted by hand');
    day.world.startDaemon(host);
  },
};

const scaleClients: Happening = {
  name: 'clients come or go',
  weight: 4,
  begin: (day, random) => {
    const { world, instances } = day;
    const number = random.whole(1, 4);
    for (let each = 0; each < number; each += 1) {
      const az = random.pick(world.setting.pod.azs);
      const isGrowth = random.chance(0.5);
      const victim = pickRunning(day, random, 'client');
      if (isGrowth) world.launch(instances.next('client', az), { tagsLateSeconds: random.whole(0, 300) });
      else if (victim !== null && world.hosts('client').length > 3) world.kill(victim, 'terminated');
    }
  },
};

const cutAz: Happening = {
  name: 'an AZ is cut off',
  weight: 3,
  begin: ({ world, weather }, random) => {
    const az = random.pick(world.setting.pod.azs);
    world.change(`${az} is cut off`, () => world.cut(az, true));
    const isEc2Hurt = random.chance(0.4) && weather.ec2 === 'well';
    if (isEc2Hurt) weather.ec2 = 'by-az';
    world.agenda.in(minutes(random, 3, 90), () => {
      if (isEc2Hurt && weather.ec2 === 'by-az') weather.ec2 = 'well';
      world.change(`${az} is back`, () => world.cut(az, false));
    });
  },
};

const loseAz: Happening = {
  name: 'an AZ loses its instances',
  weight: 1,
  begin: (day, random) => {
    const { world, instances } = day;
    const az = random.pick(world.setting.pod.azs);
    const lost = [...world.hosts('boundary'), ...world.hosts('client')].filter((instance) => instance.az === az);
    for (const instance of lost) world.kill(instance, 'terminated');
    for (const instance of lost) {
      const seconds = minutes(random, 3, 40);
      if (instance.tier === 'boundary') replace(day, random, instance, seconds);
      else world.agenda.in(seconds, () => world.launch(instances.next('client', az)));
    }
  },
};

const deadAgent: Happening = {
  name: 'an agent is silent',
  weight: 3,
  begin: (day, random) => {
    const host = pickRunning(day, random, random.pick(['boundary', 'client', 'client']));
    if (host === null) return;
    day.world.trace?.(`${host.id}: its agent is silent`);
    host.isAgentUp = false;
    day.world.agenda.in(minutes(random, 5, 240), () => {
      host.isAgentUp = true;
    });
  },
};

export const INSTANCE_HAPPENINGS: readonly Happening[] = [
  replaceServer,
  stopServer,
  rebootHost,
  daemonEnds,
  restartByHand,
  scaleClients,
  cutAz,
  loseAz,
  deadAgent,
];
