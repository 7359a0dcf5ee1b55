import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, succeeded } from '../functions.ts';
import type { Measure } from '../measure.ts';

const MOST_OVER_EMPTY = 2;
const event = JSON.parse(readFileSync(join(ROOT, 'events/config.json'), 'utf8'));

/** Requests in a warm process, by turns with the same of a handler that does nothing. */
export const config: Measure = {
  name: 'config',
  async *rows({ functions }) {
    const lambda = await functions.start('bench/scale/config-requests', { endpoint: 'http://127.0.0.1:9' });
    try {
      const { answer } = await succeeded(lambda.invoke(event, 600), 'requests');
      const { configUs, emptyUs } = answer as { configUs: number; emptyUs: number };
      const ratio = configUs / emptyUs;
      yield {
        measure: 'a request for a file over an empty handler',
        goal: `<= ${MOST_OVER_EMPTY}`,
        now: `${ratio.toFixed(1)} (${configUs.toFixed(1)} us over ${emptyUs.toFixed(1)} us)`,
        holds: ratio <= MOST_OVER_EMPTY,
      };
    } finally {
      await lambda.end();
    }
  },
};
