import { createServer } from 'node:net';
import { API_PORT, SettingError } from './client/ports.mjs';

export { type Ports, portsOf, SettingError } from './client/ports.mjs';

/** serverless-offline's own for `aws lambda invoke`. */
const LAMBDA_PORT = 3002;

const ASKS_FOR_HELP = ['help', '--help', '-h'];

/** Of `npm run pod` and `npm start`. */
export function asksForHelp([word = '']: readonly string[]): boolean {
  return ASKS_FOR_HELP.includes(word);
}

/** Throws a sentence when somebody listens there already. */
export async function mustBeFree(number: number, name: string): Promise<void> {
  if (await isFree(number)) return;
  const example = number >= 60_000 ? number - 1000 : number + 1;
  throw new SettingError(`Port ${number} is taken. Choose another: ${name}=${example} npm start`);
}

/**
 * Of a pod with this API port. The usual one is left to the pod at the usual ports: of two that start at once, both would find
 * it free.
 */
export function lambdaPortBeside(apiPort: number): Promise<number> {
  return apiPort === API_PORT ? freePort(LAMBDA_PORT) : anyFreePort();
}

/** `preferred`, or any free port. */
export async function freePort(preferred: number): Promise<number> {
  return (await isFree(preferred)) ? preferred : anyFreePort();
}

/** One that nobody listens on. */
export function anyFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

function isFree(number: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(false);
      else reject(error);
    });
    probe.listen(number, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
