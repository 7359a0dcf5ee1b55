import { azName } from '../../src/fleet/az-names.ts';
import type { CycleOutcome } from '../../src/host/verdict.ts';
import type { CycleCommand } from '../../src/plan/plan.ts';
import type { Instance } from './instance.ts';
import type { World } from './world.ts';

/** cycle.sh watches the sources return for so long. */
const HEALED_WITHIN_SECONDS = 60;
const LOOKS_EVERY_SECONDS = 5;
const RESTART_SECONDS = 1;
/** `chronyc refresh`, `burst 4/4`: selectable in 8 s. */
const BURST_SECONDS = 8;
/** A host keeps so many waves that it has begun. */
const WAVES_KEPT = 20;

/** What the `cycle` document is told. */
export type CycleParameters = Pick<CycleCommand, 'records' | 'force' | 'coolDownSeconds' | 'waveId'>;

export const nothing = (reason: string): CycleOutcome => ({ kind: 'nothing', reason, why: reason });
export const failed = (reason: string): CycleOutcome => ({ kind: 'failed', reason, why: reason });

/** The `cycle` document on one host: decides again, in the order of cycle.sh, acts, and watches. `ended` is called once, or never. */
export function cycleOnHost(
  world: World,
  instance: Instance,
  parameters: CycleParameters,
  hooks: { acts: (instance: Instance, parameters: CycleParameters) => void; ended: (outcome: CycleOutcome) => void },
): void {
  const { nowMs, agenda } = world;
  const { daemon, lie } = instance;
  const decided = lie?.cycle ?? decideOnHost(world, instance, parameters);
  // a wave is on the host's record before anything is decided
  if (!instance.isBeingCycled) instance.waves = [...instance.waves, parameters.waveId].slice(-WAVES_KEPT);
  if (decided !== null || daemon === null) {
    agenda.in(1, () => hooks.ended(decided ?? nothing('no-daemon')));
    return;
  }
  const { unjoined } = compare(world, instance, parameters);
  const hadPeer = daemon.systemPeer !== null;
  instance.stampMs = nowMs;
  instance.isBeingCycled = true;
  hooks.acts(instance, parameters);
  const end = (outcome: CycleOutcome) => {
    instance.isBeingCycled = false;
    hooks.ended(outcome);
  };
  if (daemon.kind === 'chrony') {
    world.change(`${instance.id} is refreshed`, () => daemon.refresh(nowMs, nowMs + BURST_SECONDS * 1000));
  } else {
    world.stopDaemon(instance, 'cycled by podtime');
    agenda.in(RESTART_SECONDS, () => {
      if (instance.state === 'running') world.startDaemon(instance);
    });
  }
  const look = (seconds: number) => {
    if (instance.state !== 'running') {
      instance.isBeingCycled = false;
      return;
    }
    if (isHealed(world, instance, parameters, unjoined))
      end({ kind: 'cycled', reason: instance.kind, why: `in ${seconds} s` });
    else if (seconds < HEALED_WITHIN_SECONDS) agenda.in(LOOKS_EVERY_SECONDS, () => look(seconds + LOOKS_EVERY_SECONDS));
    else
      end(hadPeer ? failed('not-healed') : { kind: 'cycled', reason: 'unproven', why: 'it had no system peer before' });
  };
  agenda.in(BURST_SECONDS, () => look(BURST_SECONDS));
}

/** Why nothing is to be done; null: it is to be cycled. */
function decideOnHost(world: World, instance: Instance, parameters: CycleParameters): CycleOutcome | null {
  const { daemon } = instance;
  const { nowMs } = world;
  if (instance.isBeingCycled) return nothing('busy');
  if (instance.waves.includes(parameters.waveId)) return nothing('same-wave');
  if (daemon === null) return nothing('no-daemon');
  if (daemon.configuration.names.length === 0 && !parameters.force) return nothing('already-right');
  if (world.leap === 'add') return nothing('leap-second');
  const { unjoined, gone, records } = compare(world, instance, parameters);
  if (unjoined.length === 0 && gone.length === 0 && !parameters.force) return nothing('already-right');
  for (const name of new Set([...unjoined, ...daemon.configuration.names])) {
    const current = records.get(name) ?? [];
    const resolved = world.zone.resolve(instance, name, nowMs);
    const isOld = resolved.some((address) => !current.includes(address));
    if (isOld || (current.length > 0 && resolved.length === 0)) return nothing('not-yet');
  }
  if (parameters.force) return null;
  const sinceStamp = instance.stampMs === null ? Infinity : (nowMs - instance.stampMs) / 1000;
  if (Math.min(sinceStamp, daemon.ageSeconds(nowMs)) < parameters.coolDownSeconds) return nothing('cool-down');
  return null;
}

/** staleness.sh: names that are listed and not polled, addresses polled that no record holds. */
function compare(world: World, instance: Instance, { records }: CycleParameters) {
  const { pod } = world.setting;
  const listed = new Map(
    records
      .split(' ')
      .filter((word) => word !== '')
      .map((word): [string, string[]] => {
        const [label = '', addresses = ''] = word.split('=');
        return [azName(pod, `x${label.slice(-1)}`), addresses.split('|')];
      }),
  );
  const all = new Set([...listed.values()].flat());
  const { associations = [], configuration } = instance.daemon ?? {};
  const polled = associations.map(({ address }) => address);
  const literal = new Set(configuration?.servers.map(({ address }) => address));
  const unjoined = (configuration?.names ?? []).filter(
    (name) => listed.has(name) && !listed.get(name)?.some((address) => polled.includes(address)),
  );
  return { unjoined, gone: polled.filter((address) => !all.has(address) && !literal.has(address)), records: listed };
}

function isHealed(world: World, instance: Instance, parameters: CycleParameters, unjoined: readonly string[]): boolean {
  const { daemon } = instance;
  if (daemon === null) return false;
  daemon.live(world.nowMs);
  const { records } = compare(world, instance, parameters);
  const isJoined = (name: string) =>
    daemon.associations.some(({ address, reach }) => reach > 0 && records.get(name)?.includes(address));
  return daemon.systemPeer !== null && daemon.systemPeer.reach > 0 && unjoined.every(isJoined);
}
