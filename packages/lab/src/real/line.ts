import type { RealHost } from './host.ts';
import { sentenceOf } from './word.ts';

/** A host as it is listed. */
export interface RealHostLine {
  id: string;
  /** What the daemon says, ms ahead of its reference; null: it says nothing. */
  clockErrorMs: number | null;
  sentence: string;
}

export async function describeHost(host: RealHost, isCut: boolean): Promise<RealHostLine> {
  const word = await host.ask();
  const broken = [
    isCut ? 'cut off' : '',
    host.driftMs === 0 ? '' : `held ${host.driftMs} ms off`,
    host.hangs ? 'daemon hangs' : '',
    host.agentDead ? 'no agent' : '',
  ].filter(Boolean);
  const offsetMs = word.system?.offsetMs ?? null;
  return {
    id: host.id,
    // the daemon tells how far its reference is ahead of the clock
    clockErrorMs: offsetMs === null ? null : 0 - offsetMs,
    sentence: [sentenceOf(word), ...broken].join(', '),
  };
}
