// @ts-check
import { runCommand } from './run.mjs';

// The client is plain files, so that no loader is waited for. Decision 0127.

// who reads our answer may have seen enough of it, such as `head`
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (/** @type {NodeJS.ErrnoException} */ error) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

const columns = process.stdout.isTTY ? process.stdout.columns || null : null;
const result = await runCommand(process.argv.slice(2), process.env, process.cwd(), columns);
process.stdout.write(result.stdout);
process.stderr.write(result.stderr);
process.exitCode = result.status;
