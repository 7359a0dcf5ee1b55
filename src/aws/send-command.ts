import { SendCommandCommand, type SendCommandCommandInput, type SSMClient } from '@aws-sdk/client-ssm';
import { DELIVERY_TIMEOUT_SECONDS } from '../fleet/aws-limits.ts';
import type { CallOptions } from './call.ts';
import { isRefusal, isThrottling, UnreadableAnswer } from './errors.ts';

/** Comment of a SendCommand (SSM API reference). */
const COMMENT_CHARACTERS = 100;
/** Before each further try of a throttled command: within the limit of a call, with time for SSM's answers. */
const THROTTLED_PAUSES_MS = [500, 1000, 2000];

/** Answers SSM's id. An answer without one may be of a command that was sent. */
export async function sendCommand(
  client: SSMClient,
  input: SendCommandCommandInput,
  options: CallOptions,
): Promise<string> {
  const { Command } = await client.send(
    new SendCommandCommand({
      ...input,
      Comment: (input.Comment ?? '').slice(0, COMMENT_CHARACTERS),
      TimeoutSeconds: DELIVERY_TIMEOUT_SECONDS,
    }),
    options,
  );
  if (!Command?.CommandId) throw new UnreadableAnswer('the answer has no command id');
  return Command.CommandId;
}

/** Tries again what SSM plainly refused because it is asked too often, and nothing else: nothing was done then. */
export async function unlessThrottled<T>(send: () => Promise<T>, pause: (ms: number) => Promise<void>): Promise<T> {
  for (const pauseMs of THROTTLED_PAUSES_MS) {
    try {
      return await send();
    } catch (error) {
      if (!isRefusal(error) || !isThrottling(error)) throw error;
    }
    // not all pods of an account at the same moment
    await pause(pauseMs * (0.5 + Math.random() / 2));
  }
  return send();
}
