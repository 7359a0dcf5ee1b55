import { type ChildProcess, spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ServedZone } from '@podtime/aws-endpoint';
import type { ExternalName } from './authority.ts';
import type { ControlReply, ControlRequest, ListenAddress } from './control-messages.ts';

const HERE = dirname(fileURLToPath(import.meta.url));
const PROJECT = join(HERE, '..', '..', '..', '..');

/** A DNS server in a network namespace. Every request settles when it is carried out; rejects when the server has ended. */
export interface DnsProcess {
  pid: number;
  /** Port of each address in the order of `listen`. */
  ports: number[];
  /** From now on it answers from these records; what the resolver has kept, it keeps for its TTL. */
  publish(zones: readonly ServedZone[]): Promise<void>;
  /** The resolver keeps all that it knows, past its TTL, until released: a resolver that is behind. */
  hold(): Promise<void>;
  release(): Promise<void>;
  flush(): Promise<void>;
  /** Settles when the process has ended, with what it said on stderr. */
  ended: Promise<string>;
  close(): Promise<void>;
}

export interface DnsProcessOptions {
  /** What to put before a command so that it runs in the network namespace (`ip netns exec NAME`, `nsenter …`); none: here. */
  prefix: readonly string[];
  listen: readonly ListenAddress[];
  zones: readonly ServedZone[];
  outside: readonly ExternalName[];
}

/** Resolves when it answers. Rejects with its reason when it cannot listen. */
export async function spawnDnsServer(options: DnsProcessOptions): Promise<DnsProcess> {
  const { prefix, listen, zones, outside } = options;
  const [command = '', ...args] = [...prefix, process.execPath, '--import', 'tsx', join(HERE, 'server-process.ts')];
  const child = spawn(command, args, { cwd: PROJECT, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  const { request, ended } = channelOf(child);
  const close = async () => {
    if (child.connected) child.disconnect();
    await ended;
  };
  try {
    const reply = await request({ kind: 'start', listen: [...listen], zones: [...zones], outside: [...outside] });
    return {
      pid: child.pid ?? 0,
      ports: reply.kind === 'listening' ? reply.ports : [],
      publish: async (now) => void (await request({ kind: 'zones', zones: [...now] })),
      hold: async () => void (await request({ kind: 'hold' })),
      release: async () => void (await request({ kind: 'release' })),
      flush: async () => void (await request({ kind: 'flush' })),
      ended,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Requests are answered in their order. */
function channelOf(child: ChildProcess): {
  request(request: ControlRequest): Promise<ControlReply>;
  ended: Promise<string>;
} {
  const waiting: { resolve(reply: ControlReply): void; reject(error: Error): void }[] = [];
  let stderrTail = '';
  let over: Error | null = null;
  child.stderr?.on('data', (chunk) => {
    stderrTail = (stderrTail + chunk).slice(-2000);
  });
  const ended = new Promise<string>((resolve) => {
    const end = (why: string) => {
      over ??= new Error(`The DNS server has ended. ${why}`.trim());
      for (const { reject } of waiting.splice(0)) reject(over);
      resolve(why);
    };
    child.once('error', (error) => end(error.message));
    // not 'close': of a process with a channel that was disconnected Node does not always send it
    child.once('exit', () => end(stderrTail.trim()));
  });
  child.on('message', (reply: ControlReply) => {
    const asker = waiting.shift();
    if (reply.kind === 'failed') asker?.reject(new Error(`The DNS server cannot listen: ${reply.sentence}`));
    else asker?.resolve(reply);
  });
  return {
    ended,
    request: (request) =>
      new Promise((resolve, reject) => {
        if (over) {
          reject(over);
          return;
        }
        waiting.push({ resolve, reject });
        child.send(request, (error) => {
          if (error) reject(error);
        });
      }),
  };
}
