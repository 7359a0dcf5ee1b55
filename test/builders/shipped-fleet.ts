import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadFleet } from '../../src/fleet/load.ts';

/** Stands for `import fleet from '…/fleet.yml'` under Jest: the shipped file, read by the build's own loader. */
export default loadFleet(readFileSync(join(import.meta.dirname, '../../fleet.yml'), 'utf8'));
