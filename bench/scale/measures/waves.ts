import { callCounts, callsBeyond, fewestCalls, shownCounts } from '../calls.ts';
import { succeeded } from '../functions.ts';
import { hosts, type Measure } from '../measure.ts';
import { type RecordedCall, StandIn } from '../stand-in.ts';
import { SCHEDULED, TIMEOUT_SECONDS } from './tick.ts';

const FIRST_LEFT_BEHIND = 100;
/** Far below the half of a tier beyond which nothing is cycled. */
const SHARE_LEFT_BEHIND = 0.25;

/** A tick in the midst of a roll-out: it reads what came of the wave before and sends the next. */
export const waves: Measure = {
  name: 'waves',
  async *rows({ functions, sizes }) {
    for (const size of sizes.filter((each) => each <= 10_000)) {
      const standIn = new StandIn(size);
      const endpoint = await standIn.start();
      const calls: RecordedCall[][] = [];
      try {
        // settled, then the first wave: one host of each AZ
        for (const leftBehind of [0, size * SHARE_LEFT_BEHIND, 0]) {
          standIn.leaveBehind(FIRST_LEFT_BEHIND, leftBehind);
          const lambda = await functions.start('handlers/watchdog', { endpoint });
          await succeeded(lambda.invoke(SCHEDULED, TIMEOUT_SECONDS), 'a tick of a roll-out');
          await lambda.end();
          calls.push(standIn.takeCalls());
          standIn.makeDue();
        }
      } finally {
        standIn.stop();
      }
      const [, before = [], last = []] = calls;
      const [readOf, sentTo] = [cycledHosts(before), cycledHosts(last)];
      if (sentTo === 0) throw new Error('no wave was sent');
      const counts = callCounts(last);
      const beyond = callsBeyond(counts, fewestCalls(size, { sentTo, readOf }));
      yield {
        measure: `calls of a tick that sends a wave, ${hosts(size)} hosts`,
        goal: 'the same, a command for each 50 of a wave, its answers, the mode and who is held once more, one intent',
        now: `a wave of ${hosts(sentTo)}, ${shownCounts(counts)}${beyond.length > 0 ? ` (beyond the fewest: ${beyond.join(', ')})` : ''}`,
        holds: beyond.length === 0,
        countsHold: beyond.length === 0,
      };
    }
  },
};

const cycledHosts = (calls: readonly RecordedCall[]): number =>
  calls
    .filter(({ operation }) => operation === 'SendCommand')
    .reduce((sum, { body }) => sum + (JSON.parse(body.toString()).InstanceIds?.length ?? 0), 0);
