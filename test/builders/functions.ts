import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { CountedFunctions } from '../../infra/template/limits.ts';
import { WATCHDOG_CLASSES } from '../../src/fleet/watchdog-classes.ts';

const text = readFileSync(join(import.meta.dirname, '../../serverless.yml'), 'utf8');

/** serverless.yml, its variables not resolved. */
export const SERVICE = parse(text) as { functions: CountedFunctions };

/** With the watchdogs of all classes. */
export const ALL_FUNCTIONS: CountedFunctions = { ...SERVICE.functions };

// as the build leaves them out where no pod is large
for (const { functionName } of WATCHDOG_CLASSES.slice(1)) delete SERVICE.functions[functionName];

/** The names of the service's functions, in the order of serverless.yml. */
export const FUNCTIONS = Object.keys(SERVICE.functions);
