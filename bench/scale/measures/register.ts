import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { callCounts, shownCounts } from '../calls.ts';
import { ROOT, succeeded } from '../functions.ts';
import { type Bench, hosts, type Measure, type Row, seconds } from '../measure.ts';
import { StandIn } from '../stand-in.ts';
import { SCHEDULED, TIMEOUT_SECONDS } from './tick.ts';

const MOST_CPU_MS = 500;
const MOST_CALLS = 6;
const event = JSON.parse(readFileSync(join(ROOT, 'events/register.json'), 'utf8'));

interface Shape {
  named: (size: number) => string;
  /** The number of a boundary server that DNS does not know yet. */
  unpublished: number | null;
  /** A tick went before, as in any pod but a new one. */
  afterTick: boolean;
}

const SHAPES: readonly Shape[] = [
  { named: (size) => `register, ${hosts(size)} hosts`, unpublished: 3, afterTick: true },
  { named: (size) => `register, nothing to change, ${hosts(size)} hosts`, unpublished: null, afterTick: true },
  { named: (size) => `register before a pod's first tick, ${hosts(size)} hosts`, unpublished: 3, afterTick: false },
];

/** There is no state yet: whether an older podtime left a report is looked for. */
const CALLS_BEFORE_FIRST_TICK = 1;

/** A boundary server that has just booted, with and without a record to make. Each in a cold process. */
export const register: Measure = {
  name: 'register',
  async *rows(bench) {
    for (const size of bench.sizes) {
      for (const shape of SHAPES) yield await rowOf(bench, size, shape);
    }
  },
};

async function rowOf({ functions }: Bench, size: number, { named, unpublished, afterTick }: Shape): Promise<Row> {
  const standIn = new StandIn(size);
  const endpoint = await standIn.start();
  try {
    if (afterTick) {
      const watchdog = await functions.start('handlers/watchdog', { endpoint });
      await succeeded(watchdog.invoke(SCHEDULED, TIMEOUT_SECONDS), 'the tick before').finally(() => watchdog.end());
    }
    standIn.takeCalls();
    standIn.unpublished = unpublished;
    const lambda = await functions.start('handlers/register', { endpoint });
    // CPU and calls count: API Gateway would not wait so long
    const registered = lambda.invoke(event, TIMEOUT_SECONDS);
    const { cpuMs, answer } = await succeeded(registered, 'registering').finally(() => lambda.end());
    const { statusCode, body } = answer as { statusCode: number; body: string };
    if (statusCode !== 200) throw new Error(`register answered ${statusCode}`);
    const { changes } = JSON.parse(body) as { changes: unknown[] };
    if (changes.length > 0 !== (unpublished !== null)) throw new Error(`register made ${changes.length} changes`);
    const calls = standIn.takeCalls();
    const mostCalls = MOST_CALLS + (afterTick ? 0 : CALLS_BEFORE_FIRST_TICK);
    return {
      measure: named(size),
      goal: `<= ${seconds(MOST_CPU_MS)} of CPU, <= ${mostCalls} calls`,
      now: `${seconds(cpuMs)} of CPU, ${shownCounts(callCounts(calls))}`,
      holds: cpuMs <= MOST_CPU_MS && calls.length <= mostCalls,
    };
  } finally {
    standIn.stop();
  }
}
