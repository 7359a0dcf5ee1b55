import type { CycleRequest, PlanInput, RollOut } from '../../src/plan/plan.ts';
import { planOnDemandCycle } from '../../src/plan/plan.ts';
import { client, input, judged, NOW, POD, record, silent, stale } from './plan-input.ts';
import { OVER } from './roll-outs.ts';
import { A, B } from './stale-clients.ts';

export const STALE = client('1', 'a');
export const FRESH = client('2', 'b');
const COOLING = client('3', 'b');
const HELD = client('4', 'c', { held: true });
const QUIET = client('5', 'c');
export const NAMES = ['ntp.az-b.pod'];

/** Two servers, and five clients: stale, up to date, cooling down, held, silent. */
export const GIVEN = input({
  pod: { ...POD, cycling: { ...POD.cycling, waveShare: 1 } },
  hosts: [A, B, STALE, FRESH, COOLING, HELD, QUIET],
  records: [record(A), record(B)],
  judgements: [
    judged(A),
    judged(B),
    stale(STALE, NAMES),
    judged(FRESH),
    stale(COOLING, NAMES, { cycledSecondsAgo: 60 }),
    stale(HELD, NAMES),
    silent(QUIET),
  ],
});

/** A roll-out of the clients that is past its first wave, which began now. */
export const rollOut = (overrides: Partial<RollOut> = {}): RollOut => ({ ...OVER, startedAtMs: NOW, ...overrides });

/** What an operator asks for, and what comes of it: the hosts cycled, and why the others are not. */
export function ask(request: Partial<CycleRequest>, overrides: Partial<PlanInput> = {}) {
  const whole = { tier: null, az: null, instanceIds: null, force: false, ...request };
  const made = planOnDemandCycle({ ...GIVEN, ...overrides }, whole);
  const { cycles, refusals } = made;
  return {
    made,
    cycled: cycles.flatMap(({ instanceIds }) => instanceIds),
    told: refusals.map(({ rule, sentence }) => `${rule}: ${sentence}`),
    rules: refusals.map(
      ({ rule, subject }) => `${subject === 'blue' ? 'blue' : Number.parseInt(subject.slice(2), 16)} ${rule}`,
    ),
  };
}
