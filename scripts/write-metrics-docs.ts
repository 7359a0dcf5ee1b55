/** Writes docs/metrics.md from the catalogue (`npm run docs:metrics`, after each change of it). */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { metricsPage } from './metrics-page.ts';

writeFileSync(join(import.meta.dirname, '..', 'docs', 'metrics.md'), metricsPage());
