import { GetParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { MODES, type Mode } from '../plan/plan.ts';
import type { Modes } from '../watchdog/ports.ts';
import { isCode, sentenceOf } from './errors.ts';

/** Reads the SSM parameter `/podtime/STAGE/POD/mode`. Decision 0006. */
export function ssmModes(client: SSMClient, stage: string): Modes {
  return {
    async read(pod) {
      const name = `/podtime/${stage}/${pod}/mode`;
      const observe = (why: string): { mode: Mode; fault: string } => ({
        mode: 'observe',
        fault: `${why}; podtime observes pod ${pod} and changes nothing.`,
      });
      try {
        const { Parameter } = await client.send(new GetParameterCommand({ Name: name }));
        const value = Parameter?.Value?.trim();
        const mode = MODES.find((known) => known === value);
        return mode
          ? { mode, fault: null }
          : observe(`parameter ${name} says '${value}', not one of ${MODES.join(', ')}`);
      } catch (error) {
        if (isCode(error, 'ParameterNotFound')) return observe(`parameter ${name} does not exist`);
        return observe(`parameter ${name} could not be read (${sentenceOf(error)})`);
      }
    },
  };
}
