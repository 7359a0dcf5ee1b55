import type { State } from '../diagnosis/judgement.ts';

/** Of Lambda's 6 MB of answer (AWS Lambda quotas, synchronous invocations) what podtime fills: the rest is the gateway's wrapping. */
export const ANSWER_BYTES = 5_800_000;

type FitHost = { state: State; stale?: unknown };

/** By need: the first are said first, the last are left out first. */
export const URGENCY: readonly State[] = [
  'contradicted',
  'adrift',
  'unsynchronised',
  'no-daemon',
  'holdover',
  'uncertain',
  'unknown',
  'degraded',
  'starting',
  'healthy',
];

/**
 * An answer that its caller can get: as many of its hosts and sentences as go into `limitBytes`, counted as Lambda does, in
 * UTF-8. Stale and unhealthy hosts are kept before healthy ones, the order stays. What is left out is said in the first sentence.
 *
 * @param bytesOf what a part takes of the answer; for a body of API Gateway that is JSON within JSON
 */
export function fitAnswer<H extends FitHost, A extends { sentences: string[]; hosts: H[] }>(
  answer: A,
  limitBytes: number,
  bytesOf: (part: unknown) => number,
): A {
  if (bytesOf(answer) <= limitBytes) return answer;
  const { sentences, hosts } = answer;
  let left =
    limitBytes - bytesOf({ ...answer, sentences: [leftOut(sentences.length, sentences.length, hosts)], hosts: [] });
  const takes = (part: unknown) => {
    left -= bytesOf(part) + 1;
    return left >= 0;
  };
  // sentences are about the hosts that need somebody: they get up to half
  const forSentences = Math.min(bytesOf(sentences), limitBytes / 2);
  const kept = new Set<H>();
  for (const host of byUrgency(hosts)) {
    if (left - bytesOf(host) <= forSentences || !takes(host)) break;
    kept.add(host);
  }
  const keptSentences: string[] = [];
  for (const sentence of sentences) {
    if (!takes(sentence)) break;
    keptSentences.push(sentence);
  }
  const cut = leftOut(sentences.length - keptSentences.length, sentences.length, hosts, kept.size);
  return { ...answer, sentences: [cut, ...keptSentences], hosts: hosts.filter((host) => kept.has(host)) };
}

function byUrgency<H extends FitHost>(hosts: readonly H[]): H[] {
  const rank = ({ state, stale }: H) => (stale ? 0 : 1) * URGENCY.length + URGENCY.indexOf(state);
  return hosts.toSorted((a, b) => rank(a) - rank(b));
}

function leftOut(sentences: number, allSentences: number, hosts: readonly unknown[], kept = 0): string {
  const andSentences = sentences === 0 ? '' : ` and ${sentences} of ${allSentences} sentences`;
  return `${hosts.length - kept} of ${hosts.length} hosts${andSentences} are left out, healthy ones first: Lambda answers with 6 MB at the most.`;
}
