import { callCounts, shownCounts } from '../calls.ts';
import { succeeded } from '../functions.ts';
import { type Measure, seconds } from '../measure.ts';
import { StandIn } from '../stand-in.ts';
import { SCHEDULED, TIMEOUT_SECONDS } from './tick.ts';

const SIZE = 1000;
const MOST_BYTES = 1024;

/** What most of a pod's runs are, one a minute. */
export const notDue: Measure = {
  name: 'not-due',
  async *rows({ functions }) {
    const standIn = new StandIn(SIZE);
    const lambda = await functions.start('handlers/watchdog', { endpoint: await standIn.start() });
    try {
      await succeeded(lambda.invoke(SCHEDULED, TIMEOUT_SECONDS), 'the tick before');
      standIn.takeCalls();
      const { cpuMs } = await succeeded(lambda.invoke(SCHEDULED, TIMEOUT_SECONDS), 'a run that is not due');
      const calls = standIn.takeCalls();
      const bytes = calls.reduce((sum, { answerBytes }) => sum + answerBytes, 0);
      const holds = calls.length === 1 && bytes < MOST_BYTES;
      yield {
        measure: 'a run that is not due',
        goal: `one read of < ${MOST_BYTES} bytes`,
        now: `${shownCounts(callCounts(calls))}, ${bytes} bytes, ${seconds(cpuMs)} of CPU`,
        holds,
        countsHold: holds,
      };
    } finally {
      await lambda.end();
      standIn.stop();
    }
  },
};
