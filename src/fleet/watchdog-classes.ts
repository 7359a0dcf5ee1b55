import type { Pod } from './fleet.ts';

/** One function that runs ticks: for pods that are built for at most so many hosts. */
export interface WatchdogClass {
  /** As serverless.yml names it. */
  functionName: string;
  /** `hosts` of fleet.yml, at the most. */
  hosts: number;
  memoryMegabytes: number;
  timeoutSeconds: number;
  /** Of `status`, which holds a whole report to answer one page of it. */
  statusMegabytes: number;
}

/**
 * Smallest first. Lambda gives a share of a processor with the memory, 1,769 MB a whole one (Lambda developer guide, "Configure Lambda
 * function memory"), and bills both while a tick waits for hosts: what a large pod needs, a small one is not to pay. With the memory
 * V8's young generation grows, and with it what a tick takes: more than it needs is taken all the same.
 * Time: up to half a minute until the pod's turn, up to 90 s for silent hosts, SSM's lists, and the tick's own work.
 * A page of status.json took 104 MB of a report of 10,000 hosts, 325 MB of 50,000 at their best, and rows of hosts that are ill are twice as
 * long. None of it was measured on AWS. Decision 0068.
 */
export const WATCHDOG_CLASSES = [
  // a tick of 2,000 hosts takes 3 s of a whole processor, ten of this share; its lists are 40 reads
  {
    functionName: 'watchdog',
    hosts: 2000,
    memoryMegabytes: 512,
    timeoutSeconds: 180,
    statusMegabytes: 256,
  },
  // 190 MB and 7 s of a whole processor were measured at 10,000, some 20 s of this share; 200 reads at 10 a second are 20 s
  {
    functionName: 'watchdog10k',
    hosts: 10_000,
    memoryMegabytes: 640,
    timeoutSeconds: 240,
    statusMegabytes: 512,
  },
  // 400 MB and 27 s of a whole processor were measured at 50,000, some 50 s of this share; 1,000 reads at 10 a second are 100 s. A wave
  // counts on no more (SENDING_SECONDS)
  {
    functionName: 'watchdog50k',
    hosts: 50_000,
    memoryMegabytes: 1024,
    timeoutSeconds: 300,
    statusMegabytes: 1024,
  },
] as const satisfies readonly WatchdogClass[];

/** Of the largest class: what more wants is two pods. Simulated only, as all above some hundred hosts. */
export const MOST_HOSTS = 50_000;

/** The class of a pod. The schema admits none above `MOST_HOSTS`. */
export function watchdogOf({ hosts }: Pick<Pod, 'hosts'>): WatchdogClass {
  const found = WATCHDOG_CLASSES.find((each) => hosts <= each.hosts);
  if (!found) throw new Error(`No watchdog serves a pod of ${hosts} hosts; the most is ${MOST_HOSTS}.`);
  return found;
}

/** The classes that some of these pods are of, smallest first. */
export function watchdogsOf(pods: readonly Pick<Pod, 'hosts'>[]): WatchdogClass[] {
  return WATCHDOG_CLASSES.filter((each) => pods.some((pod) => watchdogOf(pod) === each));
}

/** Of the largest of these pods: one `collect`, one `cycle` and one `status` serve all of them. */
export function byHandOf(
  pods: readonly Pick<Pod, 'hosts'>[],
): Pick<WatchdogClass, 'memoryMegabytes' | 'statusMegabytes'> {
  return watchdogOf({ hosts: Math.max(0, ...pods.map(({ hosts }) => hosts)) });
}
