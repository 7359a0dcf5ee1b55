/** Writes docs/alarms.md from the rules (`npm run docs:alarms`, after each change of them). */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { alarmsPage } from './alarms-page.ts';

writeFileSync(join(import.meta.dirname, '..', 'docs', 'alarms.md'), alarmsPage());
