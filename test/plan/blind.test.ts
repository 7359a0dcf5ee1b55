import { describe, expect, it } from '@jest/globals';
import { plan, planBlind, planCutOff, planOnDemandCycle } from '../../src/plan/plan.ts';
import { sortRefusals } from '../../src/plan/refusal.ts';
import { input, judged, memory, NOW, POD, record, server } from '../builders/plan-input.ts';

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
    expect(planBlind(POD, BEFORE, ['EC2', 'the zone'])).toEqual(nothing(sentence));
  });

  it('for a newer podtime wrote what is remembered stays as it was, and blames no read', () => {
    const start = 'Nothing is registered, withdrawn or cycled in pod blue:';
    const ofState = `${start} the state is of a newer podtime.`;
    expect(planBlind(POD, BEFORE, [], ['the state'])).toEqual(nothing(ofState));
    const ofBoth = `${start} the zone could not be read and the memory is of a newer podtime.`;
    expect(planBlind(POD, BEFORE, ['the zone'], ['the memory'])).toEqual(nothing(ofBoth));
  });

  it('is what a run by hand leaves whose time was up, which says so itself', () => {
    expect(planCutOff(POD, BEFORE)).toEqual({ ...nothing(''), refusals: [] });
  });

  it('is another than one that is empty, or seen', () => {
    expect(plan(input({ memory: BEFORE })).blind).toBe(false);
    const given = input({ hosts: [B], records: [record(B)], judgements: [judged(B)] });
    expect(plan(given).blind).toBe(false);
    expect(planOnDemandCycle(given, EVERYTHING).blind).toBe(false);
  });
});

it('refusals stand by subject, then by rule, then by sentence', () => {
  const refusal = (subject: string, rule: string, sentence: string) => ({ subject, rule, sentence });
  const sorted = [refusal('a', 'x', '2'), refusal('b', 'w', '9'), refusal('b', 'x', '1'), refusal('b', 'x', '3')];
  expect(sortRefusals([...sorted].reverse())).toEqual(sorted);
});
