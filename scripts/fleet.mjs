/** Checks a fleet file without packaging it: `npm run fleet [FILE] [-- --stage STAGE]`. Ends with 1 where it has faults. */
import { fileURLToPath } from 'node:url';
import { loadTypeScript } from '../infra/load-typescript.mjs';

const { exports, stop } = await loadTypeScript(new URL('../infra/fleet-command.ts', import.meta.url), 'fleet');
// npm runs scripts in the project's folder, and says in INIT_CWD where the operator stands
const { isGood, lines } = exports.fleetCommand(process.argv.slice(2), {
  serviceDir: fileURLToPath(new URL('..', import.meta.url)),
  folder: process.env.INIT_CWD || process.cwd(),
});
for (const line of lines) (isGood ? console.log : console.error)(line);
process.exitCode = isGood ? 0 : 1;
await stop();
