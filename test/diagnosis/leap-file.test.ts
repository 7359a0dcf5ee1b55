import { describe, expect, it } from '@jest/globals';
import type { LeapFile } from '../../src/host/collect-leap-file.ts';
import { collected, judge } from '../builders/sightings.ts';

const PATH = '/usr/share/zoneinfo/leap-seconds.list';
const DAY_SECONDS = 86_400;
const judgedWith = (secondsLeft: LeapFile['secondsLeft']) =>
  judge(collected({ leapFile: { path: PATH, secondsLeft } }));

describe('a leap file', () => {
  it.each([
    [-3 * DAY_SECONDS, `its leap file ${PATH} expired 3 days ago`, 'has expired'],
    [-3600, `its leap file ${PATH} expired 60 min ago`, 'has expired'],
    [0, `its leap file ${PATH} expires in 0 s (limit 28 days)`, 'expires within 28 days'],
    [28 * DAY_SECONDS - 1, `its leap file ${PATH} expires in 27 days (limit 28 days)`, 'expires within 28 days'],
    ['missing', `its leap file ${PATH} is missing`, 'is missing'],
    ['unread', `its leap file ${PATH} does not say until when it is valid`, 'does not say until when it is valid'],
  ] as const)('with %s left degrades a host, by one cause for all', (secondsLeft, sentence, cause) => {
    const judged = judgedWith(secondsLeft);
    expect({ state: judged.state, sentence: judged.sentence, cause: judged.cause }).toEqual({
      state: 'degraded',
      sentence: `${sentence}: of leap seconds its daemon then knows what its servers announce, and no more.`,
      cause: `the leap file ${PATH} ${cause}`,
    });
  });

  it('that is valid for longer, or that no configuration names, is no news', () => {
    expect([judgedWith(28 * DAY_SECONDS).state, judge(collected({})).state]).toEqual(['healthy', 'healthy']);
  });

  it('takes no confidence', () => {
    expect([judgedWith('missing').confident, judgedWith(-1).confident]).toEqual([true, true]);
  });
});
