import type { Pod } from '../fleet/fleet.ts';
import { fewOf, gatheredSentences } from '../fleet/gathering.ts';
import { sortedUnique } from '../fleet/ordering.ts';
import {
  type CycleCommand,
  changeGroups,
  type Foundation,
  packChanges,
  type RecordChange,
  type SentWave,
} from '../plan/plan.ts';
import { cycleReportOf } from '../report/compose.ts';
import type { Outcome, Report } from '../report/report.ts';
import { messageOf } from './errors.ts';
import type { Run } from './observe.ts';
import type { Changing, SentCommands } from './ports.ts';

/** What changing the pod's records takes of a run. */
export interface DnsRun {
  ports: Changing;
  pod: Pod;
  tickId: string;
}

export interface AppliedChange {
  change: RecordChange;
  outcome: Outcome;
}

/**
 * Sends record changes as few atomic batches. When Route 53 refuses a batch, its servers are tried one by one, so that one
 * bad change never costs the others; what belongs to one server (its old and its new address) stays in one batch. A withdrawal that rests
 * on records of others is sent beside them, or once Route 53 has taken them. What there is no time for is not done. Decision 0110.
 */
export async function applyChanges(
  run: DnsRun,
  changes: RecordChange[],
  hasTime: () => boolean = () => true,
): Promise<AppliedChange[]> {
  const applied: AppliedChange[] = [];
  const taken = new Set<string>();
  const attempt = async (batch: RecordChange[]): Promise<Outcome> => {
    if (!hasTime()) return 'not done';
    const published = publishedBy(batch);
    const missing = missingTo(batch, new Set([...taken, ...published]));
    if (missing.length > 0)
      return `failed: not sent, as it rests on records that Route 53 did not take (${fewOf(missing)})`;
    const outcome = await send(run, batch);
    if (outcome === 'done') for (const id of published) taken.add(id);
    return outcome;
  };
  for (const batch of packChanges(changes)) {
    const outcome = await attempt(batch);
    const servers = changeGroups(batch);
    if (outcome === 'done' || servers.length === 1) {
      applied.push(...batch.map((change) => ({ change, outcome })));
      continue;
    }
    for (const server of servers) {
      const own = await attempt(server);
      applied.push(...server.map((change) => ({ change, outcome: own })));
    }
  }
  return applied;
}

function publishedBy(changes: readonly RecordChange[]): string[] {
  return changes.filter(({ action }) => action === 'UPSERT').map(({ setIdentifier }) => setIdentifier);
}

/** Servers that these changes rest on, and of which too few are taken. */
function missingTo(changes: readonly RecordChange[], taken: ReadonlySet<string>): string[] {
  const isLacking = ({ servers, atLeast }: Foundation) => servers.filter((id) => taken.has(id)).length < atLeast;
  const lacking = changes.flatMap(({ restsOn }) => (restsOn && isLacking(restsOn) ? restsOn.servers : []));
  return sortedUnique(lacking.filter((id) => !taken.has(id)));
}

async function send(run: DnsRun, batch: RecordChange[]): Promise<Outcome> {
  try {
    await run.ports.zone.change(run.pod, batch, `podtime ${run.tickId}`);
    return 'done';
  } catch (error) {
    return `failed: ${messageOf(error)}`;
  }
}

/**
 * Tells the pod's watchdog that names changed. False: it could not be told, and sees the change at its next tick. What a tick changed
 * makes the next one due at once; of other runs none may write the state, and the interval is waited for.
 */
export async function announce(run: DnsRun, applied: AppliedChange[], faults: string[]): Promise<boolean> {
  const names = [...new Set(applied.filter(({ outcome }) => outcome === 'done').map(({ change }) => change.name))];
  if (names.length === 0) return true;
  try {
    await run.ports.events.dnsChanged(run.pod.name, names);
    return true;
  } catch (error) {
    faults.push(`${messageOf(error)}.`);
    return false;
  }
}

/** One command of the plan, what SSM took it as, and what came of sending it. */
export interface SentCycle extends SentCommands {
  command: CycleCommand;
  outcome: Outcome;
}

/** Sends one wave. A command that SSM refuses costs the others nothing; what is left when it may not go on is missing. */
export async function sendCycles(
  run: Run,
  commands: CycleCommand[],
  mayGoOn: () => Promise<boolean>,
): Promise<SentCycle[]> {
  const sent: SentCycle[] = [];
  for (const command of commands) {
    if (!(await mayGoOn())) break;
    try {
      const answer = await run.ports.commands.cycle(run.pod, command, `podtime ${run.tickId} cycle: ${command.reason}`);
      sent.push({ command, ...answer, outcome: outcomeOf(answer) });
    } catch (error) {
      sent.push({ command, commands: [], refused: [], unsure: [], outcome: `failed: ${messageOf(error)}` });
    }
  }
  return sent;
}

/** That SSM took a command says nothing yet of its hosts. */
function outcomeOf({ commands, unsure: [unsure] }: SentCommands): Outcome {
  if (unsure) return `perhaps sent: ${unsure.why}`;
  return commands.length > 0 ? 'sent' : 'not done';
}

/** Whether Route 53 refused one of them. */
export function isAnyRefused(changes: readonly { outcome: Outcome }[]): boolean {
  return changes.some(({ outcome }) => outcome.startsWith('failed'));
}

/** SSM took nothing of it. */
export function isRefused({ commands, unsure }: SentCommands): boolean {
  return commands.length + unsure.length === 0;
}

/** As the plan remembers it: what may have been sent has no id. */
export function sentWaveOf({ command, commands, unsure }: SentCycle): SentWave {
  const perhapsSent = unsure.map(({ instanceIds }) => ({ commandId: null, instanceIds }));
  return { tier: command.tier, commands: [...commands, ...perhapsSent] };
}

/** What is to be said of hosts that commands did not reach, or perhaps not: gathered by cause. */
export function faultsOf(sent: readonly SentCommands[]): string[] {
  const refused = sent.flatMap((answer) => answer.refused);
  const unsure = sent.flatMap((answer) => answer.unsure);
  const faults = gatheredSentences(
    refused.map(({ instanceId, why, cause }) => ({
      subject: instanceId,
      sentence: `${instanceId} was not cycled: ${why}.`,
      cause: `hosts were not cycled: ${cause ?? why}`,
      example: cause && why,
    })),
  );
  const [first] = unsure;
  if (!first) return faults;
  const ids = fewOf(unsure.flatMap(({ instanceIds }) => instanceIds));
  return [
    ...faults,
    `SSM did not say whether it cycles ${ids}: ${first.why}. No other wave of the tier starts until this one is found, or nothing of it can run any more.`,
  ];
}

/** The report of one planned command; `sent` is undefined when it was left undone. */
export function sentReportOf(command: CycleCommand, sent: SentCycle | undefined): Report['cycles'][number] {
  const ids = sent?.commands.map(({ commandId }) => commandId) ?? [];
  return cycleReportOf(command, ids, sent?.outcome ?? 'not done');
}
