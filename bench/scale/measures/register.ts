import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { callCounts, shownCounts } from '../calls.ts';
import { type Functions, ROOT, succeeded } from '../functions.ts';
import { hosts, type Measure, type Row, seconds } from '../measure.ts';
import { StandIn } from '../stand-in.ts';
import { SCHEDULED, TIMEOUT_SECONDS } from './tick.ts';

const MOST_CPU_MS = 500;
const MOST_CALLS = 6;
const event = JSON.parse(readFileSync(join(ROOT, 'events/register.json'), 'utf8'));

interface Shape {
  name: string;
  /** The number of a boundary server that DNS does not know yet; null: nothing is to change. */
  unpublished: number | null;
}

/** There is no state: whether an older podtime left a report is looked for, and no event starts the tick, which is due anyway. */
const BEFORE_FIRST_TICK: Shape = { name: "register before a pod's first tick", unpublished: 3 };
const AFTER_TICK: readonly Shape[] = [
  { name: 'register', unpublished: 3 },
  { name: 'register, nothing to change', unpublished: null },
];

/** A boundary server that has just booted, with and without a record to make. Each in a cold process. */
export const register: Measure = {
  name: 'register',
  async *rows({ functions, sizes }) {
    for (const size of sizes) {
      const standIn = new StandIn(size);
      const endpoint = await standIn.start();
      try {
        const first = await rowOf(functions, standIn, endpoint, BEFORE_FIRST_TICK);
        standIn.unpublished = null;
        const watchdog = await functions.start('handlers/watchdog', { endpoint });
        await succeeded(watchdog.invoke(SCHEDULED, TIMEOUT_SECONDS), 'the tick before').finally(() => watchdog.end());
        for (const shape of AFTER_TICK) yield await rowOf(functions, standIn, endpoint, shape);
        yield first;
      } finally {
        standIn.stop();
      }
    }
  },
};

async function rowOf(functions: Functions, standIn: StandIn, endpoint: string, shape: Shape): Promise<Row> {
  const { name, unpublished } = shape;
  standIn.unpublished = unpublished;
  standIn.takeCalls();
  const lambda = await functions.start('handlers/register', { endpoint });
  // CPU and calls count: API Gateway would not wait so long
  const registered = lambda.invoke(event, TIMEOUT_SECONDS);
  const { cpuMs, answer } = await succeeded(registered, name).finally(() => lambda.end());
  const { statusCode, body } = answer as { statusCode: number; body: string };
  if (statusCode !== 200) throw new Error(`${name} answered ${statusCode}`);
  const { changes } = JSON.parse(body) as { changes: unknown[] };
  if (changes.length > 0 !== (unpublished !== null)) throw new Error(`${name} made ${changes.length} changes`);
  const calls = standIn.takeCalls();
  const countsHold = calls.length <= MOST_CALLS;
  return {
    measure: `${name}, ${hosts(standIn.pages.size)} hosts`,
    goal: `<= ${seconds(MOST_CPU_MS)} of CPU, <= ${MOST_CALLS} calls`,
    now: `${seconds(cpuMs)} of CPU, ${shownCounts(callCounts(calls))}`,
    holds: cpuMs <= MOST_CPU_MS && countsHold,
    countsHold,
  };
}
