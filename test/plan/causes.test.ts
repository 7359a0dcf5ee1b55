import { describe, expect, it } from '@jest/globals';
import { planRetirement } from '../../src/plan/plan.ts';
import { inOneFleet } from '../builders/plan-properties.ts';

/** One for each name and type, of which a pod has some dozens. */
const OF_A_NAME = ['answers-limit'];

describe('what a plan refuses of many', () => {
  it('has a cause without the subject in it, so that ten thousand of them are one sentence', () => {
    const rules = new Set<string>();
    inOneFleet((given, made) => {
      const retired = planRetirement({ ...given, hosts: [...given.hosts] });
      for (const { rule, subject, sentence, cause } of [...made.refusals, ...retired.refusals]) {
        if (subject === given.pod.name || OF_A_NAME.includes(rule)) continue;
        rules.add(rule);
        if (cause === undefined) throw new Error(`no cause by rule ${rule}: ${sentence}`);
        if (subject.startsWith('i-')) expect(cause).not.toContain(subject);
      }
    });
    expect(rules.size).toBeGreaterThan(0);
  });
});
