import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { answerMessage } from './message.ts';
import type { NameServer } from './response.ts';

export interface DnsServer {
  /** The port of each address, UDP and TCP alike. */
  ports: number[];
  close(): Promise<void>;
}

/** RFC 7766, 6.2.3: a connection that says nothing is ended. */
const IDLE_MS = 10_000;
const MAX_CONNECTIONS = 100;
/** How often another port is tried when any will do and TCP's is taken. */
const PORT_TRIES = 20;

/**
 * Serves DNS on UDP and TCP at each address (each bound by itself, so that an answer leaves from the address that was
 * asked). Rejects when an address or port cannot be had. Port 0: any one that is free for both.
 */
export async function startDnsServer(options: {
  listen: readonly { address: string; port: number; nameServer: NameServer }[];
}): Promise<DnsServer> {
  const bound: Bound[] = [];
  const close = async () => {
    await Promise.all(bound.map((listener) => listener.close()));
  };
  try {
    for (const { address, port, nameServer } of options.listen) bound.push(await bindBoth(address, port, nameServer));
  } catch (error) {
    await close();
    throw error;
  }
  return { ports: bound.map(({ port }) => port), close };
}

interface Bound {
  port: number;
  close(): Promise<void>;
}

async function bindBoth(address: string, port: number, nameServer: NameServer): Promise<Bound> {
  for (let tries = 1; ; tries += 1) {
    const udp = await bindUdp(address, port, nameServer);
    try {
      const tcp = await bindTcp(address, udp.address().port, nameServer);
      return { port: udp.address().port, close: () => closeBoth(udp, tcp) };
    } catch (error) {
      udp.close();
      if (port !== 0 || tries >= PORT_TRIES || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    }
  }
}

async function bindUdp(address: string, port: number, nameServer: NameServer): Promise<UdpSocket> {
  const socket = createSocket({ type: address.includes(':') ? 'udp6' : 'udp4', ipv6Only: address.includes(':') });
  socket.on('message', (message: Buffer, from: RemoteInfo) => {
    const answer = answerMessage(message, 'udp', nameServer);
    // who has gone meanwhile misses nothing
    if (answer) socket.send(answer, from.port, from.address, () => {});
  });
  const listening = once(socket, 'listening');
  socket.bind(port, address);
  await listening;
  socket.on('error', () => {});
  return socket;
}

async function bindTcp(
  address: string,
  port: number,
  nameServer: NameServer,
): Promise<Server & { ended?: () => void }> {
  const open = new Set<Socket>();
  const server: Server & { ended?: () => void } = createServer((socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    converse(socket, nameServer);
  });
  server.maxConnections = MAX_CONNECTIONS;
  server.ended = () => {
    for (const socket of open) socket.destroy();
  };
  server.listen({ host: address, port, ipv6Only: address.includes(':') });
  await once(server, 'listening');
  return server;
}

/** Messages come one after another, each after its length in two bytes (RFC 1035, 4.2.2). */
function converse(socket: Socket, nameServer: NameServer): void {
  let waiting = Buffer.alloc(0);
  socket.setTimeout(IDLE_MS, () => socket.destroy());
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    waiting = Buffer.concat([waiting, chunk]);
    while (waiting.length >= 2 && waiting.length >= 2 + waiting.readUInt16BE(0)) {
      const message = waiting.subarray(2, 2 + waiting.readUInt16BE(0));
      waiting = waiting.subarray(2 + message.length);
      const answer = answerMessage(message, 'tcp', nameServer);
      if (answer === null) {
        socket.destroy();
        return;
      }
      const length = Buffer.alloc(2);
      length.writeUInt16BE(answer.length);
      socket.write(Buffer.concat([length, answer]));
    }
  });
}

async function closeBoth(udp: UdpSocket, tcp: Server & { ended?: () => void }): Promise<void> {
  const closed = [
    new Promise<void>((resolve) => udp.close(resolve)),
    new Promise<void>((resolve) => tcp.close(() => resolve())),
  ];
  tcp.ended?.();
  await Promise.all(closed);
}
