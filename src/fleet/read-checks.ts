import { COLLECT_WAIT_SECONDS, HOSTS, INTERVAL_SECONDS } from './defaults.ts';
import type { Finding, Sound } from './finding.ts';
import type { WrittenFleet, WrittenPod } from './schema.ts';
import { ASSUMED_READS_PER_SECOND, leastReadsPerSecond, readsOfTick, readsPerSecondOf } from './ssm-reads.ts';
import { MOST_HOSTS, watchdogOf } from './watchdog-classes.ts';

/** A schedule puts a pod's tick off by up to so long. */
const TURN_SECONDS = 30;
/** What a tick does once the answers are read: measured are 64 s of a processor at 50,000 hosts, most of it while they are read. */
const OWN_WORK_SECONDS = 60;

/** Pods whose answers cannot be read in time at the pace that `ssm.readsPerSecond` leaves them. */
export function readFindings(file: Sound<WrittenFleet>): Finding[] {
  const readsPerSecond = file.ssm?.readsPerSecond;
  const pods = Object.entries(file.pods ?? {}).flatMap(([name, pod]) => (pod?.region ? [reading(name, pod)] : []));
  const regions = [...new Set(pods.map(({ region }) => region))];
  if (readsPerSecond === undefined) {
    return regions.flatMap((region) =>
      beyondAssumed(
        region,
        pods.filter((pod) => pod.region === region),
      ),
    );
  }
  const crowded = regions.flatMap((region): Finding[] => {
    const count = pods.filter((pod) => pod.region === region).length;
    if (count <= readsPerSecond) return [];
    const sentence = `readsPerSecond ${readsPerSecond} is less than one a second for each of the ${count} pods in ${region}`;
    return [{ path: ['ssm', 'readsPerSecond'], sentence }];
  });
  if (crowded.length > 0) return crowded;
  return pods.flatMap((pod) => lateFindings(readsPerSecondOf({ ssm: { readsPerSecond }, pods }, pod), pod));
}

/** Where nothing is said of the account's rate, what no account is assumed to have is refused, and nothing below. */
function beyondAssumed(region: string, pods: readonly ReturnType<typeof reading>[]): Finding[] {
  const perSecond = leastReadsPerSecond(pods);
  if (perSecond <= ASSUMED_READS_PER_SECOND) return [];
  const needed = `the pods in ${region} need ${perSecond.toFixed(1)} reads of SSM's lists a second, and ${ASSUMED_READS_PER_SECOND} are assumed`;
  const sentence = `${needed}: lengthen intervalSeconds, or set ssm.readsPerSecond to what the account is given`;
  return [{ path: ['pods'], sentence }];
}

function reading(name: string, pod: Sound<WrittenPod>) {
  const { region = '', hosts = HOSTS } = pod;
  const { intervalSeconds = INTERVAL_SECONDS, collectWaitSeconds = COLLECT_WAIT_SECONDS } = pod;
  return { name, region, hosts: Math.min(hosts, MOST_HOSTS), intervalSeconds, collectWaitSeconds };
}

function lateFindings(perSecond: number | null, pod: ReturnType<typeof reading>): Finding[] {
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
