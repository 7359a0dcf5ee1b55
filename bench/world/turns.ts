import type { Instance } from './instance.ts';
import type { World } from './world.ts';

/** How wrong a clock may be to be called true: what a fleet calls adrift by default. */
const TRUE_WITHIN_MS = 50;

/** When boundary servers that answer turned wrong, or right again. */
export class Turns {
  /** Server -> whether it is right, and when that last changed; null: it was so from the first. */
  private readonly known = new Map<string, { isRight: boolean; atMs: number | null }>();

  constructor(private readonly world: World) {}

  /** At each look. */
  watch({ id, az, ipv4 }: Instance): void {
    const reply = this.world.reply(az, ipv4);
    if (!isSynchronised(reply)) return;
    const isRight = isTrue(reply);
    const before = this.known.get(id);
    if (before?.isRight === isRight) return;
    this.known.set(id, { isRight, atMs: before === undefined ? null : this.world.nowMs });
  }

  /** Whether the server at this address turned after then. */
  isSince(address: string, sinceMs: number): boolean {
    const server = this.world.serverAt(address);
    const atMs = server === null ? null : (this.known.get(server.id)?.atMs ?? null);
    return atMs !== null && atMs > sinceMs;
  }
}

type Reply = ReturnType<World['reply']>;

/** Whether who asks there gets true time. */
export function isTrue(reply: Reply): boolean {
  return isSynchronised(reply) && Math.abs(reply.errorMs) <= TRUE_WITHIN_MS;
}

function isSynchronised({ answered, stratum }: Reply): boolean {
  return answered > 0 && stratum < 16;
}
