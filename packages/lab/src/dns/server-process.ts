/**
 * The DNS server as a process of its own, inside a network namespace (`ip netns exec … node …`). Records and orders come
 * over the channel from the process that started it; it ends when that channel does, however its parent died.
 */
import { createCachingView, type ServedZone, type ZoneView } from '@podtime/aws-endpoint/dns';
import { createAuthority, createResolver } from './authority.ts';
import type { ControlReply, ControlRequest } from './control-messages.ts';
import { type DnsServer, startDnsServer } from './server.ts';

let zones: ServedZone[] = [];
let server: DnsServer | null = null;

/** For the cache time stands still while it is held. */
let heldAtMs: number | null = null;
let lostMs = 0;
const nowMs = () => (heldAtMs ?? performance.now()) - lostMs;

let cache: ZoneView | null = null;
let source: ZoneView | null = null;
const keeping = (view: ZoneView): ZoneView => {
  source = view;
  cache = createCachingView(view, { nowMs });
  return { lookup: (name, type) => (cache ?? view).lookup(name, type) };
};

const handle = async (request: ControlRequest): Promise<ControlReply> => {
  switch (request.kind) {
    case 'start': {
      zones = request.zones;
      const nameServer = {
        resolver: createResolver(() => zones, request.outside, keeping),
        authority: createAuthority(() => zones),
      };
      server = await startDnsServer({
        listen: request.listen.map(({ role, address, port }) => ({ address, port, nameServer: nameServer[role] })),
      });
      return { kind: 'listening', ports: server.ports };
    }
    case 'zones':
      zones = request.zones;
      break;
    case 'hold':
      heldAtMs ??= performance.now();
      break;
    case 'release':
      if (heldAtMs !== null) lostMs += performance.now() - heldAtMs;
      heldAtMs = null;
      break;
    case 'flush':
      if (source) cache = createCachingView(source, { nowMs });
      break;
  }
  return { kind: 'done' };
};

const send = (reply: ControlReply) => process.send?.(reply, () => {});

process.on('message', (request: ControlRequest) => {
  handle(request).then(send, (error: unknown) =>
    send({ kind: 'failed', sentence: error instanceof Error ? error.message : String(error) }),
  );
});
process.on('disconnect', () => process.exit(0));
// Ctrl-C goes to the whole group; the parent says when it is over.
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => {});
