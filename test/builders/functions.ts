import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { CountedFunctions } from '../../infra/template/limits.ts';

const text = readFileSync(join(import.meta.dirname, '../../serverless.yml'), 'utf8');

/** serverless.yml, its variables not resolved. */
export const SERVICE = parse(text) as { functions: CountedFunctions };

/** The names of the service's functions, in the order of serverless.yml. */
export const FUNCTIONS = Object.keys(SERVICE.functions);
