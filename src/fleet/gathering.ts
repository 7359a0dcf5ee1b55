import { cutText } from './sentences.ts';

/** One sentence about one host or record, and what it has in common with others. */
export interface Notice {
  /** An instance id, or the name of a record. */
  subject: string;
  /** What is said of the subject alone, with its own numbers. */
  sentence: string;
  /**
   * What is said of several at once, after their number: `clients wait: no server published under ntp.az-b.pod is confident`. Equal
   * texts are one cause. Missing where each is to be said by itself.
   */
  cause?: string | undefined;
  /** Why, as one call alone tells it, with its log entry: said of the first of several. Missing where the cause says all. */
  example?: string | undefined;
}

/** What is said of one cause. */
export interface GatheredNotices<N extends Notice> {
  /** In their order. */
  notices: N[];
  sentence: string;
}

/** So many of one cause are each said with their own numbers; more are counted. */
export const SAID_ONE_BY_ONE = 3;

/** With a few names an operator finds an example to look at; more of them make a sentence that nobody reads. */
const NAMED = 2;

/**
 * Sentences of an answer or a log line. Gathered they are some dozens in the worst pods seen; beyond this many nobody reads them
 * at 3 a.m., and status.json has the hosts.
 */
export const MOST_SENTENCES = 200;

/**
 * All sentences together, as JSON in UTF-8. A log event of CloudWatch holds 256 KB (CloudWatch Logs quotas), in which sentences stand
 * beside three lists of `MOST_LIST_BYTES`.
 */
export const MOST_SENTENCE_BYTES = 64_000;

/** One list of an answer, a log line or the report, such as what was changed in DNS. */
export const MOST_ENTRIES = 200;

/** The same as JSON in UTF-8. */
export const MOST_LIST_BYTES = 48_000;

/** One sentence by itself, such as a boundary server's with all that it does not hear. */
const SENTENCE_CHARACTERS = 2000;

/**
 * Gathers by cause. Decision 0063. The causes come in the order of their first subject; within `key` alone equal causes are one.
 *
 * @param oneByOne so many of one cause are each said
 */
export function gather<N extends Notice>(
  notices: readonly N[],
  key: (notice: N) => string = () => '',
  oneByOne: number = SAID_ONE_BY_ONE,
): GatheredNotices<N>[] {
  const groups = new Map<string, N[]>();
  for (const [index, notice] of notices.entries()) {
    const group = notice.cause === undefined ? `${index}` : `${key(notice)}\n${notice.cause}`;
    const known = groups.get(group);
    if (known) known.push(notice);
    else groups.set(group, [notice]);
  }
  return [...groups.values()].flatMap((group) => {
    const cause = group[0]?.cause;
    if (cause === undefined || group.length <= oneByOne) {
      return group.map((notice) => ({ notices: [notice], sentence: notice.sentence }));
    }
    const subjects = group.map(({ subject }) => subject);
    const names = fewOf([...new Set(subjects)]);
    const example = group[0]?.example === undefined ? '' : `; of ${subjects[0]}: ${group[0].example}`;
    return [{ notices: group, sentence: `${group.length} ${cause} (${names}${example}).` }];
  });
}

/** The sentences alone. */
export function gatheredSentences(notices: readonly Notice[]): string[] {
  return gather(notices).map(({ sentence }) => sentence);
}

/** `i-1, i-2 and 212 more`; up to three are all named. */
export function fewOf(names: readonly string[]): string {
  if (names.length <= NAMED + 1) return names.join(', ');
  return `${names.slice(0, NAMED).join(', ')} and ${names.length - NAMED} more`;
}

/**
 * As many sentences as an answer or a log line has room for, in their order; the last then says how many are left out, also of
 * parts that were bounded before. The first are the most urgent. What was bounded before, by itself, stays as it is.
 */
export function boundedSentences(sentences: readonly string[]): string[] {
  const short: string[] = [];
  let leftOut = 0;
  for (const sentence of sentences) {
    const [, before] = SENTENCES_LEFT_OUT.exec(sentence) ?? [];
    if (before === undefined) short.push(cutText(sentence, SENTENCE_CHARACTERS));
    else leftOut += Number(before);
  }
  if (leftOut === 0 && fits(short, MOST_SENTENCES, MOST_SENTENCE_BYTES)) return short;
  // the last place is kept for what is left out
  const kept = firstOf(short, MOST_SENTENCES - 1, MOST_SENTENCE_BYTES - SENTENCE_LEFT_OUT_BYTES);
  return [...kept, `${leftOut + short.length - kept.length} more sentences are left out.`];
}

/** As `boundedSentences` says it. */
const SENTENCES_LEFT_OUT = /^(\d+) more sentences are left out\.$/;

const SENTENCE_LEFT_OUT_BYTES = 60;

/** As many entries of a list as an answer or a log line has room for, in their order: the first. */
export function boundedList<E>(entries: readonly E[]): E[] {
  return firstOf(entries, MOST_ENTRIES, MOST_LIST_BYTES);
}

function fits(parts: readonly unknown[], most: number, mostBytes: number): boolean {
  return firstOf(parts, most, mostBytes).length === parts.length;
}

function firstOf<E>(entries: readonly E[], most: number, mostBytes: number): E[] {
  let bytes = 0;
  const end = entries.findIndex((entry, index) => {
    // with the comma after it
    bytes += Buffer.byteLength(JSON.stringify(entry)) + 1;
    return bytes > mostBytes || index === most;
  });
  return end < 0 ? [...entries] : entries.slice(0, end);
}
