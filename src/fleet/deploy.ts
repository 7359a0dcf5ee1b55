import type { Fleet, Pod } from './fleet.ts';

/** The pods of one region: one stack is one account and one region. Decision 0034. */
export function inRegion(fleet: Fleet, region: string): Fleet {
  return { ...fleet, pods: fleet.pods.filter((pod) => pod.region === region) };
}

/**
 * What keeps these pods from being packaged for AWS, each a sentence: the ids that only AWS can give and that a file may lack
 * until then. A stage `local` needs none of them.
 */
export function deployFaults({ pods }: Pick<Fleet, 'pods'>): string[] {
  return pods.flatMap(podFaults);
}

/**
 * The same of a file that has other faults, so that all are told at once: of the region's pods, the ids that do not stand there at
 * all. What stands there and is none is a fault of the file.
 *
 * @param written what the file says.
 * @param region null: of every region
 */
export function writtenDeployFaults(written: unknown, region: string | null): string[] {
  return Object.entries(groupIn(groupIn(written).pods)).flatMap(([name, pod]) => {
    const { vpc = '', zone, endpoints = [], newEndpoint = null, ...others } = groupIn(pod);
    if (region !== null && others.region !== region) return [];
    return podFaults({
      name,
      region: String(others.region),
      vpc: vpc === '' ? '' : 'given',
      zone: { id: groupIn(zone).id === undefined ? '' : 'given' },
      endpoints: Array.isArray(endpoints) ? endpoints : ['given'],
      newEndpoint,
    });
  });
}

function groupIn(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

/** The ids alone are asked for: whether there are any. */
interface PodIds extends Pick<Pod, 'name' | 'region' | 'vpc'> {
  zone: Pick<Pod['zone'], 'id'>;
  endpoints: readonly unknown[];
  /** null: none is wanted. */
  newEndpoint: unknown;
}

function podFaults({ name, region, vpc, zone, endpoints, newEndpoint }: PodIds): string[] {
  return [
    ...(vpc === '' ? [`Pod ${name} has no vpc: without it no instance would be the pod's.`] : []),
    ...(zone.id === '' ? [`Pod ${name} has no zone id: without it podtime knows no zone to write to.`] : []),
    ...(endpoints.length === 0 && newEndpoint === null
      ? [`Pod ${name} has no endpoints and no newEndpoint: without one no host reaches the API.`]
      : []),
    ...(newEndpoint !== null && region.startsWith('cn-')
      ? [
          `Pod ${name} wants a newEndpoint, which podtime makes outside of China only: make it, and name it in endpoints.`,
        ]
      : []),
  ];
}
