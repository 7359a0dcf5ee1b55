import type { Instance } from './instance.ts';
import type { Instances } from './pods.ts';
import type { Podtime } from './podtime.ts';
import type { Random } from './random.ts';
import type { Weather } from './weather.ts';
import type { World } from './world.ts';

/** One world of a fleet-day, for what happens in it. */
export interface Day {
  world: World;
  weather: Weather;
  instances: Instances;
  /** In the twin it registers at boot and does nothing else. */
  podtime: Podtime;
  isTwin: boolean;
  /** A boundary server gives way to another, whose clients are to follow. */
  replaced: (old: Instance, replacement: Instance) => void;
}

/** Something that happens in a day, to both worlds alike. */
export interface Happening {
  name: string;
  /** How often it is drawn beside the others. */
  weight: number;
  begin: (day: Day, random: Random) => void;
}

/** So many seconds, from minutes given. */
export function minutes(random: Random, low: number, high: number): number {
  return Math.round(random.between(low, high) * 60);
}
