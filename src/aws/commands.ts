import type { SendCommandCommandInput, SSMClient } from '@aws-sdk/client-ssm';
import { IDS_PER_COMMAND } from '../fleet/aws-limits.ts';
import { type Pod, TAGS } from '../fleet/fleet.ts';
import { cycleParameters } from '../host/parameters.ts';
import type { CycleCommand } from '../plan/plan.ts';
import type { Commands } from '../watchdog/ports.ts';
import type { Call } from './call.ts';
import { commandList } from './command-list.ts';
import { commandProgress } from './command-progress.ts';
import { codeIn, reasonOf } from './errors.ts';
import { hearCommand, type Time } from './hear-command.ts';
import { type CommandLimits, refusedAll, sendIsolatingInvalid } from './isolate.ts';
import { type Pace, paced } from './pace.ts';
import { sendCommand, unlessThrottled } from './send-command.ts';

export const REAL_TIME: Time = { nowMs: Date.now, pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)) };

export interface DocumentNames {
  collect: string;
  cycle: string;
}

/** Two clients of SSM: a command that cycles hosts must not be sent twice. */
export interface SsmClients {
  /** Repeats what failed: for reading, and for `collect`. */
  repeating: SSMClient;
  /** Makes one attempt. */
  once: SSMClient;
}

/** Runs podtime's own documents by SSM Run Command. `paceOf` slows the reading of a pod's lists down. Decision 0044. */
export function ssmCommands(
  { repeating, once }: SsmClients,
  documents: DocumentNames,
  call: Call,
  time: Time = REAL_TIME,
  paceOf: (pod: Pod) => Pace | null = () => null,
): Commands {
  const listOf = (pod: Pod) => commandList(repeating, paced(call, paceOf(pod)));
  return {
    async collect(pod, instanceIds, comment, { waitSeconds, signal }, hear) {
      const faults: string[] = [];
      const send = (target: Pick<SendCommandCommandInput, 'InstanceIds' | 'Targets'>) =>
        call(`collecting from pod ${pod.name}`, (options) =>
          sendCommand(
            repeating,
            {
              ...target,
              DocumentName: documents.collect,
              Comment: comment,
              // the defaults (MaxErrors 0, MaxConcurrency 50) would end the sampling at the first failure
              MaxConcurrency: '100%',
              MaxErrors: '100%',
            },
            options,
          ),
        );
      const commandIds: string[] = [];
      if (instanceIds === null) {
        commandIds.push(await send({ Targets: [{ Key: `tag:${TAGS.pod}`, Values: [pod.name] }] }));
      } else {
        for (const ids of chunks(instanceIds, IDS_PER_COMMAND)) {
          const all = { maxConcurrency: ids.length, maxErrors: ids.length };
          const { commands, refused, failure } = await sendIsolatingInvalid(ids, all, (some) =>
            send({ InstanceIds: some }),
          );
          commandIds.push(...commands.map(({ commandId }) => commandId));
          if (failure) faults.push(`${failure.message}.`);
          for (const { instanceId, why } of refused) {
            hear([{ instanceId, status: 'Undeliverable', output: null }]);
            faults.push(`SSM would not send to ${instanceId}: ${why}.`);
          }
        }
      }
      const untilMs = time.nowMs() + waitSeconds * 1000;
      let isWhole = true;
      for (const commandId of commandIds) {
        try {
          const heard = await hearCommand(listOf(pod), commandId, { time, untilMs, signal }, hear);
          const { listed, unread } = heard;
          isWhole &&= heard.isWhole;
          if (unread) {
            faults.push(`SSM did not say how command ${commandId} of pod ${pod.name} stands: ${reasonOf(unread)}.`);
          } else if (!listed) {
            faults.push(`SSM does not list command ${commandId} of pod ${pod.name} after ${waitSeconds} s.`);
          }
        } catch (error) {
          isWhole = false;
          faults.push(`The answers to command ${commandId} in pod ${pod.name} could not be read: ${reasonOf(error)}.`);
        }
      }
      return { commandIds, faults, isWhole };
    },

    async cycle(pod, command, comment) {
      const { failure, unsent, ...sent } = await sendIsolatingInvalid(command.instanceIds, command, (ids, limits) =>
        call(`cycling ${ids.length} of pod ${pod.name}`, (options) => {
          const input = cycleInput(pod, command, documents, ids, limits, comment);
          return unlessThrottled(() => sendCommand(once, input, options), time.pause);
        }),
      );
      // certainly nothing was sent
      if (failure && sent.commands.length === 0 && sent.unsure.length === 0) throw failure;
      return { ...sent, refused: [...sent.refused, ...refusedAll(unsent, reasonOf(failure), codeIn(failure))] };
    },

    progress: (pod, commandIds) => commandProgress(listOf(pod), commandIds),

    findWave: (pod, waveId, sinceMs) => listOf(pod).ofWave(pod.name, documents.cycle, waveId, sinceMs),
  };
}

function cycleInput(
  pod: Pod,
  command: CycleCommand,
  documents: DocumentNames,
  ids: string[],
  limits: CommandLimits,
  comment: string,
): SendCommandCommandInput {
  return {
    InstanceIds: ids,
    DocumentName: documents.cycle,
    Comment: comment,
    Parameters: cycleParameters({ ...command, zone: pod.zone.name }),
    MaxConcurrency: String(limits.maxConcurrency),
    MaxErrors: String(limits.maxErrors),
  };
}

function* chunks<T>(all: T[], size: number): Generator<T[]> {
  for (let start = 0; start < all.length; start += size) yield all.slice(start, start + size);
}
