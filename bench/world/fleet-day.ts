import { isDeepStrictEqual } from 'node:util';
import { AWS_HAPPENINGS } from './aws-happenings.ts';
import { CLOCK_HAPPENINGS } from './clock-happenings.ts';
import type { Day, Happening } from './day.ts';
import { INSTANCE_HAPPENINGS } from './instance-happenings.ts';
import { Invariants, type Violation } from './invariants.ts';
import { type Cause, Ledger, LOOK_SECONDS } from './ledger.ts';
import type { Planner } from './planner.ts';
import { drawSetting } from './pods.ts';
import { Podtime } from './podtime.ts';
import { Random } from './random.ts';
import { fairWeather } from './weather.ts';
import { World } from './world.ts';

const DAY_SECONDS = 24 * 3600;
/** The pod is built before the day: its servers first, its clients when they can be resolved; then all settle. */
const SETTLE_SECONDS = 3600;
const CLIENTS_AFTER_SECONDS = 900;
const HAPPENINGS: readonly Happening[] = [...INSTANCE_HAPPENINGS, ...CLOCK_HAPPENINGS, ...AWS_HAPPENINGS];
/** How much happens in a day: from quiet ones to such as nobody wants to see. */
const FEWEST_HAPPENINGS = 6;
const MOST_HAPPENINGS = 36;

/** One world's day, in numbers. */
export interface DayResult extends Record<Cause, number> {
  hosts: number;
  ticks: number;
  cycles: number;
  mostWithout: number;
  mostWithoutConfident: number;
  mostCycledAtOnce: number;
  healedSeconds: number[];
  unhealedSeconds: number[];
}

/** A fleet-day beside its twin. */
export interface FleetDay {
  seed: number;
  podtime: DayResult;
  twin: DayResult;
  violations: Violation[];
}

/** What fails a fleet-day: a rule broken, or clients worse off than without podtime. */
export function failuresOf({ violations, podtime, twin }: FleetDay): string[] {
  const worse = podtime.withoutSeconds - twin.withoutSeconds;
  return [
    ...violations.map(({ atMs, rule, sentence }) => `${new Date(atMs).toISOString()} ${rule}: ${sentence}`),
    ...(worse > 0
      ? [
          `clients were ${worse / 60} client-minutes longer without a good source than without podtime (${podtime.withoutSeconds / 60} to ${twin.withoutSeconds / 60})`,
        ]
      : []),
  ];
}

export interface Options {
  trace?: (line: string) => void;
  planner?: Planner;
}

/** Runs one seed's day with podtime, and the same without. Decision 0057. */
export function runFleetDay(seed: number, options: Options = {}): FleetDay {
  const { trace } = options;
  const twin = runDay(seed, null, trace && ((line) => trace(`without | ${line}`)));
  const podtime = runDay(seed, twin.ledger, trace && ((line) => trace(`podtime | ${line}`)), options.planner);
  return { seed, podtime: podtime.result, twin: twin.result, violations: podtime.violations };
}

/** The day with podtime alone, for what its rules say. */
export function runWithPodtime(seed: number, { planner }: Options = {}): { violations: Violation[] } {
  return runDay(seed, runDay(seed, null).ledger, undefined, planner);
}

/** `twin`: what the twin did to its clients; null: this is the twin. */
function runDay(seed: number, twin: Ledger | null, trace?: (line: string) => void, planner?: Planner) {
  const isTwin = twin === null;
  const { setting, instances } = drawSetting(seed);
  const startMs = setting.startMs - SETTLE_SECONDS * 1000;
  const world: World = new World(
    { ...setting, startMs },
    trace && ((line) => trace(`${clockTime(world.nowMs)} ${line}`)),
  );
  const weather = fairWeather();
  const invariants: Invariants = new Invariants(world, weather, () => podtime.ssm.underWay());
  const podtime: Podtime = new Podtime(world, weather, isTwin ? null : invariants, planner);
  const ledger = new Ledger(world, invariants.acts, twin, {
    isFair: () => isDeepStrictEqual(weather, fairWeather()) && !invariants.isBelowFloor(),
    isLeftOut: (client) => podtime.isLeftOutUntold(client),
    isBarred: (server) =>
      weather.mode !== 'act' ||
      weather.route53 !== 'well' ||
      weather.isPodtimeDown ||
      !podtime.ec2.names(server) ||
      !world.isReachable(server),
    withdrawalOf: ({ id }) => invariants.withdrawalOf(id),
  });
  world.listener = {
    registered: () => podtime.registrar.register(),
    stateChanged: (id, state) => isTwin || podtime.stateChanged(id, state),
  };
  const replaced: Day['replaced'] = (old, replacement) => ledger.replaced(old, replacement);
  const day: Day = { world, weather, instances, podtime, isTwin, replaced };
  for (const spec of setting.instances) {
    world.agenda.in(spec.tier === 'boundary' ? 0 : CLIENTS_AFTER_SECONDS, () => world.launch(spec));
  }
  if (!isTwin) podtime.start();
  world.agenda.runUntil(setting.startMs);
  schedule(day);
  const look = () => {
    ledger.look();
    world.agenda.in(LOOK_SECONDS, look);
  };
  world.agenda.in(LOOK_SECONDS / 2, look);
  world.agenda.runUntil(setting.startMs + DAY_SECONDS * 1000);
  ledger.close();
  const { mostWithout, mostWithoutConfident, healedSeconds, unhealedSeconds } = ledger;
  const { mostCycledAtOnce, cycles, violations } = invariants;
  const hosts = setting.instances.length;
  const { ticks } = podtime;
  const seen = { ...ledger.seconds, mostWithout, mostWithoutConfident, healedSeconds, unhealedSeconds };
  return { result: { hosts, ticks, cycles, mostCycledAtOnce, ...seen } satisfies DayResult, violations, ledger };
}

/** Draws the day's happenings: the same for both worlds. */
function schedule(day: Day): void {
  const { seed } = day.world.setting;
  const random = new Random(seed, 'happenings');
  const number = random.whole(FEWEST_HAPPENINGS, MOST_HAPPENINGS);
  const total = HAPPENINGS.reduce((sum, { weight }) => sum + weight, 0);
  for (let each = 0; each < number; each += 1) {
    let drawn = random.between(0, total);
    const happening = HAPPENINGS.find(({ weight }) => {
      drawn -= weight;
      return drawn < 0;
    });
    const own = new Random(seed, 'happening', each);
    day.world.agenda.in(random.between(0, DAY_SECONDS), () => happening?.begin(day, own));
  }
}

function clockTime(ms: number): string {
  return new Date(ms).toISOString().slice(5, 19).replace('T', ' ');
}
