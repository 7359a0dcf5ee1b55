import { GetParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { printable } from '../fleet/printable.ts';
import { MODES, type Mode, stricterOf } from '../plan/plan.ts';
import type { Modes } from '../watchdog/ports.ts';
import type { Call, CallOptions } from './call.ts';
import { isCode, reasonOf, UnreadableAnswer } from './errors.ts';

/** What one parameter says. */
interface ReadMode {
  mode: Mode;
  /** Why it is `observe` where no operator wrote that. */
  why: string | null;
}

/**
 * Reads the SSM parameters `/podtime/STAGE/POD/mode` and `/podtime/STAGE/mode`; the stricter holds. The stage's may be missing:
 * it then limits nothing. Decision 0006.
 */
export function ssmModes(client: SSMClient, stage: string, call: Call): Modes {
  const read = async (name: string, missing: ReadMode): Promise<ReadMode> => {
    try {
      const value = await call(`reading parameter ${name}`, (options) => textOf(client, name, options));
      if (value === null) return missing;
      const mode = MODES.find((known) => known === value);
      const given = printable(value, 40).text;
      return mode ? { mode, why: null } : observe(`parameter ${name} says '${given}', not one of ${MODES.join(', ')}`);
    } catch (error) {
      return observe(`parameter ${name} could not be read: ${reasonOf(error)}`);
    }
  };
  return {
    async read(pod) {
      const ofPod = `/podtime/${stage}/${pod}/mode`;
      const [whole, own] = await Promise.all([
        read(`/podtime/${stage}/mode`, { mode: 'act', why: null }),
        read(ofPod, observe(`parameter ${ofPod} does not exist`)),
      ]);
      const reasons = [whole.why, own.why].filter((why) => why !== null);
      return {
        mode: stricterOf(whole.mode, own.mode),
        fault:
          reasons.length === 0 ? null : `${reasons.join(', and ')}; podtime observes pod ${pod} and changes nothing.`,
      };
    },
  };
}

function observe(why: string): ReadMode {
  return { mode: 'observe', why };
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
