import { TIERS } from '../fleet/fleet.ts';
import { MOST_HOSTS } from '../fleet/watchdog-classes.ts';
import type { Memory, RollOut } from '../plan/plan.ts';
import { emptyHostMemory, type HostMemory, type KnownHost, type State, type Waves } from './state.ts';

/** What a plan remembers, and whom the tick knew. */
export interface Remembered {
  memory: Memory;
  /** Boundary servers and clients. */
  known: KnownHost[];
}

/** The two parts in which it is stored: one that every run reads, and one that grows with the fleet. */
export interface StoredParts {
  servers: State['servers'];
  waves: State['waves'];
  hosts: HostMemory;
}

/** Takes apart what a plan remembers. `isServer`: whether an id is a boundary server's. */
export function splitRemembered(
  { memory, known }: Remembered,
  isServer: (instanceId: string) => boolean,
  names: Pick<HostMemory, 'pod' | 'tickId'>,
): StoredParts {
  const { unhealthySinceMs, unhealthy, unknownToEc2, starting, unbound, rollOuts, ...others } = memory;
  const { withdrawn, isWithdrawnForgotten, ...ofHosts } = others;
  const ofServer = ([id]: [string, unknown]) => isServer(id);
  const tiers = TIERS.flatMap((tier) => rollOuts[tier] ?? []);
  return {
    servers: {
      unhealthySinceMs,
      unhealthy,
      withdrawn: isWithdrawnForgotten ? null : withdrawn,
      unknownToEc2,
      starting: Object.fromEntries(Object.entries(starting).filter(ofServer)),
      ...(unbound && { unbound }),
      known: known.filter(({ instanceId }) => isServer(instanceId)),
    },
    waves: Object.fromEntries(tiers.map((rollOut) => [rollOut.tier, countedWaves(rollOut)])),
    hosts: {
      ...emptyHostMemory(names.pod, names.tickId),
      ...ofHosts,
      starting: Object.fromEntries(Object.entries(starting).filter((entry) => !ofServer(entry))),
      waves: Object.fromEntries(tiers.map((rollOut) => [rollOut.tier, idsOf(rollOut)])),
      known: known.filter(({ instanceId }) => !isServer(instanceId)),
    },
  };
}

function countedWaves(rollOut: RollOut): Waves {
  const { commands, failed, ...kept } = rollOut;
  return {
    ...kept,
    commands: commands.map(({ instanceIds, ...command }) => ({ ...command, hosts: instanceIds.length })),
    failed: failed.length,
  };
}

function idsOf({ waveId, commands, failed }: RollOut): NonNullable<HostMemory['waves']['client']> {
  return { waveId, commands: commands.map(({ instanceIds }) => instanceIds), failed };
}

/**
 * Puts together what a plan remembers. Where the memory of hosts is lost, or is another wave's, the state's counts still bind: a
 * wave counts as under way until its longest life has passed, and as many hosts have failed.
 */
export function joinRemembered({ servers, waves }: Pick<State, 'servers' | 'waves'>, hosts: HostMemory): Remembered {
  const { known, starting, withdrawn, ...ofServers } = servers;
  const { cycles, undone, staleSinceMs, unjoined, over, lastBounds, heldBounds, received, leap, seen } = hosts;
  const rollOuts = TIERS.flatMap((tier) => {
    const counted = waves[tier];
    return counted ? [[tier, rollOutOf(counted, hosts.waves[tier])] as const] : [];
  });
  return {
    memory: {
      ...ofServers,
      withdrawn: withdrawn ?? {},
      ...(withdrawn === null && { isWithdrawnForgotten: true }),
      starting: { ...hosts.starting, ...starting },
      cycles,
      rollOuts: Object.fromEntries(rollOuts),
      undone,
      staleSinceMs,
      unjoined,
      over,
      received,
      lastBounds,
      heldBounds,
      leap,
      seen,
    },
    known: [...known, ...hosts.known],
  };
}

function rollOutOf(counted: Waves, ids: HostMemory['waves']['client']): RollOut {
  const { commands, failed, ...kept } = counted;
  const isWhole =
    ids !== undefined &&
    ids.waveId === counted.waveId &&
    ids.commands.length === commands.length &&
    commands.every(({ hosts }, index) => ids.commands[index]?.length === hosts);
  const named = ids?.waveId === counted.waveId ? ids.failed : [];
  // a damaged count may be any number: more than a pod has hosts stop no more of them
  const unnamed = Math.min(MOST_HOSTS, Math.max(0, failed - named.length));
  const forgotten = Array.from({ length: unnamed }, (_, index) => `forgotten-${index + 1}`);
  return {
    ...kept,
    commands: isWhole
      ? commands.map(({ hosts: _, ...command }, index) => ({ ...command, instanceIds: ids.commands[index] ?? [] }))
      : commands.length > 0
        ? [{ commandId: null, instanceIds: [] }]
        : [],
    failed: [...named, ...forgotten],
  };
}
