import { COLLECT_WAIT_SECONDS, HOSTS, INTERVAL_SECONDS } from './defaults.ts';
import { type Finding, groupOf, type Sound, settingsOf } from './finding.ts';
import type { WrittenFleet, WrittenPod } from './schema.ts';
import {
  ASSUMED_READS_PER_SECOND,
  leastReadsPerSecond,
  readsOfTick,
  readsPerSecondOf,
  secondsBeside,
} from './ssm-reads.ts';
import { MOST_HOSTS, watchdogOf } from './watchdog-classes.ts';

/** A schedule puts a pod's tick off by up to so long. */
const TURN_SECONDS = 30;
/** What a tick does once the answers are read: measured are 64 s of a processor at 50,000 hosts, most of it while they are read. */
const OWN_WORK_SECONDS = 60;
/** The same of a small pod: what 31 s of 2,000 hosts and 33 s of 10,000 begin at (docs/scale.md, largest pods, less their silent hosts). */
const LEAST_OWN_WORK_SECONDS = 30;

/** Pods whose answers cannot be read in time at the pace that `ssm.readsPerSecond` leaves them. */
export function readFindings(file: Sound<WrittenFleet>): Finding[] {
  const { readsPerSecond } = settingsOf<{ readsPerSecond: number | null }>(
    { readsPerSecond: null },
    groupOf(file, 'ssm'),
  );
  if (readsPerSecond === undefined) return [];
  const placed = Object.entries(file.pods ?? {}).flatMap(([name, pod]) => (pod?.region ? [reading(name, pod)] : []));
  // the pods of a region share its reads: where one's size is not known, no other's share is
  const unknown = new Set(placed.flatMap((pod) => (isWhole(pod) ? [] : [pod.region])));
  const pods = placed.filter(isWhole).filter(({ region }) => !unknown.has(region));
  const regions = [...new Set(placed.map(({ region }) => region))];
  if (readsPerSecond === null) {
    return regions.flatMap((region) =>
      beyondAssumed(
        region,
        pods.filter((pod) => pod.region === region),
      ),
    );
  }
  const crowded = regions.flatMap((region): Finding[] => {
    const count = placed.filter((pod) => pod.region === region).length;
    if (count <= readsPerSecond) return [];
    const sentence = `readsPerSecond ${readsPerSecond} is less than one a second for each of the ${count} pods in ${region}`;
    return [{ path: ['ssm', 'readsPerSecond'], sentence }];
  });
  if (crowded.length > 0) return crowded;
  return pods.flatMap((pod) => lateFindings(readsPerSecondOf({ ssm: { readsPerSecond }, pods }, pod), pod));
}

/** Where nothing is said of the account's rate, what no account is assumed to have is refused, and nothing below. */
function beyondAssumed(region: string, pods: readonly ReadPod[]): Finding[] {
  const perSecond = leastReadsPerSecond(pods);
  if (perSecond <= ASSUMED_READS_PER_SECOND) return lateTogether(region, pods);
  const needed = `the pods in ${region} need ${perSecond.toFixed(1)} reads of SSM's lists a second, and ${ASSUMED_READS_PER_SECOND} are assumed`;
  const sentence = `${needed}: lengthen intervalSeconds, or set ssm.readsPerSecond to what the account is given`;
  return [{ path: ['pods'], sentence }];
}

/**
 * Pods of a region are due in the same minutes, for they were deployed together: their ticks read side by side, and SSM's reads go round.
 * Refused is what ends too late at the best, with silent hosts waited for while the others' answers are read.
 */
function lateTogether(region: string, pods: readonly ReadPod[]): Finding[] {
  const late = pods.flatMap((pod) => {
    const { functionName, timeoutSeconds } = watchdogOf(pod);
    const seconds = secondsBeside(pods, pod);
    const whole = TURN_SECONDS + Math.max(seconds, pod.collectWaitSeconds) + ownWorkSeconds(pod.hosts);
    return whole > timeoutSeconds ? [{ ...pod, functionName, timeoutSeconds, seconds, whole }] : [];
  });
  const [first, ...others] = late;
  if (!first) return [];
  const { name, hosts, functionName, timeoutSeconds, seconds, whole } = first;
  const together = `the pods in ${region} tick in the same minutes and share ${ASSUMED_READS_PER_SECOND} reads of SSM's lists a second, as is assumed`;
  const answers = `the answers of pod ${name} (${hosts} hosts) take ${seconds} s to read beside the others', its tick ${whole} s`;
  const likewise = others.length > 0 ? `; so it is with ${others.map((pod) => pod.name).join(', ')}` : '';
  const advice = 'move pods to another account or region, or set ssm.readsPerSecond to what the account is given';
  const sentence = `${together}: ${answers}, and function ${functionName} has ${timeoutSeconds} s${likewise}: ${advice}`;
  return [{ path: ['pods'], sentence }];
}

function ownWorkSeconds(hosts: number): number {
  return Math.ceil(LEAST_OWN_WORK_SECONDS + ((OWN_WORK_SECONDS - LEAST_OWN_WORK_SECONDS) * hosts) / MOST_HOSTS);
}

const BY_DEFAULT = { hosts: HOSTS, intervalSeconds: INTERVAL_SECONDS, collectWaitSeconds: COLLECT_WAIT_SECONDS };

type ReadPod = { name: string; region: string } & typeof BY_DEFAULT;

function reading(name: string, pod: Sound<WrittenPod>) {
  return { name, region: pod.region ?? '', ...settingsOf(BY_DEFAULT, pod) };
}

function isWhole(pod: ReturnType<typeof reading>): pod is ReadPod {
  return Object.values(pod).every((value) => value !== undefined);
}

function lateFindings(perSecond: number | null, pod: ReadPod): Finding[] {
  if (perSecond === null) return [];
  const { name, hosts, intervalSeconds, collectWaitSeconds } = pod;
  const { functionName, timeoutSeconds } = watchdogOf(pod);
  const seconds = Math.ceil(readsOfTick(hosts) / perSecond);
  const reads = `pod ${name} of ${hosts} hosts needs ${readsOfTick(hosts)} reads of SSM a tick, and gets ${perSecond.toFixed(1)} a second of ssm.readsPerSecond: ${seconds} s`;
  const whole = TURN_SECONDS + collectWaitSeconds + seconds + OWN_WORK_SECONDS;
  const path = ['pods', name];
  return [
    ...(seconds > intervalSeconds
      ? [{ path, sentence: `${reads}, more than its intervalSeconds ${intervalSeconds}` }]
      : []),
    ...(whole > timeoutSeconds
      ? [
          {
            path,
            sentence: `${reads}; with its turn, its silent hosts and its own work a tick takes ${whole} s, and function ${functionName} has ${timeoutSeconds} s`,
          },
        ]
      : []),
  ];
}
