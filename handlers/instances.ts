import fleet from '../fleet.yml';
import { followInstances } from '../src/watchdog/follow-instances.ts';
import { invocation } from './invocation/invocation.ts';
import { stateChanges } from './invocation/state-changes.ts';
import { events, reading } from './lambda/adapters.ts';
import { runOf } from './lambda/run.ts';

/**
 * EC2's state changes, from the queue: a boundary server that runs is registered, one that is gone is withdrawn. What is left
 * undone is named, so that SQS hands over that again and nothing else; nothing done at all is an error, so that its alarm fires.
 * An event that cannot be read is told in the log and let go: handed over again it would read the same.
 */
export const handler = invocation(
  async (payload, context) => {
    const { changes, refused } = stateChanges(payload);
    const { call, tickId } = runOf(context);
    const ports = { ...reading(call), events: events(call) };
    const { failed, ...answer } = await followInstances({ ports, fleet, tickId }, changes);
    if (failed.length > 0 && failed.length === changes.length) throw new Error(answer.sentences.join(' '));
    return { ...answer, sentences: [...refused, ...answer.sentences], failed };
  },
  ({ failed }) => ({ batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) }),
);
