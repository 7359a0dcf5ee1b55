import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { watchdogOf } from '../../../src/fleet/watchdog-classes.ts';
import { ROOT, succeeded } from '../functions.ts';
import { lambdaTick } from '../lambda-tick.ts';
import { type Bench, hosts, least, type Measure, type Row } from '../measure.ts';
import { shareOf } from '../processor-share.ts';
import { StandIn } from '../stand-in.ts';
import { SCHEDULED, TIMEOUT_SECONDS } from './tick.ts';

/** Those that docs/cost.md prices. */
const SIZES = [100, 1000, 10_000];
const configRequest = JSON.parse(readFileSync(join(ROOT, 'events/config.json'), 'utf8'));

/** Of the function config in serverless.yml, MB. */
function configMemory(): number {
  const service = parse(readFileSync(join(ROOT, 'serverless.yml'), 'utf8')) as {
    provider: { memorySize?: number };
    functions: Record<string, { memorySize?: number }>;
  };
  return service.functions.config?.memorySize ?? service.provider.memorySize ?? Number.NaN;
}

/** What Lambda bills of a run of each kind: no goals, but what docs/cost.md is reckoned from. */
export const billed: Measure = {
  name: 'billed',
  wholeOnly: true,
  async *rows(bench) {
    for (const size of SIZES) {
      const { wallMs } = await lambdaTick(bench.functions, size, 1, watchdogOf({ hosts: size }));
      yield shown(`billed time of a tick, ${hosts(size)} hosts, one silent`, wallMs / 1000);
    }
    yield shown('billed time of a run that is not due, cold', await shortRunSeconds(bench));
    yield shown('billed time of a request for a file, cold', await requestSeconds(bench));
  },
};

const shown = (measure: string, seconds: number): Row => ({
  measure,
  goal: '',
  now: `${seconds.toFixed(seconds < 10 ? 2 : 0)} s`,
  holds: null,
});

async function shortRunSeconds(bench: Bench): Promise<number> {
  const standIn = new StandIn(SIZES[0] ?? 0);
  try {
    const endpoint = await standIn.start();
    const first = await bench.functions.start('handlers/watchdog', { endpoint });
    await succeeded(first.invoke(SCHEDULED, TIMEOUT_SECONDS), 'the tick before').finally(() => first.end());
    return await coldSeconds(
      bench,
      'handlers/watchdog',
      endpoint,
      SCHEDULED,
      watchdogOf({ hosts: 100 }).memoryMegabytes,
    );
  } finally {
    standIn.stop();
  }
}

/** Asks nobody. */
const requestSeconds = (bench: Bench) =>
  coldSeconds(bench, 'handlers/config', 'http://127.0.0.1:9', configRequest, configMemory());

/** A busy machine slows loading: the least of so many counts. */
const ROUNDS = 5;

/** Loading the function and one run, where its CPU has the share of a processor that comes with its memory. */
async function coldSeconds(
  { functions }: Bench,
  module: string,
  endpoint: string,
  event: object,
  megabytes: number,
): Promise<number> {
  const rounds: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const lambda = await functions.start(module, { endpoint });
    const run = await succeeded(lambda.invoke(event, TIMEOUT_SECONDS), module).finally(() => lambda.end());
    const cpuMs = lambda.imported.cpuMs + run.cpuMs;
    const waitedMs = Math.max(0, run.wallMs - run.cpuMs);
    rounds.push((cpuMs / shareOf(megabytes) + waitedMs) / 1000);
  }
  return least(rounds);
}
