import { failuresOf, runFleetDay } from './fleet-day.ts';
import type { Shard } from './shards.ts';

/** A process of its own: runs the seeds of its share, and tells each as it ends. */
process.on('message', async ({ seeds }: Shard) => {
  for (const seed of seeds) {
    const day = runFleetDay(seed);
    await new Promise((resolve) => process.send?.({ day, failures: failuresOf(day) }, resolve));
  }
  process.disconnect();
});
