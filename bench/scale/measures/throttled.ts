import { bucketSeconds } from '../bucket.ts';
import { succeeded } from '../functions.ts';
import { hosts, type Measure } from '../measure.ts';
import { StandIn } from '../stand-in.ts';
import { SCHEDULED, TIMEOUT_SECONDS } from './tick.ts';

/** Assumed: SSM publishes no rates. */
export const SSM_READS = { perSecond: 10, burst: 20 };
const MOST_OVER_BUCKET = 1.05;
const READS = ['ListCommands', 'ListCommandInvocations'];

/** From the first read of SSM to the last, beside the least time in which the bucket admits as many. */
export const throttled: Measure = {
  name: 'throttled',
  async *rows({ functions, sizes }) {
    const size = Math.max(...sizes.filter((each) => each <= 10_000));
    const standIn = new StandIn(size);
    const endpoint = await standIn.start();
    const lambda = await functions.start('handlers/watchdog', { endpoint });
    try {
      standIn.throttle(SSM_READS);
      await succeeded(lambda.invoke(SCHEDULED, TIMEOUT_SECONDS), 'the throttled tick');
      const reads = standIn.takeCalls().filter(({ operation }) => READS.includes(operation));
      const admitted = reads.filter(({ status }) => status === 200);
      const tookSeconds = ((admitted.at(-1)?.atMs ?? Number.NaN) - (reads[0]?.atMs ?? Number.NaN)) / 1000;
      const ownSeconds = bucketSeconds(admitted.length, SSM_READS);
      const refused = reads.length - admitted.length;
      yield {
        measure: `time with throttled reads, ${hosts(size)} hosts`,
        goal: `<= ${MOST_OVER_BUCKET} of the bucket's own`,
        now: `${tookSeconds.toFixed(1)} s of ${ownSeconds.toFixed(1)} s, ${admitted.length} reads and ${refused} refused`,
        holds: tookSeconds <= ownSeconds * MOST_OVER_BUCKET,
      };
    } finally {
      await lambda.end();
      standIn.stop();
    }
  },
};
