import { succeeded } from '../functions.ts';
import { hosts, type Measure } from '../measure.ts';
import { type RecordedCall, StandIn } from '../stand-in.ts';
import { SCHEDULED, TIMEOUT_SECONDS } from './tick.ts';

const SIZE = 1000;

const isCollect = ({ operation, body }: RecordedCall) =>
  operation === 'SendCommand' && String(JSON.parse(body.toString()).DocumentName).endsWith('-collect');

/** A schedule that starts two runs at once, as it may. */
export const twoRuns: Measure = {
  name: 'two-runs',
  async *rows({ functions }) {
    const standIn = new StandIn(SIZE);
    const endpoint = await standIn.start();
    const start = () => functions.start('handlers/watchdog', { endpoint });
    const [first, second] = [await start(), await start()];
    try {
      await Promise.all(
        [first, second].map((lambda) => succeeded(lambda.invoke(SCHEDULED, TIMEOUT_SECONDS), 'one of two runs')),
      );
      const collected = standIn.takeCalls().filter(isCollect).length;
      yield {
        measure: `two runs at once, ${hosts(SIZE)} hosts`,
        goal: 'one collects',
        now: collected === 1 ? 'one collects' : `${collected} collect`,
        holds: collected === 1,
      };
    } finally {
      await Promise.all([first.end(), second.end()]);
      standIn.stop();
    }
  },
};
