import { describe, expect, it } from '@jest/globals';
import { type PlanInput, plan, planBlind, planCutOff, planOnDemandCycle } from '../../src/plan/plan.ts';
import { sortRefusals } from '../../src/plan/refusal.ts';
import { adrift, client, input, judged, MINUTE, memory, NOW, record, server, silent } from '../builders/plan-input.ts';

const B = server('b1', 'b');
const BEFORE = memory({ unknownToEc2: { [B.instanceId]: NOW - 1 }, cycles: { [B.instanceId]: [NOW - 5] } });
const EVERYTHING = { tier: null, az: null, instanceIds: null, force: true };

const nothing = (sentence: string) => ({
  blind: true,
  startingTooLong: [],
  changes: [],
  cycles: [],
  refusals: [{ subject: 'blue', rule: 'blind', sentence }],
  stale: [],
  givenUp: [],
  unfinished: true,
  stoppedRollOuts: [],
  memory: BEFORE,
});

describe('a pod that podtime cannot see', () => {
  it.each([
    [[record(B)], '1 record'],
    [[record(B), record(server('c1', 'c'))], '2 records'],
  ])('for EC2 names nobody stays as it was, in DNS and in memory', (records, held) => {
    const given = input({ records, unknownIds: [B.instanceId], memory: BEFORE });
    const whole = nothing(
      'Nothing is registered, withdrawn or cycled in pod blue: EC2 names no instance of it, dead or alive, ' +
        `and DNS holds ${held} of its servers. To empty the pod, invoke the watchdog with retire.`,
    );
    expect(plan(given)).toEqual(whole);
    expect(planOnDemandCycle(given, EVERYTHING)).toEqual(whole);
  });

  it('for AWS could not be read stays as it was, and says what could not be', () => {
    const sentence = 'Nothing is registered, withdrawn or cycled in pod blue: EC2 and the zone could not be read.';
    expect(planBlind(input({ memory: BEFORE }), ['EC2', 'the zone'])).toEqual(nothing(sentence));
  });

  it('for a newer podtime wrote what is remembered stays as it was, and blames no read', () => {
    const start = 'Nothing is registered, withdrawn or cycled in pod blue:';
    const ofState = `${start} the state is of a newer podtime.`;
    expect(planBlind(input({ memory: BEFORE }), [], ['the state'])).toEqual(nothing(ofState));
    const ofBoth = `${start} the zone could not be read and the memory is of a newer podtime.`;
    expect(planBlind(input({ memory: BEFORE }), ['the zone'], ['the memory'])).toEqual(nothing(ofBoth));
  });

  it('is what a run by hand leaves whose time was up, which says so itself', () => {
    expect(planCutOff(BEFORE)).toEqual({ ...nothing(''), refusals: [] });
  });

  it('is another than one that is empty, or seen', () => {
    expect(plan(input({ memory: BEFORE })).blind).toBe(false);
    const given = input({ hosts: [B], records: [record(B)], judgements: [judged(B)] });
    expect(plan(given).blind).toBe(false);
    expect(planOnDemandCycle(given, EVERYTHING).blind).toBe(false);
  });
});

describe('a pod of which the zone could not be read', () => {
  const PROOF = { provenMs: 10 * MINUTE, seenMs: NOW - 5 * MINUTE };
  const C = client('1', 'b');
  const before = memory({
    unhealthySinceMs: { [B.instanceId]: NOW - 15 * MINUTE },
    unhealthy: { [B.instanceId]: PROOF },
    starting: { [B.instanceId]: PROOF, [C.instanceId]: PROOF },
    unbound: { [B.instanceId]: PROOF },
    over: { [B.instanceId]: ['offset'] },
    unjoined: { [C.instanceId]: ['ntp.az-b.pod'] },
    withdrawn: { [B.instanceId]: { sinceMs: NOW - 5 * MINUTE, sentence: 'adrift', addresses: [] } },
    cycles: { [C.instanceId]: [NOW - MINUTE] },
  });
  const remembered = (given: Partial<PlanInput>) =>
    planBlind(input({ hosts: [B, C], memory: before, ...given }), ['the zone']).memory;
  const kept = { withdrawn: before.withdrawn, cycles: before.cycles };

  it('is seen all the same: a server that is well has nothing proved against it any more', () => {
    expect(remembered({ judgements: [judged(B), judged(C)] })).toEqual(memory({ ...kept, leap: undefined }));
  });

  const STILL = { provenMs: 10 * MINUTE, seenMs: null };

  it('one that is bad has more, and of a silent host it stands still', () => {
    expect(remembered({ judgements: [adrift(B, { over: ['offset'] }), silent(C)] })).toEqual(
      memory({
        ...kept,
        unhealthySinceMs: before.unhealthySinceMs,
        unhealthy: { [B.instanceId]: { provenMs: 15 * MINUTE, seenMs: NOW } },
        starting: { [B.instanceId]: STILL, [C.instanceId]: STILL },
        unbound: { [B.instanceId]: STILL },
        over: before.over,
      }),
    );
  });

  it.each([
    ['the instances could not be read', (given: Partial<PlanInput>) => remembered({ ...given, hosts: [] })],
    [
      'EC2 names nobody of it',
      (given: Partial<PlanInput>) => plan(input({ memory: before, ...given, hosts: [], records: [record(B)] })).memory,
    ],
  ])('where %s nothing is concluded of anybody: what was proved stands still', (_, ask) => {
    expect(ask({ judgements: [] })).toEqual(
      memory({
        ...kept,
        unhealthySinceMs: before.unhealthySinceMs,
        unhealthy: { [B.instanceId]: STILL },
        starting: { [B.instanceId]: STILL, [C.instanceId]: STILL },
        unbound: { [B.instanceId]: STILL },
        over: before.over,
        unjoined: before.unjoined,
      }),
    );
  });
});

it('refusals stand by subject, then by rule, then by sentence', () => {
  const refusal = (subject: string, rule: string, sentence: string) => ({ subject, rule, sentence });
  const sorted = [refusal('a', 'x', '2'), refusal('b', 'w', '9'), refusal('b', 'x', '1'), refusal('b', 'x', '3')];
  expect(sortRefusals([...sorted].reverse())).toEqual(sorted);
});
