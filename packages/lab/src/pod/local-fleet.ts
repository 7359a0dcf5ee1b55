import { createHash } from 'node:crypto';
import { parse, stringify } from 'yaml';
import type { BackendKind } from './host-backend.ts';

/** A pod as it is written, already checked. */
interface WrittenPod {
  region: string;
  zone: { name: string; id?: string };
  thresholds?: Record<string, unknown>;
  cycling?: Record<string, unknown>;
  alarms?: Record<string, unknown>;
  [setting: string]: unknown;
}

interface WrittenFleet {
  pods: Record<string, WrittenPod>;
  [setting: string]: unknown;
}

type Waits = Partial<Record<'pod' | 'thresholds' | 'cycling' | 'alarms', Record<string, number>>>;

/** The seconds of a fleet file that run on the wall clock, as a person can watch them; those of fleet.yml and fleet.real.yml. */
export const WATCHABLE: Record<BackendKind, Waits> = {
  simulated: {
    pod: { intervalSeconds: 10, collectWaitSeconds: 8 },
    thresholds: { withdrawAfterSeconds: 45 },
    cycling: { coolDownSeconds: 20 },
    alarms: { staleSeconds: 300 },
  },
  real: {
    pod: { intervalSeconds: 15, collectWaitSeconds: 12 },
    thresholds: { startingSeconds: 180, confidentAgeSeconds: 60, confidentPolls: 2, withdrawAfterSeconds: 120 },
    cycling: { coolDownSeconds: 60 },
  },
};
/** Real daemons poll in real time: every 16 s. */
const REAL_POLL = { min: 4, max: 4 };
/** Counted, not waited for. */
const NO_SECONDS = ['confidentPolls'];
/** The longest that a fleet file may say (src/fleet/schema.ts). */
const MOST_SECONDS: Record<string, number> = { collectWaitSeconds: 90, intervalSeconds: 3600 };

/**
 * An operator's fleet file as it can run here, in the place of the lab's own: the pods of the first one's region, waits short enough to
 * be watched, ids that only AWS gives made up where they are missing, and no size, since the hosts here are few.
 * Decision 0125.
 *
 * @param text checked before
 * @param elsewhere hears the pods that are left out, `red (eu-west-1)`
 */
export function localFleetText(
  text: string,
  { hosts, elsewhere }: { hosts: BackendKind; elsewhere(pods: string[]): void },
): string {
  const { ssm: _, ...fleet }: WrittenFleet & { ssm?: unknown } = parse(text);
  const entries = Object.entries(fleet.pods);
  const region = entries[0]?.[1].region;
  const others = entries.filter(([, pod]) => pod.region !== region);
  if (others.length > 0) elsewhere(others.map(([name, pod]) => `${name} (${pod.region})`));
  const pods = entries
    .filter(([, pod]) => pod.region === region)
    .map(([name, { hosts: _hosts, newEndpoint: _endpoint, ...pod }]) => [
      name,
      {
        ...withIds(name, withWaits(pod as WrittenPod, WATCHABLE[hosts])),
        ...(hosts === 'real' && { poll: REAL_POLL }),
      },
    ]);
  return textOf({ ...fleet, pods: Object.fromEntries(pods) });
}

/** The same fleet on a machine that is so many times slower: whatever is waited for on the wall clock comes later. */
export function slowFleetText(text: string, slowness: number): string {
  const fleet: WrittenFleet = parse(text);
  const pods = Object.entries(fleet.pods).map(([name, pod]) => [name, withWaits(pod, slower(pod, slowness))]);
  return textOf({ ...fleet, pods: Object.fromEntries(pods) });
}

function withWaits(pod: WrittenPod, { pod: own, ...groups }: Waits): WrittenPod {
  const changed = Object.entries(groups).map(([name, waits]) => [name, { ...(pod[name] as object), ...waits }]);
  return { ...pod, ...own, ...Object.fromEntries(changed) };
}

/** Of the waits that the file has. */
function slower(pod: WrittenPod, slowness: number): Waits {
  const stretch = (from: Record<string, unknown>, like: Record<string, number> = {}) =>
    Object.fromEntries(
      Object.keys(like)
        .filter((name) => typeof from[name] === 'number' && !NO_SECONDS.includes(name))
        .map((name) => [
          name,
          Math.min((from[name] as number) * slowness, MOST_SECONDS[name] ?? Number.POSITIVE_INFINITY),
        ]),
    );
  const { simulated } = WATCHABLE;
  return {
    pod: stretch(pod, simulated.pod),
    thresholds: stretch(pod.thresholds ?? {}, simulated.thresholds),
    cycling: stretch(pod.cycling ?? {}, simulated.cycling),
    alarms: stretch(pod.alarms ?? {}, simulated.alarms),
  };
}

function withIds(name: string, pod: WrittenPod): WrittenPod {
  const digits = createHash('sha256').update(name).digest('hex').slice(0, 17);
  const given = Array.isArray(pod.endpoints) && pod.endpoints.length > 0;
  return {
    ...pod,
    vpc: pod.vpc ?? `vpc-${digits}`,
    endpoints: given ? pod.endpoints : [`vpce-${digits}`],
    zone: { ...pod.zone, id: pod.zone.id ?? `ZLOCAL${digits.toUpperCase()}` },
  };
}

/** Without anchors: two pods that shared a group may differ now. */
function textOf(fleet: WrittenFleet): string {
  return stringify(fleet, { aliasDuplicateObjects: false });
}
