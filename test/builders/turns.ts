import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterEach, beforeEach } from '@jest/globals';
import { BUCKET } from '@podtime/aws-endpoint/testing';
import type { Claim, State } from '../../src/state/state.ts';
import { scheduledTickDue } from '../../src/watchdog/schedule.ts';
import { givenServers, startPod, type TestedPod } from './endpoint-pod.ts';

/** A pod whose turn is taken, kept and lost, in tests that `use` it: started before each, closed after each. */
export function podWithTurns(use: (pod: TestedPod) => void) {
  let pod: TestedPod;
  beforeEach(async () => {
    pod = await startPod();
    use(pod);
    await givenServers(pod);
  });
  afterEach(() => pod.close());

  const store = (state: object) =>
    pod.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'blue/state.json', Body: JSON.stringify(state) }));
  const taken = async (claim: Partial<Claim> = {}) => {
    const nowMs = pod.clock.nowMs();
    const holder = { tickId: 'tick-0', startedAtMs: nowMs - 20_000, untilMs: nowMs + 60_000, ...claim };
    await store({ ...(pod.state() as State), claim: holder });
  };
  const putsOf = () => pod.events.flatMap((event) => (event.kind === 'object put' ? [event.key] : []));
  const collects = () => pod.endpoint.commands().filter(({ comment }) => comment.includes(' collect '));
  const isDue = async () => {
    const { states } = pod.run.ports;
    return scheduledTickDue({ states, pod: pod.pod, nowMs: pod.run.nowMs, pause: async () => {} }, 0);
  };
  /** What is wrong with the zone as the endpoint makes it is not of the turn. */
  const turnFaults = ({ faults }: { faults: string[] }) => faults.filter((fault) => !fault.startsWith('Zone pod '));

  /** The first command that a run sends, after which something happens. */
  const onceAsked = (happen: () => void) => {
    const off = pod.endpoint.on((event) => {
      if (event.kind !== 'command sent') return;
      off();
      happen();
    });
  };

  return { store, taken, putsOf, collects, isDue, turnFaults, onceAsked };
}
