import fleet from '../fleet.yml';
import { registerServers } from '../src/watchdog/membership.ts';
import { http } from './http/http.ts';
import { podOf } from './http/paths.ts';
import { Problem } from './http/problem.ts';
import { events, reading } from './lambda/adapters.ts';
import { runOf } from './lambda/run.ts';

/** A boundary server asks at boot. What is published comes from EC2 alone: nothing of the request but the pod's name is read. */
export const handler = http(['POST'], async ({ path }, context) => {
  const pod = podOf(fleet, path.pod);
  const { call, tickId } = runOf(context, pod.name);
  const ports = { ...reading(call), events: events(call) };
  const { answer, changes, undone } = await registerServers({ ports, tickId }, pod);
  console.info({ tickId, ...answer });
  if (undone > 0) {
    // podtime's fault, not the caller's
    const head = `Route 53 did not take ${undone} of ${changes} changes; the watchdog tries again at its next tick.`;
    throw new Problem(502, [head, ...answer.sentences].join(' '));
  }
  return { type: 'application/json', body: `${JSON.stringify(answer)}\n` };
});
