import fleet from '../fleet.yml';
import { registerServers } from '../src/watchdog/membership.ts';
import { membership } from './adapters.ts';
import { http } from './http.ts';
import { podOf } from './paths.ts';
import { tickIdOf } from './tick-id.ts';

const ports = membership();

/** A boundary server asks at boot. What is published comes from EC2 alone: nothing of the request but the pod's name is read. */
export const handler = http(['POST'], async (call, context) => {
  const tickId = tickIdOf(context);
  const answer = await registerServers({ ports, tickId }, podOf(fleet, call.path.pod));
  console.info({ tickId, ...answer });
  const undone = answer.changes.filter((change) => change.outcome !== 'done');
  return {
    // a change that failed is podtime's fault, not the caller's: 502, and the watchdog tries again within a minute
    status: undone.length > 0 ? 502 : 200,
    type: 'application/json',
    body: `${JSON.stringify(answer)}\n`,
  };
});
