/** Looks at the account before the first deploy, reading only: `npm run preflight -- --help`. Decision 0141. */
import { fileURLToPath } from 'node:url';
import { preflight } from './preflight/command.ts';

// of the SDK's, on each start: the project says itself which Node it wants
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

// npm runs scripts in the project's folder, and says in INIT_CWD where the operator stands
const { status, lines } = await preflight(process.argv.slice(2), {
  serviceDir: fileURLToPath(new URL('..', import.meta.url)),
  folder: process.env.INIT_CWD || process.cwd(),
  environment: process.env,
  nowMs: Date.now,
});
for (const line of lines) (status === 2 ? console.error : console.log)(line);
process.exitCode = status;
