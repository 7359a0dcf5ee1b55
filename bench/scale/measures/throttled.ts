import { ASSUMED_READS_PER_SECOND } from '../../../src/fleet/ssm-reads.ts';
import { bucketSeconds } from '../bucket.ts';
import { type Functions, succeeded } from '../functions.ts';
import { hosts, type Measure } from '../measure.ts';
import { StandIn } from '../stand-in.ts';
import { SCHEDULED, TIMEOUT_SECONDS } from './tick.ts';

/** Assumed: SSM publishes no rates. */
export const SSM_READS = { perSecond: ASSUMED_READS_PER_SECOND, burst: 20 };
const MOST_OVER_BUCKET = 1.05;
const READS = ['ListCommands', 'ListCommandInvocations'];

/** A busy machine keeps a tick from reading as fast as it may: the best of so many counts. */
const MOST_ROUNDS = 3;

interface ThrottledReads {
  tookSeconds: number;
  ownSeconds: number;
  admitted: number;
  refused: number;
}

export const throttled: Measure = {
  name: 'throttled',
  wholeOnly: true,
  async *rows({ functions, sizes }) {
    const size = Math.max(...sizes.filter((each) => each <= 10_000));
    const over = ({ tookSeconds, ownSeconds }: ThrottledReads) => tookSeconds / ownSeconds;
    let best = await throttledReads(functions, size);
    for (let round = 1; round < MOST_ROUNDS && over(best) > MOST_OVER_BUCKET; round += 1) {
      const next = await throttledReads(functions, size);
      if (over(next) < over(best)) best = next;
    }
    const { tookSeconds, ownSeconds, admitted, refused } = best;
    yield {
      measure: `time with throttled reads, ${hosts(size)} hosts`,
      goal: `<= ${MOST_OVER_BUCKET} of the bucket's own`,
      now: `${tookSeconds.toFixed(1)} s of ${ownSeconds.toFixed(1)} s, ${admitted} reads and ${refused} refused`,
      holds: over(best) <= MOST_OVER_BUCKET,
    };
  },
};

/**
 * From the first read of the list to the last, beside the least time in which the bucket admits as many. It is full at first: while the
 * hosts had not answered a tick looked at the command once a second, which the bucket gives it in a tenth of that.
 */
async function throttledReads(functions: Functions, size: number): Promise<ThrottledReads> {
  const standIn = new StandIn(size);
  const endpoint = await standIn.start();
  const lambda = await functions.start('handlers/watchdog', { endpoint });
  try {
    standIn.throttle(SSM_READS);
    await succeeded(lambda.invoke(SCHEDULED, TIMEOUT_SECONDS), 'the throttled tick');
    const all = standIn.takeCalls().filter(({ operation }) => READS.includes(operation));
    const reads = all.slice(all.findIndex(({ operation }) => operation === 'ListCommandInvocations'));
    const admitted = reads.filter(({ status }) => status === 200);
    return {
      tookSeconds: ((admitted.at(-1)?.atMs ?? Number.NaN) - (reads[0]?.atMs ?? Number.NaN)) / 1000,
      ownSeconds: bucketSeconds(admitted.length, SSM_READS),
      admitted: admitted.length,
      refused: reads.length - admitted.length,
    };
  } finally {
    await lambda.end();
    standIn.stop();
  }
}
