import { count } from '../../fleet/sentences.ts';
import type { Report } from '../report.ts';
import { hostSentences, saidOf } from '../sentences.ts';
import { needsSomebody } from '../standing.ts';
import { html, type Part } from './html.ts';
import type { Seen } from './view.ts';
import { grouped } from './words.ts';

/** What is wrong, most urgent first; for who is not to see hosts how many. */
export function wrongSentences({ report, fault }: Pick<Seen, 'report' | 'fault'>, withHosts: boolean): string[] {
  const { faults, clocks, hosts } = report;
  return [
    ...(fault === null ? [] : [fault]),
    ...(withHosts ? [...faults, ...(clocks?.contradicted ?? [])] : []),
    ...(withHosts ? hostSentences(saidOf(hosts.filter(needsSomebody), report)) : countedSentences(report)),
  ];
}

function countedSentences({ hosts, summary }: Report): string[] {
  const needing = hosts.filter(needsSomebody).length;
  if (needing === 0) return [];
  return [
    `${grouped(needing)} of ${count(summary.expected, 'host')} ${needing === 1 ? 'needs' : 'need'} somebody; operators see which.`,
  ];
}

const ID = /(i-(?:[0-9a-f]{17}|[0-9a-f]{8}))(?![0-9a-f])/;

/** A sentence whose hosts lead to their pages. `base`: what their path begins with. */
export function linked(sentence: string, base: string): Part {
  return sentence
    .split(ID)
    .map((part, index) => (index % 2 === 1 ? html`<a class="id" href="${base}hosts/${part}">${part}</a>` : part));
}
