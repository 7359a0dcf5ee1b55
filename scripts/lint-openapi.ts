/** Lints the API's description: `npm run lint:api`. Ends with 1 and every finding when there is one. */
import { join } from 'node:path';
import { formatProblems, getTotals, lint, loadConfig } from '@redocly/openapi-core';

const docs = join(import.meta.dirname, '..', 'docs');
const config = await loadConfig({ configPath: join(docs, 'redocly.yml') });
const problems = await lint({ ref: join(docs, 'openapi.yml'), config });
const { errors, warnings } = getTotals(problems);
if (problems.length > 0)
  formatProblems(problems, { format: 'codeframe', totals: { errors, warnings, ignored: 0 }, version: '' });
console.log(`docs/openapi.yml: ${errors} errors, ${warnings} warnings`);
process.exitCode = errors + warnings > 0 ? 1 : 0;
