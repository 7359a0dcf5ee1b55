import { type Invoked, succeeded } from '../functions.ts';
import { hosts, type Measure, seconds } from '../measure.ts';

const SIGHTINGS = 50_000;
const MOST_CPU_MS = 6000;

/** Parsing and judging what 50,000 hosts printed, without anything of AWS. */
export const judging: Measure = {
  name: 'judging',
  async *rows({ functions }) {
    const lambda = await functions.start('bench/scale/judge-outputs', { endpoint: 'http://127.0.0.1:9' });
    try {
      const { answer }: Invoked = await succeeded(lambda.invoke({ sightings: SIGHTINGS }, 600), 'judging');
      const { cpuMs } = answer as { cpuMs: number };
      yield {
        measure: `parse and judge ${hosts(SIGHTINGS)} sightings`,
        goal: `<= ${seconds(MOST_CPU_MS)} of CPU`,
        now: seconds(cpuMs),
        holds: cpuMs <= MOST_CPU_MS,
      };
    } finally {
      await lambda.end();
    }
  },
};
