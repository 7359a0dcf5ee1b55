import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

const service = readFileSync(join(import.meta.dirname, '../../serverless.yml'), 'utf8');

/** The names of the service's functions, in the order of serverless.yml. */
export const FUNCTIONS = Object.keys((parse(service) as { functions: object }).functions);
