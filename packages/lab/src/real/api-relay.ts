import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';
import { fileURLToPath } from 'node:url';
import { CommandError } from './commands.ts';
import type { Namespace } from './namespace.ts';

const PROGRAM = fileURLToPath(new URL('api-relay.mjs', import.meta.url));
/** HTTP's own, so that hosts need no port in the API's address. */
const PORT = 80;

export interface Relay {
  close(): Promise<void>;
}

/**
 * Lets a namespace reach one port of this machine's loopback, and nothing else of it: connections to `addresses` inside
 * come out of a Unix socket here. Nothing listens on any network of the machine for it.
 */
export async function startRelay(options: {
  namespace: Namespace;
  addresses: readonly string[];
  socketPath: string;
  /** On 127.0.0.1 of the machine. */
  toPort: number;
}): Promise<Relay> {
  const { namespace, addresses, socketPath, toPort } = options;
  const server = createServer({ allowHalfOpen: true }, (caller) => {
    const api = connect({ host: '127.0.0.1', port: toPort, allowHalfOpen: true });
    for (const [from, to] of [
      [caller, api],
      [api, caller],
    ] as const) {
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
      from.pipe(to);
    }
  });
  server.listen(socketPath);
  await once(server, 'listening');
  const argv = [...namespace.prefix, process.execPath, PROGRAM, socketPath, String(PORT), ...addresses];
  const child = spawn(argv[0] as string, argv.slice(1), { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
  try {
    await listening(child);
  } catch (error) {
    server.close();
    throw error;
  }
  return { close: () => close(server, child) };
}

async function listening(child: ChildProcess): Promise<void> {
  let stderrTail = '';
  child.stderr?.on('data', (chunk) => {
    stderrTail = (stderrTail + chunk).slice(-2000);
  });
  child.stdin?.on('error', () => {});
  await new Promise<void>((resolve, reject) => {
    child.stdout?.once('data', () => resolve());
    child.once('error', reject);
    child.once('close', () => reject(new CommandError(`the relay to the API does not listen: ${stderrTail.trim()}`)));
  });
}

async function close(server: Server, child: ChildProcess): Promise<void> {
  server.close();
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.stdin?.end();
  await ended;
}
