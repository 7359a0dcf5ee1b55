import type { CycleOutcome } from '../../src/host/verdict.ts';
import { type Happening, minutes } from './day.ts';
import type { Instance, Lie } from './instance.ts';
import type { Random } from './random.ts';
import type { World } from './world.ts';

/** An upstream jumps: to a wrong time, or back. */
const wrongUpstream: Happening = {
  name: 'an upstream is wrong',
  weight: 3,
  begin: ({ world }, random) => {
    const upstream = random.pick(world.upstreams);
    const errorMs = random.pick([80, 300, 2000, 9000]) * (random.chance(0.5) ? 1 : -1);
    world.change(`upstream ${upstream.address} jumps by ${errorMs} ms`, () => {
      upstream.errorMs = errorMs;
    });
    world.agenda.in(minutes(random, 10, 240), () =>
      world.change(`upstream ${upstream.address} is right again`, () => {
        upstream.errorMs = 0;
      }),
    );
  },
};

const silentUpstream: Happening = {
  name: 'an upstream is silent',
  weight: 2,
  begin: ({ world }, random) => {
    const upstream = random.pick(world.upstreams);
    const turn = (isUp: boolean) =>
      world.change(`upstream ${upstream.address} ${isUp ? 'answers' : 'is silent'}`, () => {
        upstream.isUp = isUp;
        upstream.sinceMs = world.nowMs;
      });
    turn(false);
    world.agenda.in(minutes(random, 5, 300), () => turn(true));
  },
};

const noInternet: Happening = {
  name: 'no upstream can be reached',
  weight: 1,
  begin: ({ world }, random) => {
    const turn = (isUp: boolean) =>
      world.change(isUp ? 'upstreams can be reached' : 'no upstream can be reached', () => {
        world.isInternetUp = isUp;
        for (const upstream of world.upstreams) upstream.sinceMs = world.nowMs;
      });
    turn(false);
    world.agenda.in(minutes(random, 5, 120), () => turn(true));
  },
};

const timeService: Happening = {
  name: 'the time service is silent',
  weight: 1,
  begin: ({ world }, random) => {
    if (world.setting.timeService === 'none') return;
    const turn = (isUp: boolean) =>
      world.change(`the time service ${isUp ? 'answers' : 'is silent'}`, () => {
        world.timeService.isUp = isUp;
        world.timeService.sinceMs = world.nowMs;
      });
    turn(false);
    world.agenda.in(minutes(random, 5, 120), () => turn(true));
  },
};

const loss: Happening = {
  name: 'packets are lost',
  weight: 1,
  begin: ({ world }, random) => {
    const share = random.between(0.05, 0.5);
    world.change(`${Math.round(share * 100)} % of packets are lost`, () => {
      world.loss = share;
    });
    world.agenda.in(minutes(random, 10, 180), () =>
      world.change('no packets are lost', () => {
        world.loss = 0;
      }),
    );
  },
};

/** Announced by every clock, on the last day of its month. */
const leapSecond: Happening = {
  name: 'a leap second is announced',
  weight: 1,
  begin: ({ world }) => {
    const tomorrow = new Date(world.nowMs + 24 * 3600 * 1000);
    if (tomorrow.getUTCDate() !== 1) return;
    const midnightMs = Date.UTC(tomorrow.getUTCFullYear(), tomorrow.getUTCMonth(), 1);
    world.change('a leap second is announced', () => {
      world.leap = 'add';
      world.leapSinceMs = world.nowMs;
    });
    world.agenda.at(midnightMs, () =>
      world.change('the leap second is over', () => {
        world.leap = 'none';
      }),
    );
  },
};

const outcome = (kind: CycleOutcome['kind'], reason: string): CycleOutcome => ({ kind, reason, why: reason });

/** An address of the pod's networks that nobody has. */
const NOBODY = '10.0.255.254';

/** What one compromised or broken host may say; it is to cost no other host anything. */
const LIES: readonly Lie[] = [
  {
    name: 'claims to be stale and fails its cycles',
    collected: (honest) => ({
      ...honest,
      sources: honest.sources.map((row) => ({ ...row, address: NOBODY, remote: NOBODY })),
    }),
    cycle: outcome('failed', 'not-healed'),
  },
  {
    name: 'claims to be stale and says that it is right already',
    collected: (honest) => ({
      ...honest,
      sources: honest.sources.map((row) => ({ ...row, address: NOBODY, remote: NOBODY })),
    }),
    cycle: outcome('nothing', 'already-right'),
  },
  {
    name: 'announces a leap second',
    collected: (honest) => ({ ...honest, system: honest.system && { ...honest.system, leap: 'add' } }),
  },
  {
    name: 'is starting for ever',
    collected: (honest) => ({
      ...honest,
      ageSeconds: 60,
      system: honest.system && { ...honest.system, leap: 'alarm', uptimeSeconds: 60 },
    }),
  },
  {
    name: 'says that it is 136 years old',
    collected: (honest) => ({ ...honest, ageSeconds: 2 ** 32, cycledSecondsAgo: 2 ** 32 }),
    deniesCycles: true,
  },
  {
    name: 'says that it has just been cycled',
    collected: (honest) => ({ ...honest, ageSeconds: 0, cycledSecondsAgo: 0 }),
  },
  {
    name: 'does not tell its age',
    collected: (honest) => ({
      ...honest,
      ageSeconds: null,
      cycledSecondsAgo: null,
      system: honest.system && { ...honest.system, uptimeSeconds: null },
    }),
  },
  { name: 'says that no daemon runs', collected: (honest) => ({ ...honest, daemon: null, sources: [], system: null }) },
  {
    name: 'is a day off, it says',
    collected: (honest) => ({ ...honest, system: honest.system && { ...honest.system, offsetMs: 86_400_000 } }),
  },
];

function begin(world: World, host: Instance, random: Random): void {
  const lie = random.pick(LIES);
  world.trace?.(`${host.id} lies: it ${lie.name}`);
  host.lie = lie;
  world.agenda.in(minutes(random, 20, 600), () => {
    world.trace?.(`${host.id} is honest again`);
    host.lie = null;
  });
}

/** Mostly a client; of boundary servers one at most, since a pod whose every server lies is beyond help. */
const liar: Happening = {
  name: 'a host lies',
  weight: 5,
  begin: ({ world }, random) => {
    const tier = random.chance(0.25) ? 'boundary' : 'client';
    const hosts = world.hosts(tier);
    const isTaken = tier === 'boundary' && hosts.some(({ lie }) => lie !== null);
    if (hosts.length > 1 && !isTaken) begin(world, random.pick(hosts), random);
  },
};

/** A boundary server serves a wrong time, and says of itself that all is well. One at a time: most are honest. */
const lyingServer: Happening = {
  name: 'a boundary server serves a wrong time',
  weight: 2,
  begin: ({ world }, random) => {
    const servers = world.hosts('boundary');
    const server = servers.length === 0 ? null : random.pick(servers);
    if (server === null || servers.some(({ servesOffMs }) => servesOffMs !== 0)) return;
    const offMs = random.pick([12, 25, 40]) * (random.chance(0.5) ? 1 : -1);
    const serve = (servesOffMs: number) =>
      world.change(`${server.id} serves a time ${servesOffMs} ms off`, () => {
        server.servesOffMs = servesOffMs;
      });
    serve(offMs);
    world.agenda.in(minutes(random, 20, 300), () => serve(0));
  },
};

/** So many clients as are not most of them accuse one boundary server falsely. */
const falseWitnesses: Happening = {
  name: 'clients bear false witness',
  weight: 3,
  begin: ({ world }, random) => {
    const servers = world.hosts('boundary');
    const clients = world.hosts('client');
    const most = Math.floor((clients.length - 1) / 2);
    if (servers.length === 0 || most < 1) return;
    const { id, ipv4, ipv6 } = random.pick(servers);
    const lie: Lie = {
      name: `says that ${id} is 40 ms off`,
      collected: (honest) => ({
        ...honest,
        sources: honest.sources.map((row) =>
          [ipv4, ...ipv6].includes(row.address ?? '') ? { ...row, offsetMs: (row.offsetMs ?? 0) + 40 } : row,
        ),
      }),
    };
    const first = random.whole(0, clients.length - 1);
    const liars = clients.map((_, index) => clients[(first + index) % clients.length]).slice(0, random.whole(1, most));
    const tell = (told: Lie | null) => {
      for (const host of liars) if (host !== undefined) host.lie = told;
    };
    world.trace?.(`${liars.length} of ${clients.length} clients lie: each ${lie.name}`);
    tell(lie);
    world.agenda.in(minutes(random, 20, 300), () => tell(null));
  },
};

export const CLOCK_HAPPENINGS: readonly Happening[] = [
  wrongUpstream,
  silentUpstream,
  noInternet,
  timeService,
  loss,
  leapSecond,
  liar,
  lyingServer,
  falseWitnesses,
];
