import type { HostReport, HostRows, Report } from './report.ts';

/**
 * Of Lambda's 6 MB of answer (AWS Lambda quotas, synchronous invocations: 6,291,456 bytes) what a page of hosts fills, less than 6 MB however
 * they are reckoned. 10,000 hosts that are all ill, at 590 bytes each with the quotes that API Gateway's envelope escapes, are one page.
 * Decision 0063.
 */
export const PAGE_BYTES = 5_990_000;

/** Where a page begins: `START.TICK.PLACE`, so that a page of one report is never taken for one of another. */
const TOKEN = /^(\d{1,16})\.([A-Za-z0-9-]{1,64})\.(\d{1,9})$/;

/** A token that no page of the report answers. */
export interface TokenFault {
  /** `unknown`: no token of podtime's, or a place that the report does not have. `gone`: of another report. */
  kind: 'unknown' | 'gone';
  sentence: string;
}

/** The place at which the page begins: 0 without a token. */
export function placeOf(report: Report, token: string | null): number | TokenFault {
  if (token === null) return 0;
  const [, startedAtMs, tickId, place] = TOKEN.exec(token) ?? [];
  if (place === undefined) return { kind: 'unknown', sentence: 'after is no token of this API: take it from next.' };
  if (tickId !== report.tickId || Number(startedAtMs) !== report.startedAtMs) {
    return {
      kind: 'gone',
      sentence: `after is a page of tick ${tickId}; the last report is of tick ${report.tickId}. Begin again without after.`,
    };
  }
  if (Number(place) < report.hosts.length) return Number(place);
  return { kind: 'unknown', sentence: `after lies beyond the ${report.hosts.length} hosts of the report.` };
}

/**
 * The answer from one place on: all of it but the hosts before, and of the others as many as go into `limitBytes`; `next` is the
 * token of the page after it. Hosts stand in the order of the report, and each is on one page, with what the rows of the
 * page name of the report's tables.
 *
 * @param bytesOf what a part takes of the answer; for a body of API Gateway that is JSON within JSON
 */
export function pageOf<A extends Report>(
  answer: A,
  place: number,
  limitBytes: number,
  bytesOf: (part: unknown) => number,
): A & { next?: string } {
  const { hosts, tickId, startedAtMs } = answer;
  const tokenAt = (at: number) => `${startedAtMs}.${tickId}.${at}`;
  const polledAddresses = new PageTable(answer.polledAddresses);
  const staleness = new PageTable(answer.staleness);
  const texts = new PageTable(answer.texts);
  const tables = { polledAddresses: polledAddresses.taken, staleness: staleness.taken, texts: texts.taken };
  const lists: unknown[][] = Object.values(tables);
  const page: HostRows = { hosts: [], ...tables };
  const onPage = ([place = -1, ...numbers]: readonly number[]) => [texts.placeOf(place), ...numbers];
  let left = limitBytes - bytesOf({ ...answer, ...page, next: tokenAt(hosts.length) });
  for (const host of hosts.slice(place)) {
    const before = lists.map((taken) => taken.length);
    const row: HostReport = {
      ...host,
      ...(host.polled && { polled: host.polled.map((each) => polledAddresses.placeOf(each)) }),
      ...(host.stale !== undefined && { stale: staleness.placeOf(host.stale) }),
      ...(host.cause !== undefined && { cause: texts.placeOf(host.cause) }),
      ...(host.remarks && { remarks: host.remarks.map(onPage) }),
      ...(host.confidence && { confidence: onPage(host.confidence) }),
    };
    const added = lists.flatMap((taken, list) => taken.slice(before[list]));
    left -= [row, ...added].reduce<number>((sum, part) => sum + bytesOf(part) + 1, 0);
    // at the least one, so that the pages come to an end
    if (left < 0 && page.hosts.length > 0) {
      for (const [list, taken] of lists.entries()) taken.length = before[list] ?? 0;
      break;
    }
    page.hosts.push(row);
  }
  const end = place + page.hosts.length;
  return { ...answer, ...page, ...(end < hosts.length && { next: tokenAt(end) }) };
}

/** Of a table of the report what the rows of a page name, in the order in which they do. */
class PageTable<T> {
  readonly taken: T[] = [];
  readonly #whole: readonly T[];
  readonly #places = new Map<number, number>();

  constructor(whole: readonly T[]) {
    this.#whole = whole;
  }

  /** Where the page has what stands there in the report. */
  placeOf(place: number): number {
    const known = this.#places.get(place);
    if (known !== undefined) return known;
    this.#places.set(place, this.taken.length);
    return this.taken.push(this.#whole[place] as T) - 1;
  }
}
