// Runs one function from its bundle as Lambda's runtime would, and says what each run took: `node lambda.mjs MODULE`, events and answers by IPC.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

// Lambda's JSON format: one line each
let logBytes = 0;
for (const level of ['debug', 'info', 'log', 'warn', 'error']) {
  console[level] = (...message) => {
    logBytes += Buffer.byteLength(JSON.stringify({ timestamp: new Date(), level, message: message[0] }));
  };
}

const cpuMsSince = (before) => {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
};

/** Of this process alone, where the system tells it: `maxRSS` begins with that of the process that started it. */
function peakBytes() {
  try {
    const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'));
    return Number(kilobytes) * 1024;
  } catch {
    return process.resourceUsage().maxRSS * 1024;
  }
}

// no function has a CommonJS library in it; this measure reads a fleet file by one
if (process.argv[2].endsWith('/judge-outputs.mjs')) globalThis.require = createRequire(import.meta.url);

const beforeImport = { cpu: process.cpuUsage(), ms: performance.now() };
const { handler } = await import(pathToFileURL(process.argv[2]));
const imported = { cpuMs: cpuMsSince(beforeImport.cpu), wallMs: performance.now() - beforeImport.ms };

process.on('message', async ({ event, timeoutSeconds }) => {
  const endsAt = Date.now() + timeoutSeconds * 1000;
  const context = { awsRequestId: randomUUID(), getRemainingTimeInMillis: () => endsAt - Date.now() };
  const before = { cpu: process.cpuUsage(), ms: performance.now(), logBytes };
  const outcome = await Promise.resolve()
    .then(() => handler(event, context))
    .then(
      (answer) => ({ answer, answerBytes: Buffer.byteLength(JSON.stringify(answer) ?? '') }),
      (error) => ({ failed: `${error.name}: ${error.message}` }),
    );
  process.send({
    ...outcome,
    cpuMs: cpuMsSince(before.cpu),
    wallMs: performance.now() - before.ms,
    logBytes: logBytes - before.logBytes,
    peakBytes: peakBytes(),
  });
});
process.once('disconnect', () => process.exit());
process.send({ imported });
