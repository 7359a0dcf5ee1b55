import type { Judgement } from '../../src/diagnosis/judgement.ts';
import { azLetter } from '../../src/fleet/az-names.ts';
import type { MaintenanceWindow, Tier } from '../../src/fleet/fleet.ts';
import type { Collected } from '../../src/host/collected.ts';
import type { Plan, PlanInput } from '../../src/plan/plan.ts';
import type { World } from './world.ts';

/** One plan, with what it was made from and what is so. */
export interface Planned {
  world: World;
  input: PlanInput;
  plan: Plan;
  force: boolean;
  /** Zone or report could not be read. */
  isBlind: boolean;
  /** When hosts were looked at: by a tick now, by the one before where a short run plans. Epoch ms. */
  sawMs: number;
  /** Who answered this look. */
  answers: ReadonlyMap<string, Collected>;
  judgements: ReadonlyMap<string, Judgement>;
  /** When each host was really cycled. */
  acts: ReadonlyMap<string, readonly number[]>;
}

/** A rule that holds for every plan: the sentences that say where it does not. Written without a look at src/plan. */
export interface Rule {
  name: string;
  broken: (planned: Planned) => string[];
}

const MINUTE_MS = 60_000;
const DAY_MINUTES = 24 * 60;
const DAY_MS = DAY_MINUTES * MINUTE_MS;
/** A plan goes by what hosts answered so long before at the most. */
const LOOK_TO_PLAN_MS = 60_000;

const cycledIds = ({ plan }: Planned) => plan.cycles.flatMap(({ instanceIds }) => instanceIds);
const tiersCycled = ({ plan }: Planned) => [...new Set(plan.cycles.map(({ tier }) => tier))];
const each = (planned: Planned, broken: (id: string) => string | null) =>
  cycledIds(planned).flatMap((id) => broken(id) ?? []);

function isOpenAt({ days, startMinute, endMinute }: MaintenanceWindow, nowMs: number): boolean {
  // a window belongs to the day on which it starts; one that ends before it starts runs past midnight
  const length = endMinute >= startMinute ? endMinute - startMinute : endMinute + DAY_MINUTES - startMinute;
  return [0, 1].some((daysAgo) => {
    const midnightMs = Math.floor(nowMs / DAY_MS) * DAY_MS - daysAgo * DAY_MS;
    const passed = (nowMs - midnightMs) / MINUTE_MS - startMinute;
    return days.includes(new Date(midnightMs).getUTCDay()) && passed >= 0 && passed < length;
  });
}

/** Ids of confident boundary servers that DNS names under their own AZ and address. */
function confidentPublished({ input, judgements, world }: Planned): { id: string; name: string }[] {
  return input.records.flatMap(({ setIdentifier, name, addresses }) => {
    const instance = world.instances.get(setIdentifier ?? '');
    const isConfident = judgements.get(setIdentifier ?? '')?.confident === true;
    if (instance === undefined || !isConfident || instance.tier !== 'boundary') return [];
    const isNamed = name === `ntp.az-${azLetter(instance.az)}.${input.pod.zone.name}`;
    const isThere = addresses.some((address) => address === instance.ipv4 || instance.ipv6.includes(address));
    return isNamed && isThere ? [{ id: instance.id, name }] : [];
  });
}

/** What a run knows of a tier's size: whom EC2 does not describe though the last tick knew of it may run. */
export type KnownTiers = Pick<PlanInput, 'hosts' | 'unreadByTier'>;

function runningOf({ hosts, unreadByTier }: KnownTiers, tier: Tier): number {
  return hosts.filter((host) => host.tier === tier && host.state === 'running').length + unreadByTier[tier];
}

/** As many as a wave may take: first one in each AZ, a quarter at most; then a share, or a tenth more. Boundary servers one at a time. */
export function waveLimit(input: Pick<PlanInput, 'pod'> & KnownTiers, tier: Tier): number {
  if (tier === 'boundary') return 1;
  const running = runningOf(input, tier);
  const first = Math.min(input.pod.azs.length, Math.floor(running / 4));
  return Math.max(1, first, Math.round(Math.floor(running * input.pod.cycling.waveShare) * 1.1));
}

export const RULES: readonly Rule[] = [
  {
    name: 'mode',
    broken: ({ input: { mode }, plan }) => [
      ...(mode !== 'act' && plan.cycles.length > 0 ? [`cycles in mode ${mode}`] : []),
      ...(mode === 'observe' && plan.changes.length > 0 ? ['changes DNS in mode observe'] : []),
      ...(mode === 'hold' && plan.changes.some(({ action }) => action !== 'DELETE') ? ['publishes in mode hold'] : []),
    ],
  },
  {
    name: 'blind',
    broken: ({ input: { hosts }, plan, isBlind }) => {
      const isTold = !isBlind && hosts.length > 0;
      return isTold || plan.changes.length + plan.cycles.length === 0 ? [] : ['acts though it cannot see the pod'];
    },
  },
  {
    name: 'maintenance',
    broken: ({ input: { pod, nowMs }, plan }) => {
      const isOpen = pod.maintenance.length === 0 || pod.maintenance.some((window) => isOpenAt(window, nowMs));
      return isOpen || plan.cycles.length === 0 ? [] : ['cycles outside the maintenance windows'];
    },
  },
  {
    name: 'leap second',
    broken: ({ world, plan, sawMs }) => {
      const isKnown = world.leap === 'add' && sawMs - world.leapSinceMs > LOOK_TO_PLAN_MS;
      return isKnown && plan.cycles.length > 0 ? ['cycles while a leap second is announced by all'] : [];
    },
  },
  {
    name: 'held',
    broken: (planned) =>
      each(planned, (id) => (planned.world.instances.get(id)?.held ? `cycles ${id}, which is held` : null)),
  },
  {
    name: 'unknown',
    broken: (planned) => each(planned, (id) => (planned.answers.has(id) ? null : `cycles ${id}, which did not answer`)),
  },
  {
    name: 'stale',
    broken: (planned) =>
      each(planned, (id) =>
        planned.force || planned.judgements.get(id)?.stale ? null : `cycles ${id}, which is not stale`,
      ),
  },
  {
    name: 'sampled',
    broken: (planned) =>
      tiersCycled(planned).flatMap((tier) => {
        const described = planned.input.hosts.filter((host) => host.tier === tier && host.state === 'running');
        const answered = described.filter(({ instanceId }) => planned.answers.has(instanceId)).length;
        return answered * 2 >= runningOf(planned.input, tier)
          ? []
          : [`cycles of the ${tier} tier, of which ${answered} answered`];
      }),
  },
  {
    name: 'floor',
    broken: (planned) => {
      const published = new Set(confidentPublished(planned).map(({ id }) => id)).size;
      const { floor } = planned.input.pod.cycling;
      return published >= floor || planned.plan.cycles.length === 0
        ? []
        : [`cycles with ${published} of ${floor} confident servers published`];
    },
  },
  {
    name: 'confident server',
    broken: (planned) => {
      const names = new Set(confidentPublished(planned).map(({ name }) => name));
      return each(planned, (id) => {
        const wanted = planned.judgements.get(id)?.stale?.names;
        const isThere = wanted === undefined ? names.size > 0 : wanted.some((name) => names.has(name));
        return isThere ? null : `cycles ${id} for ${wanted?.join(', ') ?? 'nothing'}, where no confident server is`;
      });
    },
  },
  {
    name: 'cool-down',
    broken: (planned) =>
      each(planned, (id) => {
        if (planned.force) return null;
        const { pod, nowMs } = planned.input;
        const limit = pod.cycling.coolDownSeconds;
        const answer = planned.answers.get(id);
        const lastMs = planned.acts.get(id)?.at(-1);
        const seconds = Math.min(
          answer?.ageSeconds ?? Infinity,
          answer?.cycledSecondsAgo ?? Infinity,
          lastMs === undefined ? Infinity : (nowMs - lastMs) / 1000,
        );
        return seconds < limit ? `cycles ${id} ${seconds} s after its last start, the cool-down is ${limit} s` : null;
      }),
  },
  {
    name: 'attempts',
    broken: (planned) =>
      each(planned, (id) => {
        // one that is not stale any more was not given up: an operator may force it
        if (planned.force && !planned.judgements.get(id)?.stale) return null;
        if (planned.world.instances.get(id)?.lie?.deniesCycles) return null;
        const { pod, nowMs } = planned.input;
        const today = (planned.acts.get(id) ?? []).filter((atMs) => atMs > nowMs - DAY_MS).length;
        return today < pod.cycling.attemptsPerDay ? null : `cycles ${id} after ${today} cycles in a day`;
      }),
  },
  {
    name: 'boundary',
    broken: (planned) => {
      const ids = cycledIds(planned).filter((id) => planned.world.instances.get(id)?.tier === 'boundary');
      const others = planned.world.hosts('boundary').filter(({ id }) => !ids.includes(id));
      const names = new Set([
        ...planned.input.hosts.map(({ instanceId }) => instanceId),
        ...planned.input.records.map(({ setIdentifier }) => setIdentifier),
      ]);
      // one that neither EC2 nor DNS names yet cannot be known of
      const doubtful = others
        .filter(({ id }) => names.has(id))
        .filter(({ id }) => !planned.judgements.get(id)?.confident)
        .map(({ id }) => id);
      if (ids.length > 1) return [`cycles ${ids.length} boundary servers at once`];
      return ids.length === 1 && doubtful.length > 0
        ? [`cycles ${ids[0]} while ${doubtful.join(', ')} is not confident`]
        : [];
    },
  },
  {
    name: 'wave',
    broken: (planned) =>
      tiersCycled(planned).flatMap((tier) => {
        const ids = planned.plan.cycles
          .filter((command) => command.tier === tier)
          .flatMap(({ instanceIds }) => instanceIds);
        const limit = waveLimit(planned.input, tier);
        return ids.length <= limit ? [] : [`a wave of ${ids.length} of the ${tier} tier, ${limit} are allowed`];
      }),
  },
  {
    name: 'stopped',
    broken: (planned) =>
      tiersCycled(planned).flatMap((tier) =>
        planned.plan.stoppedRollOuts.includes(tier) ? [`cycles the ${tier} tier, whose roll-out is stopped`] : [],
      ),
  },
];
