import type { Collected } from '../host/collected.ts';

/** How many packets a daemon had received when it was so old: the memory of one sighting for the next. */
export interface Received {
  packets: number;
  ageSeconds: number;
}

/** null: the host does not tell how many, or how old its daemon is. */
export function receivedOf(
  { packetsReceived }: Pick<Collected, 'packetsReceived'>,
  ageSeconds: number | null,
): Received | null {
  return packetsReceived === null || ageSeconds === null ? null : { packets: packetsReceived, ageSeconds };
}

/**
 * Packets a second that a daemon received since the sighting before, by its own age: no clock of podtime's is in it, and no step of the
 * host's. Of a daemon that was not seen before, or is younger than it was then, since it started. One that restarted while nobody looked
 * for longer than it had run is taken for the one before.
 *
 * @returns null: it began to count anew without a restart (`ntpq reset`), or it is too young to tell
 */
export function packetsPerSecond(now: Received, before: Received | undefined): number | null {
  const since = before === undefined || before.ageSeconds > now.ageSeconds ? AT_START : before;
  const seconds = now.ageSeconds - since.ageSeconds;
  const packets = now.packets - since.packets;
  return seconds > 0 && packets >= 0 ? packets / seconds : null;
}

const AT_START: Received = { packets: 0, ageSeconds: 0 };
