import { once } from 'node:events';
import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';

export interface HangingAws {
  url: string;
  close(): Promise<void>;
}

/** Stands before an endpoint: takes the calls of these operations and never answers, hands on all others. */
export async function hangingAws(endpointUrl: string, operations: readonly string[]): Promise<HangingAws> {
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    if (operations.includes(operationOf(incoming, body))) return;
    const { method, url: path, headers } = incoming;
    const onward = request(`${endpointUrl}${path}`, { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      pipeline(answer, outgoing).catch(() => outgoing.destroy());
    });
    onward.on('error', () => outgoing.destroy()).end(body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function operationOf({ method, url = '', headers }: IncomingMessage, body: Buffer): string {
  const target = headers['x-amz-target'];
  if (target !== undefined) return String(target).split('.').at(-1) ?? '';
  const action = /(?:^|&)Action=(\w+)/.exec(body.toString())?.[1];
  if (action !== undefined) return action;
  if (url.startsWith('/2013-04-01/')) return method === 'GET' ? 'ListResourceRecordSets' : 'ChangeResourceRecordSets';
  return method === 'GET' ? 'GetObject' : 'PutObject';
}
