import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { callCounts, shownCounts } from '../calls.ts';
import { ROOT, succeeded } from '../functions.ts';
import { hosts, type Measure, seconds } from '../measure.ts';
import { StandIn } from '../stand-in.ts';

const MOST_CPU_MS = 500;
const MOST_CALLS = 6;
/** API Gateway waits no longer than this; a slow machine may be given more, as it is CPU and calls that count. */
const TIMEOUT_SECONDS = 180;
const event = JSON.parse(readFileSync(join(ROOT, 'events/register.json'), 'utf8'));

/** A boundary server that has just booted: it has no record yet. In a cold process. */
export const register: Measure = {
  name: 'register',
  async *rows({ functions, sizes }) {
    for (const size of sizes) {
      const standIn = new StandIn(size);
      standIn.unpublished = 3;
      const lambda = await functions.start('handlers/register', { endpoint: await standIn.start() });
      try {
        const { cpuMs, answer } = await succeeded(lambda.invoke(event, TIMEOUT_SECONDS), 'registering');
        const { statusCode } = answer as { statusCode: number };
        if (statusCode !== 200) throw new Error(`register answered ${statusCode}`);
        const calls = standIn.takeCalls();
        yield {
          measure: `register, ${hosts(size)} hosts`,
          goal: `<= ${seconds(MOST_CPU_MS)} of CPU, <= ${MOST_CALLS} calls`,
          now: `${seconds(cpuMs)} of CPU, ${shownCounts(callCounts(calls))}`,
          holds: cpuMs <= MOST_CPU_MS && calls.length <= MOST_CALLS,
        };
      } finally {
        await lambda.end();
        standIn.stop();
      }
    }
  },
};
