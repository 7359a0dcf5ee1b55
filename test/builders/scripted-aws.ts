import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import type { SSMClientConfig } from '@aws-sdk/client-ssm';
import { ATTEMPT_TIMEOUT_MS } from '../../src/aws/clients.ts';

type ClientsConfig = Pick<
  SSMClientConfig,
  'endpoint' | 'region' | 'credentials' | 'maxAttempts' | 'requestHandler' | 'retryMode'
>;

/** How a request is answered: with this body, or not as an answer should be. */
export type ScriptedAnswer =
  | { status?: number; body: string; headers?: Record<string, string> }
  /** Takes the request and never answers. */
  | 'hang'
  /** Sends the head of an answer and never a body. */
  | 'head only'
  /** Sends half of a body, and then nothing. */
  | 'half a body'
  /** Sends half of a body and closes the connection. */
  | 'cut'
  /** Sends a byte in a second, for ever. */
  | 'drip'
  /** Closes the connection without an answer. */
  | 'reset';

export interface ScriptedAws {
  /** For clients of it: what the product's clients have, but for shorter waits. */
  config: ClientsConfig;
  /** The bodies of all requests, in order. */
  requests: string[];
  /** How many connections are open. */
  openConnections(): Promise<number>;
  close(): Promise<void>;
}

/** How long these clients wait for a hanging attempt. */
export const ATTEMPT_MS = 400;

/**
 * For scripts in which nothing hangs: an attempt may take as long as the product's. Client and server share one process, which a
 * busy machine holds up for longer than `ATTEMPT_MS`: an answer that is there was then a timeout.
 */
export const UNHURRIED = {
  requestHandler: {
    requestTimeout: ATTEMPT_TIMEOUT_MS,
    throwOnRequestTimeout: true,
    socketTimeout: ATTEMPT_TIMEOUT_MS,
  },
} satisfies Partial<ClientsConfig>;

/** An AWS on loopback that answers each request by the next of the script; the last one stays. `target`: SSM's operation. */
export async function startScriptedAws(
  script: readonly ScriptedAnswer[] | ((body: string, target: string) => ScriptedAnswer),
  config: ClientsConfig = {},
): Promise<ScriptedAws> {
  const requests: string[] = [];
  const server = createServer(async (incoming, outgoing) => {
    const body = await bodyOf(incoming);
    const target = String(incoming.headers['x-amz-target']).split('.').at(-1) ?? '';
    const answer =
      typeof script === 'function' ? script(body, target) : script[Math.min(requests.length, script.length - 1)];
    requests.push(body);
    if (answer !== undefined) await respond(outgoing, answer);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    requests,
    config: {
      endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      region: 'us-west-2',
      credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
      maxAttempts: 3,
      requestHandler: {
        connectionTimeout: ATTEMPT_MS,
        requestTimeout: ATTEMPT_MS,
        throwOnRequestTimeout: true,
        socketTimeout: ATTEMPT_MS,
      },
      ...config,
    },
    openConnections: () =>
      new Promise((resolve, reject) =>
        server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
      ),
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function bodyOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

async function respond(outgoing: ServerResponse, answer: ScriptedAnswer): Promise<void> {
  if (answer === 'hang') return;
  if (answer === 'reset') return void outgoing.destroy();
  if (typeof answer === 'object') {
    outgoing.writeHead(answer.status ?? 200, { 'content-length': Buffer.byteLength(answer.body), ...answer.headers });
    return void outgoing.end(answer.body);
  }
  // as much as a head of S3 needs
  outgoing.writeHead(200, { 'content-length': 2000, etag: '"1"' });
  outgoing.flushHeaders();
  if (answer === 'head only') return;
  if (answer === 'drip') {
    while (!outgoing.destroyed) {
      outgoing.write(' ');
      await setTimeout(ATTEMPT_MS / 3);
    }
    return;
  }
  outgoing.write('{"half": "');
  if (answer === 'half a body') return;
  await setTimeout(20);
  outgoing.destroy();
}
