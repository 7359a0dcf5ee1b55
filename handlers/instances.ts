import fleet from '../fleet.yml';
import { followInstances } from '../src/watchdog/follow-instances.ts';
import { invocation } from './invocation/invocation.ts';
import { read, STATE_CHANGE } from './invocation/payload.ts';
import { events, reading } from './lambda/adapters.ts';
import { runOf } from './lambda/run.ts';

/**
 * EC2's state change: a boundary server that runs is registered, one that is gone is withdrawn. An error is thrown on:
 * EventBridge's Lambda invocation repeats it twice, and the watchdog sweeps what was missed.
 */
export const handler = invocation(async (payload, context) => {
  const { detail } = read(STATE_CHANGE, payload);
  const { call, tickId } = runOf(context);
  const ports = { ...reading(call), events: events(call) };
  const event = { eventId: tickId, instanceId: detail['instance-id'], state: detail.state, atMs: 0 };
  const { failed, ...answer } = await followInstances({ ports, fleet, tickId }, [event]);
  if (failed.length > 0) throw new Error(answer.sentences.join(' '));
  return answer;
});
