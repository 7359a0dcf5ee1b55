/** Writes the JSON Schemas of report and state into docs/ (`npm run docs:report`, after each change of them). */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { reportSchemaPage, stateSchemaPage } from './report-schema.ts';

const docs = join(import.meta.dirname, '..', 'docs');
writeFileSync(join(docs, 'report.schema.json'), reportSchemaPage());
writeFileSync(join(docs, 'state.schema.json'), stateSchemaPage());
