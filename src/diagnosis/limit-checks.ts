import type { Facts } from './facts.ts';
import type { Check, Finding } from './finding.ts';
import type { Limit } from './judgement.ts';
import { type Excess, excessOf } from './limits.ts';

/** Where a clock stands whose reference is so far ahead of it. */
function sideOf({ valueMs }: Excess): string {
  return valueMs > 0 ? 'behind' : 'ahead of';
}

/** Around a leap second sources of different smear classes differ though each is right. */
function adriftFinding(limit: Limit, { unjudged }: Facts, sentence: string, cause: string): Finding {
  const differ = limit === 'offset' ? 'its sources' : 'the two';
  return unjudged.includes(limit)
    ? {
        state: null,
        sentence: `${sentence}; not judged, since a leap second is near, which ${differ} smear differently.`,
      }
    : { state: 'adrift', sentence: `${sentence}.`, cause };
}

/** A clock against its limits. Decisions 0081 and 0091. */
export const LIMIT_CHECKS: readonly Check[] = [
  function offsetOverLimit(facts) {
    const excess = excessOf('offset', facts);
    if (excess === null) return null;
    const sentence = `offset ${excess.text}: the clock is ${sideOf(excess)} its reference`;
    return adriftFinding('offset', facts, sentence, `their offsets are ${excess.cause}`);
  },

  function timeServiceOffsetOverLimit(facts) {
    const excess = excessOf('time-service', facts);
    if (excess === null) return null;
    const sentence = `offset from the AWS time service ${excess.text}: the clock is ${sideOf(excess)} AWS's`;
    return adriftFinding(
      'time-service',
      facts,
      sentence,
      `their offsets from the AWS time service are ${excess.cause}`,
    );
  },

  // in holdover the same is said with what follows from it
  function errorBoundOverLimit(facts) {
    const excess = facts.contact.holdover === null ? excessOf('bound', facts) : null;
    if (excess === null) return null;
    return {
      state: 'uncertain',
      sentence: `clock error bound ${excess.text}.`,
      cause: `their clock error bounds are ${excess.cause}`,
      settles: true,
    };
  },
];
