import { proxyEvent } from '../handlers/gateway.ts';
import type { Between } from './calls.ts';
import { type Baseline, type CellResult, healed } from './cell.ts';
import type { Programs } from './programs.ts';
import { worldOf } from './scenarios.ts';
import { seededRandom } from './seeded.ts';
import type { World } from './world.ts';

/** What runs at once: two ticks, a cycle by hand, and a server that registers. */
const AT_ONCE: readonly [functionName: string, event: unknown][] = [
  ['watchdog', { pod: 'blue', scheduled: true }],
  ['watchdog', { source: 'podtime', 'detail-type': 'DNS changed', detail: { pod: 'blue', names: [] } }],
  ['cycle', { pod: 'blue', tier: 'client' }],
  ['register', proxyEvent('POST', { pod: 'blue' }, {}, '/{pod}/register')],
];

/** They start within so many seconds of each other. */
const START_MS = 4_000;
/** A call is late by up to so much before it takes effect, and its answer again. */
const LATE_MS = 1_500;
const LONGEST_MS = 180_000;

/** One round: all at once with calls that are late at random; then undisturbed ticks. `baseline`: a tick that ran alone. */
export async function runRace(
  baseline: Baseline,
  seed: number,
  programs: Programs,
): Promise<Omit<CellResult, 'struckTimes'>> {
  const random = seededRandom(seed);
  const world = await worldOf(baseline.scenario, programs);
  try {
    const wait = (ms: number) => new Promise<void>((resolve) => void world.time.after(ms, resolve));
    const late: Between = async (_, { handle }) => {
      await wait(random() * LATE_MS);
      const answer = await handle();
      await wait(random() * LATE_MS);
      return answer;
    };
    const startedMs = world.time.nowMs();
    const runs = AT_ONCE.map(async ([functionName, event]) => {
      const container = world.container(functionName);
      await wait(random() * START_MS);
      const run = container.start(event, late);
      await run.ended;
      return { functionName, ...run.result() };
    });
    const all = Promise.all(runs);
    if (!(await world.time.until(all, LONGEST_MS))) throw new Error('a run did not end');
    const tookMs = world.time.nowMs() - startedMs;
    const violations = (await all).flatMap(({ functionName, error }) =>
      error ? [`${functionName} failed: ${error.message}`] : [],
    );
    const { ticksToHeal, violations: found } = await healed(baseline, world);
    return { violations: [...violations, ...found, ...inMode(world)], tookMs, ticksToHeal };
  } finally {
    await world.close();
  }
}

/** The endpoint itself never failed. */
function inMode({ events }: World): string[] {
  return events.flatMap((event) => (event.kind === 'fault of the endpoint' ? [event.message] : []));
}
