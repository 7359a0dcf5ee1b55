import type { Context } from 'aws-lambda';
import type { Pod } from '../../src/fleet/fleet.ts';
import { WATCHDOG_CLASSES, watchdogOf } from '../../src/fleet/watchdog-classes.ts';
import { PayloadError, podNamed } from './payload.ts';

/**
 * The pod named, where this watchdog can serve it: each takes the pods of its class and all smaller ones. A larger one it refuses by
 * `PayloadError` that names the right function: it would run out of memory or time, with the pod's turn taken.
 * Decision 0068.
 */
export function podServed(name: string, { functionName }: Pick<Context, 'functionName'>): Pod {
  const pod = podNamed(name);
  const own = WATCHDOG_CLASSES.find((each) => functionName?.endsWith(`-${each.functionName}`));
  if (own === undefined || pod.hosts <= own.hosts) return pod;
  throw new PayloadError([
    `pod ${name} is built for ${pod.hosts.toLocaleString('en')} hosts, function ${own.functionName} serves at most ` +
      `${own.hosts.toLocaleString('en')}: invoke ${watchdogOf(pod).functionName}.`,
  ]);
}
