import { GetParametersCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { printable } from '../fleet/printable.ts';
import { MODES, type Mode, stricterOf } from '../plan/plan.ts';
import type { Modes, ReadMode } from '../watchdog/ports.ts';
import type { Call, CallOptions } from './call.ts';
import { reasonOf, UnreadableAnswer } from './errors.ts';

/** What one parameter says. */
interface ModeOfParameter {
  mode: Mode;
  /** Why it is `observe` where no operator wrote that. */
  why: string | null;
}

/**
 * Reads the SSM parameters `/podtime/STAGE/POD/mode` and `/podtime/STAGE/mode` in one call; the stricter holds. The stage's may be
 * missing: it then limits nothing. Decision 0006.
 */
export function ssmModes(client: SSMClient, stage: string, call: Call): Modes {
  const ofStage = `/podtime/${stage}/mode`;
  return {
    async read(pod) {
      const ofPod = `/podtime/${stage}/${pod}/mode`;
      const both = `parameters ${ofStage} and ${ofPod}`;
      try {
        const textOf = await call(`reading ${both}`, (options) => textsOf(client, [ofStage, ofPod], options));
        const read = stricter(pod, [
          modeIn(ofStage, textOf, { mode: 'act', why: null }),
          modeIn(ofPod, textOf, observe(`parameter ${ofPod} does not exist`)),
        ]);
        return { ...read, unread: null };
      } catch (error) {
        return { ...stricter(pod, [observe(`${both} could not be read: ${reasonOf(error)}`)]), unread: error as Error };
      }
    },
  };
}

function stricter(pod: string, read: ModeOfParameter[]): Omit<ReadMode, 'unread'> {
  const reasons = read.flatMap(({ why }) => why ?? []);
  return {
    mode: read.map(({ mode }) => mode).reduce(stricterOf),
    fault: reasons.length === 0 ? null : `${reasons.join(', and ')}; podtime observes pod ${pod} and changes nothing.`,
  };
}

function modeIn(name: string, textOf: ReadonlyMap<string, string | null>, missing: ModeOfParameter): ModeOfParameter {
  const text = textOf.get(name) ?? null;
  if (text === null) return missing;
  const mode = MODES.find((known) => known === text);
  const given = printable(text, 40).text;
  return mode ? { mode, why: null } : observe(`parameter ${name} says '${given}', not one of ${MODES.join(', ')}`);
}

function observe(why: string): ModeOfParameter {
  return { mode: 'observe', why };
}

/** By name; null where AWS says that there is no such parameter. What it does not tell of is no missing one. */
async function textsOf(client: SSMClient, names: string[], options: CallOptions): Promise<Map<string, string | null>> {
  const command = new GetParametersCommand({ Names: names });
  const { Parameters = [], InvalidParameters = [] } = await client.send(command, options);
  return new Map(
    names.map((name) => {
      const text = Parameters.find(({ Name }) => Name === name)?.Value?.trim();
      if (text === undefined && !InvalidParameters.includes(name))
        throw new UnreadableAnswer(`the answer does not tell of parameter ${name}`);
      return [name, text ?? null];
    }),
  );
}
