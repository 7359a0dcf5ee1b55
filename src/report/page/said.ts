import { count } from '../../fleet/sentences.ts';
import type { Report } from '../report.ts';
import { hostSentences, saidOf } from '../sentences.ts';
import { isOffAtStart, needReader } from '../standing.ts';
import { html, type Part } from './html.ts';
import type { Seen } from './view.ts';
import { grouped, typeset } from './words.ts';

/** What is said of a pod's hosts. */
interface Said {
  /** What is wrong, most urgent first, and who starts with a clock that is off. */
  wrong: string[];
  /** Nobody is needed: podtime cycles it, now or in its turn. */
  atWork: string[];
}

/** For who is not to see hosts how many there are. */
export function saidOfPod({ report, fault, pod }: Pick<Seen, 'report' | 'fault' | 'pod'>, withHosts: boolean): Said {
  const { faults, clocks, hosts } = report;
  const needOf = needReader(report);
  const needing = hosts.filter((host) => needOf(host) === 'somebody');
  const atWork = hosts.filter((host) => needOf(host) === 'podtime');
  const own = fault === null ? [] : [fault];
  if (!withHosts)
    return {
      wrong: [...own, ...neededSentences(needing.length, report)],
      atWork: atWorkSentences(atWork.length, report),
    };
  const off = hosts.filter((host) => needOf(host) === 'time' && isOffAtStart(host, pod.thresholds));
  const say = (rows: Report['hosts']) => hostSentences(saidOf(rows, report));
  return {
    wrong: [...own, ...faults, ...(clocks?.contradicted ?? []), ...say([...needing, ...off])],
    atWork: say(atWork),
  };
}

function neededSentences(needing: number, { summary }: Report): string[] {
  if (needing === 0) return [];
  return [
    `${grouped(needing)} of ${count(summary.expected, 'host')} ${needing === 1 ? 'needs' : 'need'} somebody; operators see which.`,
  ];
}

function atWorkSentences(atWork: number, { summary }: Report): string[] {
  return atWork === 0 ? [] : [`${grouped(atWork)} stale of ${count(summary.expected, 'host')}; operators see which.`];
}

const ID = /(i-(?:[0-9a-f]{17}|[0-9a-f]{8}))(?![0-9a-f])/;

/** A sentence whose hosts lead to their pages. `base`: what their path begins with. */
export function linked(sentence: string, base: string): Part {
  return typeset(sentence)
    .split(ID)
    .map((part, index) => (index % 2 === 1 ? html`<a class="id" href="${base}hosts/${part}">${part}</a>` : part));
}
