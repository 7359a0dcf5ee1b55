import type { Fleet, Pod } from './fleet.ts';

/** The pods of one region: one stack is one account and one region. Decision 0034. */
export function inRegion(fleet: Fleet, region: string): Fleet {
  return { ...fleet, pods: fleet.pods.filter((pod) => pod.region === region) };
}

/**
 * What keeps these pods from being packaged for AWS, each a sentence: the ids that only AWS can give and that a file may lack
 * until then. A stage `local` needs none of them.
 */
export function deployFaults({ pods }: Fleet): string[] {
  return pods.flatMap(podFaults);
}

function podFaults({ name, region, vpc, zone, endpoints, newEndpoint }: Pod): string[] {
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
