import fleet from '../fleet.yml';
import { messageOf } from '../src/watchdog/errors.ts';
import { followInstances } from '../src/watchdog/follow-instances.ts';
import { invocation } from './invocation/invocation.ts';
import { stateChanges } from './invocation/state-changes.ts';
import { events, reading } from './lambda/adapters.ts';
import { runOf } from './lambda/run.ts';

/**
 * EC2's state changes, from the queue: a boundary server that runs is registered, one that is gone is withdrawn. What is left
 * undone is named, so that SQS hands over that again and nothing else; nothing done at all is an error, so that its alarm fires.
 * A message that cannot be read is told in the log and let go: handed over again it would read the same. Since an error brings back
 * all messages, there is none beside it: where nothing was done the next attempt, without it, ends in one.
 */
export const handler = invocation(
  async (payload, context) => {
    const { changes, refused } = stateChanges(payload);
    const { call, tickId } = runOf(context);
    const ports = { ...reading(call), events: events(call) };
    const { failed, ...answer } = await followInstances({ ports, fleet, tickId }, changes).catch((error: Error) => {
      if (refused.length === 0) throw error;
      const sentences = [`${messageOf(error)}.`];
      return { sentences, changes: [], refusals: [], failed: changes.map(({ eventId }) => eventId) };
    });
    const isNothingDone = failed.length > 0 && failed.length === changes.length;
    if (isNothingDone && refused.length === 0) throw new Error(answer.sentences.join(' '));
    return { ...answer, sentences: [...refused, ...answer.sentences], failed };
  },
  ({ failed }) => ({ batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) }),
);
