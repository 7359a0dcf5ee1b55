import { canonicalAddress } from './addresses.ts';
import { TIME_SERVICE_POLL } from './defaults.ts';
import type { Sound } from './finding.ts';
import type { TimeService, Upstream } from './fleet.ts';
import type { WrittenFleet } from './schema.ts';
import { knownSmearClass, UNKNOWN_HOST_CLASS } from './smear.ts';

// Upstreams and time service as fleet.yml writes them, a text or a group, read to one shape.

type WrittenUpstream = WrittenFleet['upstreams'][number];
type WrittenTimeService = WrittenFleet['timeService'];

export function readUpstream(written: WrittenUpstream): Upstream {
  const { host, poll, smear, nts = false } = typeof written === 'string' ? { host: written } : written;
  const spelt = canonicalAddress(host) ?? host;
  return {
    host: spelt,
    poll: { min: poll?.min ?? null, max: poll?.max ?? null },
    smear: smear ?? knownSmearClass(spelt) ?? UNKNOWN_HOST_CLASS,
    nts,
  };
}

export function readTimeService(written: WrittenTimeService): TimeService {
  if (typeof written === 'string') return { mode: { boundary: written, client: written }, poll: TIME_SERVICE_POLL };
  const { boundary, client, poll } = written;
  return {
    mode: { boundary, client },
    poll: { min: poll?.min ?? TIME_SERVICE_POLL.min, max: poll?.max ?? TIME_SERVICE_POLL.max },
  };
}

/** The upstreams, each with its place in the file, of which all that is written can be read. */
export function soundUpstreams({ upstreams = [] }: Sound<WrittenFleet>): { upstream: Upstream; index: number }[] {
  return upstreams.flatMap((written, index) =>
    isSound<WrittenUpstream>(written, ['host'], ['host', 'poll', 'smear', 'nts'])
      ? [{ upstream: readUpstream(written), index }]
      : [],
  );
}

/** null where it cannot be read whole. */
export function soundTimeService({ timeService }: Sound<WrittenFleet>): TimeService | null {
  const isWhole = isSound<WrittenTimeService>(timeService, ['boundary', 'client'], ['boundary', 'client', 'poll']);
  return isWhole ? readTimeService(timeService) : null;
}

/** Whether nothing of these keys is missing or was taken out, being wrong by itself: of what was taken out the key is left. */
function isSound<T>(written: unknown, required: readonly string[], keys: readonly string[]): written is T {
  if (typeof written === 'string') return true;
  if (typeof written !== 'object' || written === null) return false;
  const group = written as Record<string, unknown>;
  return required.every((key) => group[key] !== undefined) && keys.every((key) => isWhole(group, key));
}

function isWhole(group: Record<string, unknown>, key: string): boolean {
  if (!Object.hasOwn(group, key)) return true;
  const value = group[key];
  if (typeof value !== 'object' || value === null) return value !== undefined;
  return Object.keys(value).every((inner) => isWhole(value as Record<string, unknown>, inner));
}
