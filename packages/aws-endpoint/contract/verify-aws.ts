/**
 * Holds the contract of this folder against an account of AWS:
 * `npm run verify:aws -- --vpc vpc-… [--region …] [--endpoint-url …] [--yes]`.
 * Says what it will do and asks first, unless the endpoint (also from AWS_ENDPOINT_URL) is on this machine. Without
 * credentials it says so and stops.
 */
import { createInterface } from 'node:readline/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Stop, verify } from './verify.ts';

const interruption = new AbortController();
// a terminal that is closed takes no more output
process.stdout.on('error', () => {});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  // a second one of its kind ends the process at once
  process.once(signal, () => {
    console.log('\nInterrupted: what was made is removed first.');
    interruption.abort();
  });
}

async function ask(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  const typed = await Promise.race([
    lines.question(question),
    new Promise<string>((resolve) => lines.once('close', () => resolve(''))),
  ]);
  lines.close();
  return typed;
}

const { values } = parseArgs({
  options: {
    vpc: { type: 'string' },
    region: { type: 'string' },
    'endpoint-url': { type: 'string', default: process.env.AWS_ENDPOINT_URL },
    yes: { type: 'boolean', default: false },
  },
});
verify(
  { ...values, endpointUrl: values['endpoint-url'] || undefined },
  { print: (text) => console.log(text), ask, pause: (ms) => pause(ms), interruption: interruption.signal },
).then(
  (allHeld) => {
    if (!allHeld) process.exitCode = 1;
  },
  (error: Error) => {
    console.log(error instanceof Stop ? error.message : `${error.name}: ${error.message}`);
    process.exitCode = 1;
  },
);
