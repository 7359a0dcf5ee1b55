import fleet from '../fleet.yml';
import { followInstance } from '../src/watchdog/membership.ts';
import { events, reading } from './adapters.ts';
import { invocation } from './invocation.ts';
import { read, STATE_CHANGE } from './payload.ts';

const ports = { ...reading(), events: events() };

/**
 * EC2's state change: a boundary server that runs is registered, one that is gone is withdrawn. An error is thrown on:
 * EventBridge's Lambda invocation repeats it twice, and the watchdog sweeps what was missed.
 */
export const handler = invocation(async (payload, tickId) => {
  const { detail } = read(STATE_CHANGE, payload);
  return followInstance({ ports, fleet, tickId }, detail['instance-id'], detail.state);
});
