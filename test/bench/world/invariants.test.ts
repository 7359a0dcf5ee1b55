import { describe, expect, it } from '@jest/globals';
import { failuresOf, runFleetDay, runWithPodtime } from '../../../bench/world/fleet-day.ts';
import { type Planner, PRODUCT } from '../../../bench/world/planner.ts';
import type { Plan, PlanInput } from '../../../src/plan/plan.ts';

/** So many days are tried until the fault shows. */
const DAYS = 100;
/** With the product's own plan no rule is broken on these. */
const SEEDS = Array.from({ length: 20 }, (_, index) => index + 1);

/** A plan that is made as the product's, from a state that was tampered with. */
const blindTo = (tamper: (input: PlanInput) => PlanInput): Planner => ({
  plan: (input) => PRODUCT.plan(tamper(input)),
  onDemand: (input, request) => PRODUCT.onDemand(tamper(input), request),
  nextWave: PRODUCT.nextWave,
});

/** A plan that is changed after it was made. */
const made = (change: (made: Plan, input: PlanInput) => Plan): Planner => ({
  plan: (input) => change(PRODUCT.plan(input), input),
  onDemand: PRODUCT.onDemand,
  nextWave: PRODUCT.nextWave,
});

const policy = (given: Partial<PlanInput['pod']['cycling']>) =>
  blindTo((input) => ({ ...input, pod: { ...input.pod, cycling: { ...input.pod.cycling, ...given } } }));

/** Asks hosts again as if podtime remembered nothing and they told nothing of when they were started. */
const forgetful = blindTo((input) => ({
  ...input,
  pod: { ...input.pod, cycling: { ...input.pod.cycling, coolDownSeconds: 0 } },
  memory: { ...input.memory, cycles: {}, rollOuts: {}, undone: {} },
  judgements: input.judgements.map((judgement) => ({
    ...judgement,
    cycledSecondsAgo: null,
    measures: { ...judgement.measures, ageSeconds: null },
  })),
}));

const silenceIsDown = blindTo((input) => ({
  ...input,
  judgements: input.judgements.map((judgement) =>
    judgement.state === 'unknown' ? { ...judgement, state: 'no-daemon' as const } : judgement,
  ),
}));

const emptyIsGone = made((plan, { hosts, records }) =>
  hosts.length > 0
    ? plan
    : {
        ...plan,
        changes: records.map(({ name, setIdentifier, addresses }) => ({
          action: 'DELETE' as const,
          name,
          type: 'A' as const,
          setIdentifier: setIdentifier ?? '',
          address: addresses.join(', '),
          ttlSeconds: 30,
          reason: 'EC2 names nobody',
        })),
      },
);

/** `from`: the first day that is tried; most show within a few. */
const FAULTS: [fault: string, planner: Planner, rules: string[], from?: number][] = [
  ['ignores the cool-down', forgetful, ['cool-down'], 8],
  [
    'starts a wave beside another',
    {
      ...PRODUCT,
      plan: (input) => {
        const plan = PRODUCT.plan({ ...input, memory: { ...input.memory, rollOuts: {} } });
        // at the next minute, when its own wave has not ended
        return { ...plan, unfinished: plan.unfinished || plan.cycles.length > 0 };
      },
    },
    ['one wave'],
    58,
  ],
  [
    'asks hosts again between two ticks',
    {
      ...PRODUCT,
      nextWave: (input) => {
        const waiting = Object.keys(input.memory.cycles);
        const seen = input.memory.seen && {
          ...input.memory.seen,
          waiting: [{ az: input.pod.azs[0] ?? '', names: [], instanceIds: waiting }],
        };
        return PRODUCT.nextWave({ ...input, memory: { ...input.memory, cycles: {}, seen } });
      },
    },
    ['cool-down'],
  ],
  ['cycles all at once', made(allAtOnce), ['wave', 'at once']],
  ['forgets how often a host was cycled', policy({ attemptsPerDay: 1000 }), ['attempts'], 8],
  ['ignores the floor', policy({ floor: 0 }), ['floor']],
  [
    'ignores maintenance windows',
    blindTo((input) => ({ ...input, pod: { ...input.pod, maintenance: [] } })),
    ['maintenance'],
    4,
  ],
  ['acts in every mode', blindTo((input) => ({ ...input, mode: 'act' })), ['mode']],
  [
    'touches held hosts',
    blindTo((input) => ({
      ...input,
      hosts: input.hosts.map((host) => ({ ...host, held: false })),
      judgements: input.judgements.map((judgement) => ({ ...judgement, host: { ...judgement.host, held: false } })),
    })),
    ['held'],
  ],
  ['takes silence for death', silenceIsDown, ['withdraw'], 3],
  ['takes an empty answer for news', emptyIsGone, ['blind', 'withdraw', 'empty'], 3],
  ['withdraws below the floor', made(withdrawsAll), ['withdraw', 'floor']],
  ['cycles where no server is confident', made(cyclesWaiting), ['confident server']],
  [
    'publishes what was withdrawn',
    blindTo((input) => ({ ...input, memory: { ...input.memory, withdrawn: {} } })),
    ['withdrawn'],
    6,
  ],
];

function allAtOnce(plan: Plan, input: PlanInput): Plan {
  const [command] = plan.cycles.filter(({ tier }) => tier === 'client');
  if (command === undefined) return plan;
  const stale = input.judgements.flatMap(({ host, stale }) => (stale && !host.held ? [host.instanceId] : []));
  return {
    ...plan,
    cycles: [{ ...command, instanceIds: stale, maxConcurrency: stale.length, maxErrors: stale.length }],
  };
}

function withdrawsAll(plan: Plan, { records, judgements }: PlanInput): Plan {
  if (judgements.every(({ host, confident }) => host.tier !== 'boundary' || confident)) return plan;
  const changes = records.map(({ name, setIdentifier, addresses }) => ({
    action: 'DELETE' as const,
    name,
    type: 'A' as const,
    setIdentifier: setIdentifier ?? '',
    address: addresses.join(', '),
    ttlSeconds: 30,
    reason: 'one of them is not confident',
  }));
  return { ...plan, changes };
}

function cyclesWaiting(plan: Plan, input: PlanInput): Plan {
  const waiting = plan.refusals.find(({ rule }) => rule === 'no-confident-server');
  if (waiting === undefined || plan.cycles.length > 0) return plan;
  const command = {
    tier: 'client' as const,
    instanceIds: [waiting.subject],
    maxConcurrency: 1,
    maxErrors: 0,
    records: '',
    force: false,
    coolDownSeconds: 600,
    waveId: `${input.tickId}-client`,
    reason: 'it waits',
  };
  return { ...plan, cycles: [command] };
}

/** Rules broken on the first day on which one of these is. */
function firstBroken(planner: Planner, rules: readonly string[], from: number): string | null {
  for (let seed = from; seed < from + DAYS; seed += 1) {
    const { violations } = runWithPodtime(seed, { planner });
    const found = violations.find(({ rule }) => rules.includes(rule));
    if (found !== undefined) return found.rule;
  }
  return null;
}

describe('the invariants of the model of the world', () => {
  it.each(FAULTS)('catch a plan that %s', (_fault, planner, rules, from = 1) => {
    expect(rules).toContain(firstBroken(planner, rules, from));
  });

  it('hold for the product on days on which the faults show', () => {
    expect(SEEDS.flatMap((seed) => runWithPodtime(seed).violations)).toEqual([]);
  });
});

/** Each by a fault of the product, or of the model's own books, that is mended. */
const FOUND_DAYS: [number, string][] = [
  [972066561, 'a server seen well while the zone could not be read'],
  [972067185, 'a server seen well by a run that died before it remembered that'],
  [719499787, 'a server accused by three of eight clients, of which three had not heard it for 20 minutes'],
  [972067258, 'a server that podtime, which was dead, could not put back'],
];

it.each(FOUND_DAYS)(
  'day %i holds: %s',
  (seed) => {
    expect(failuresOf(runFleetDay(seed))).toEqual([]);
  },
  60_000,
);
