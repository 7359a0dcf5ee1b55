/** Writes docs/report.schema.json from the report's schema (`npm run docs:report`, after each change of it). */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { reportSchemaPage } from './report-schema.ts';

writeFileSync(join(import.meta.dirname, '..', 'docs', 'report.schema.json'), reportSchemaPage());
