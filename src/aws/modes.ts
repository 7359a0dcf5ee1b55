import { GetParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { printable } from '../fleet/printable.ts';
import { MODES, type Mode } from '../plan/plan.ts';
import type { Modes } from '../watchdog/ports.ts';
import type { Call, CallOptions } from './call.ts';
import { isCode, reasonOf, UnreadableAnswer } from './errors.ts';

/** Reads the SSM parameter `/podtime/STAGE/POD/mode`. Decision 0006. */
export function ssmModes(client: SSMClient, stage: string, call: Call): Modes {
  return {
    async read(pod) {
      const name = `/podtime/${stage}/${pod}/mode`;
      const observe = (why: string): { mode: Mode; fault: string } => ({
        mode: 'observe',
        fault: `${why}; podtime observes pod ${pod} and changes nothing.`,
      });
      try {
        const value = await call(`reading parameter ${name}`, (options) => textOf(client, name, options));
        if (value === null) return observe(`parameter ${name} does not exist`);
        const mode = MODES.find((known) => known === value);
        return mode
          ? { mode, fault: null }
          : observe(`parameter ${name} says '${printable(value, 40).text}', not one of ${MODES.join(', ')}`);
      } catch (error) {
        return observe(`parameter ${name} could not be read: ${reasonOf(error)}`);
      }
    },
  };
}

/** null: there is no such parameter. */
async function textOf(client: SSMClient, name: string, options: CallOptions): Promise<string | null> {
  try {
    const { Parameter } = await client.send(new GetParameterCommand({ Name: name }), options);
    if (Parameter?.Value === undefined) throw new UnreadableAnswer('the answer has no value');
    return Parameter.Value.trim();
  } catch (error) {
    if (isCode(error, 'ParameterNotFound')) return null;
    throw error;
  }
}
