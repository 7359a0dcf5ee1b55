import type { HistoryAnswer } from '../answers.ts';
import { PodError } from '../host-directory.ts';
import type { LocalPod } from '../pod.ts';
import type { Screen, Shown } from './screen.ts';

/** What podtime has kept of a host's clock: its last 24 hours, or how wrong it was at a moment. */
export async function history(pod: LocalPod, [name = '', at]: string[]): Promise<Shown> {
  const host = pod.directory.host(name);
  const answer = await pod.history(host.pod, host.instanceId, at);
  if (answer.refused) throw new PodError(answer.sentences.join(' '));
  return { json: answer, lines: (screen) => linesOf(pod, answer, screen) };
}

function linesOf(pod: LocalPod, { sentences, rows = [] }: HistoryAnswer, screen: Screen): string[] {
  const named = sentences.map((sentence) => sentence.replace(/\bi-[0-9a-f]{17}\b/g, (id) => pod.directory.nameOf(id)));
  const table = rows.map(({ at, state, offsetMs, errorBoundMs, systemPeer = '-', reach = '-', cycledAt }) => [
    at.slice(0, 19).replace('T', ' '),
    { text: state, tone: state === 'healthy' ? ('good' as const) : ('doubtful' as const) },
    milliseconds(offsetMs),
    milliseconds(errorBoundMs),
    systemPeer,
    reach,
    cycledAt === undefined ? '-' : cycledAt.slice(11, 19),
  ]);
  const said = named.flatMap((sentence) => screen.item('', sentence));
  return table.length === 0
    ? said
    : [...said, '', ...screen.table(['TIME (UTC)', 'STATE', 'OFFSET', 'BOUND', 'FOLLOWS', 'REACH', 'CYCLED'], table)];
}

function milliseconds(value: number | undefined): string {
  return value === undefined ? '-' : `${value} ms`;
}
