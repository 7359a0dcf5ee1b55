import { callCounts, callsBeyond, fewestCalls } from '../calls.ts';
import { succeeded } from '../functions.ts';
import { hosts, type Measure } from '../measure.ts';
import { type RecordedCall, StandIn } from '../stand-in.ts';
import { SCHEDULED, TIMEOUT_SECONDS } from './tick.ts';

const SIZE = 1000;

const isCollect = ({ operation, body }: RecordedCall) =>
  operation === 'SendCommand' && String(JSON.parse(body.toString()).DocumentName).endsWith('-collect');

/** What the run that gives way may ask for: the state, and the turn, which it does not get. */
const GIVING_WAY = ['GetObject of state', 'PutObject of state'];

/** A schedule that starts two runs of a tick that is due at once, as it may. */
export const twoRuns: Measure = {
  name: 'two-runs',
  async *rows({ functions }) {
    const standIn = new StandIn(SIZE);
    const endpoint = await standIn.start();
    const start = () => functions.start('handlers/watchdog', { endpoint });
    const [first, second] = [await start(), await start()];
    const run = (lambda: typeof first) => succeeded(lambda.invoke(SCHEDULED, TIMEOUT_SECONDS), 'one of two runs');
    try {
      await run(first);
      standIn.makeDue();
      standIn.takeCalls();
      await Promise.all([first, second].map(run));
      const calls = standIn.takeCalls();
      const collected = calls.filter(isCollect).length;
      const fewest = fewestCalls(SIZE);
      for (const name of GIVING_WAY) fewest[name] = (fewest[name] ?? 0) + 1;
      const beyond = callsBeyond(callCounts(calls), fewest);
      const others = beyond.length === 0 ? '' : `; beyond the calls of one tick: ${beyond.join(', ')}`;
      const holds = collected === 1 && beyond.length === 0;
      yield {
        measure: `two runs at once, ${hosts(SIZE)} hosts`,
        goal: 'one collects, the other reads the state and asks for the turn',
        now: `${collected === 1 ? 'one collects' : `${collected} collect`}${others}`,
        holds,
        countsHold: holds,
      };
    } finally {
      await Promise.all([first.end(), second.end()]);
      standIn.stop();
    }
  },
};
