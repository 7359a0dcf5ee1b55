import { createServer } from 'node:net';
import { API_PORT, AWS_PORT, SettingError } from './client/ports.mjs';

export { type Ports, portsOf, SettingError } from './client/ports.mjs';

/** serverless-offline's own for `aws lambda invoke`. */
const LAMBDA_PORT = 3002;

export interface Run {
  hosts: 'simulated' | 'real';
  /** Simulated seconds in one. */
  factor: number;
}

const ASKS_FOR_HELP = ['help', '--help', '-h'];

/** Of `npm run pod` and `npm start`. */
export function asksForHelp([word = '']: readonly string[]): boolean {
  return ASKS_FOR_HELP.includes(word);
}

/** Where the pods of `npm start` are written. */
export const FLEET_FILES: Record<Run['hosts'], string> = {
  simulated: 'packages/lab/fleet.yml',
  real: 'packages/lab/fleet.real.yml',
};

/** What `npm start -- --help` tells. `factor`: the one not said. */
export function startUsage(factor: number): string {
  return [
    'Usage: npm start                  a whole pod with simulated hosts',
    `       npm start -- --factor N    hosts and AWS run N times as fast as your clock (1 to 60; ${factor} unless told)`,
    "       npm start -- --real        real daemons in network namespaces, at time's own speed (Linux, as root)",
    `PORT (${API_PORT}) and AWS_PORT (${AWS_PORT}) choose other ports: PORT=3001 AWS_PORT=4567 npm start`,
    `The pods stand in ${FLEET_FILES.simulated}, with --real in ${FLEET_FILES.real}. Ctrl-C ends them.`,
  ].join('\n');
}

/** `--factor 20` for simulated hosts, `--real` for real ones, whose time is everybody's. `otherwise`: the factor not said. */
export function runOf(args: string[], otherwise: number): Run {
  const [flag, given, ...rest] = args;
  if (flag === undefined) return { hosts: 'simulated', factor: otherwise };
  if (flag === '--real' && given === undefined) return { hosts: 'real', factor: 1 };
  if (flag !== '--factor' || rest.length > 0) {
    throw new SettingError(
      `npm start knows no '${args.join(' ')}'. It knows --factor N (hosts and AWS run N times as fast) or --real (real daemons in network namespaces, at time's own speed).`,
    );
  }
  const factor = Number(given);
  if (given !== undefined && factor >= 1 && factor <= 60) return { hosts: 'simulated', factor };
  throw new SettingError(`--factor ${given ?? ''} is no factor: it must be a number from 1 to 60.`);
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
