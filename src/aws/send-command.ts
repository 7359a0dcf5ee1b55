import { SendCommandCommand, type SendCommandCommandInput, type SSMClient } from '@aws-sdk/client-ssm';
import { DELIVERY_TIMEOUT_SECONDS } from '../fleet/aws-limits.ts';
import type { CallOptions } from './call.ts';
import { isRefusal, isThrottling, UnreadableAnswer } from './errors.ts';
import { tryAgain } from './try-again.ts';

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
export function unlessThrottled<T>(send: () => Promise<T>, pause: (ms: number) => Promise<void>): Promise<T> {
  const passes = (error: unknown) => isRefusal(error) && isThrottling(error);
  return tryAgain(send, { pausesMs: THROTTLED_PAUSES_MS, passes, pause });
}
