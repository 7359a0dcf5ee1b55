import { parseCollected } from '../../host/collect.ts';
import { partsOf } from '../../host/collect-parts.ts';
import type { Collected } from '../../host/collected.ts';
import { Faults } from '../../ntp/faults.ts';
import { rawOutput } from '../raw-output.ts';
import type { HostAnswer } from './answers.ts';

/** What a host printed at the last look. */
export interface Printed {
  commandId: string;
  /** All of it, as it may be shown. */
  output: string;
  /** Which tool printed its sources (`ntpq`, `chronyc`), and these lines alone. null: it printed none. */
  sources: { tool: string; lines: string[] } | null;
  /** null: it is not what the document prints. */
  collected: Collected | null;
}

/** Reads an answer; null: there is nothing in it. */
export function printedOf(answer: HostAnswer | null): Printed | null {
  if (answer === null || answer.output === null || answer.output === '') return null;
  const sources = partsOf(answer.output, new Faults())?.sources ?? null;
  return {
    commandId: answer.commandId,
    output: rawOutput(answer.output),
    sources: sources && { tool: sources.tool, lines: sources.lines.map(({ text }) => rawOutput(text)) },
    collected: parseCollected(answer.output),
  };
}
