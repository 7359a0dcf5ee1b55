import { join } from 'node:path';
import { readScript } from '../../infra/script-files.ts';

/** Stands for `import text from '…/src/host/boot.sh'` under Jest: the script as the build puts it together. */
export default readScript(join(import.meta.dirname, '../..'), 'boot');
