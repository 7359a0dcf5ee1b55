import { STATES, type State } from '../../diagnosis/judgement.ts';
import { type Pod, TIERS, type Tier } from '../../fleet/fleet.ts';
import { byText } from '../../fleet/ordering.ts';
import type { HostReport, Report } from '../report.ts';
import { needReader } from '../standing.ts';
import { badge } from './card.ts';
import { type Html, html } from './html.ts';
import { clockOf, urgencyOf } from './view.ts';
import { azWord, grouped, percent, STATE_WORDS, shortMs, TIER_WORDS } from './words.ts';

/** A page of the list: 100 rows are 25 KB. */
const ROWS_A_PAGE = 100;

export const ORDERS = ['urgency', 'offset', 'bound', 'reach', 'az', 'id'] as const;
type Order = (typeof ORDERS)[number];

/** Besides single states. */
const GROUPS = ['any', 'needs', 'at-work', 'stale'] as const;

/** Which hosts a list shows, and in what order; of what a caller wrote only what means something. */
export interface ListQuery {
  state: State | (typeof GROUPS)[number];
  tier: Tier | 'any';
  /** Full name, or `any`. */
  az: string;
  order: Order;
  /** From 1. */
  page: number;
  /** Whether the caller asked for any of it. */
  isAsked: boolean;
}

/** Names of the query that a list reads. */
export const LIST_PARAMETERS = ['state', 'tier', 'az', 'order', 'page'] as const;

export function listQueryOf(query: Readonly<Record<string, string>>, { azs }: Pick<Pod, 'azs'>): ListQuery {
  const known = <T extends string>(value: string | undefined, values: readonly T[], usual: T): T =>
    values.find((each) => each === value) ?? usual;
  const page = Number(query.page);
  return {
    state: known(query.state, [...GROUPS, ...STATES], 'any'),
    tier: known<Tier | 'any'>(query.tier, ['any', ...TIERS], 'any'),
    az: known(query.az, ['any', ...azs], 'any'),
    order: known(query.order, ORDERS, 'urgency'),
    page: Number.isInteger(page) && page >= 1 && page <= 1_000_000 ? page : 1,
    isAsked: LIST_PARAMETERS.some((name) => query[name] !== undefined),
  };
}

/** All hosts, a page of them: filtered and sorted by plain links and a form, so that no script is needed. */
export function hostsTable(report: Report, pod: Pod, query: ListQuery): Html {
  const needOf = needReader(report);
  const chosen = report.hosts.filter((host) => isChosen(host, query, needOf)).toSorted(comparing(query.order));
  const pages = Math.max(1, Math.ceil(chosen.length / ROWS_A_PAGE));
  const page = Math.min(query.page, pages);
  const shown = chosen.slice((page - 1) * ROWS_A_PAGE, page * ROWS_A_PAGE);
  const well = report.hosts.filter(({ state, stale }) => state === 'healthy' && stale === undefined).length;
  const first = (page - 1) * ROWS_A_PAGE + 1;
  const which =
    chosen.length === 0
      ? 'No host is so.'
      : `${grouped(first)} to ${grouped(first + shown.length - 1)} of ${grouped(chosen.length)} ${chosen.length === 1 ? 'host' : 'hosts'}.`;
  return html`<section id="hosts"><h2>All hosts</h2>
<details${query.isAsked && html` open`}><summary>${grouped(well)} of ${grouped(report.hosts.length)} are well: list, sort and filter them all</summary>
${form(pod, query)}
<p>${which}</p>${shown.length > 0 && table(shown, report, query)}${pages > 1 && pager(page, pages, query)}</details></section>`;
}

function isChosen(host: HostReport, { state, tier, az }: ListQuery, needOf: ReturnType<typeof needReader>): boolean {
  if (tier !== 'any' && host.tier !== tier) return false;
  if (az !== 'any' && host.az !== az) return false;
  if (state === 'needs') return needOf(host) === 'somebody';
  if (state === 'at-work') return needOf(host) === 'podtime';
  if (state === 'stale') return host.stale !== undefined;
  return state === 'any' || host.state === state;
}

/** The worst first; of equals, and where nothing is known, by id. */
function comparing(order: Order): (a: HostReport, b: HostReport) => number {
  const worst = (value: number | undefined) => (value === undefined ? -1 : Math.abs(value));
  const rank: Readonly<Record<Order, (host: HostReport) => number>> = {
    urgency: urgencyOf,
    offset: ({ measures }) => -worst(measures.offsetMs),
    bound: ({ measures }) => -worst(measures.errorBoundMs),
    reach: ({ measures }) => measures.reachRatio ?? 2,
    az: () => 0,
    id: () => 0,
  };
  const of = rank[order];
  return (a, b) => of(a) - of(b) || (order === 'az' ? byText(a.az, b.az) : 0) || byText(a.instanceId, b.instanceId);
}

function form(pod: Pod, { state, tier, az, order }: ListQuery): Html {
  const select = (name: string, label: string, chosen: string, options: readonly (readonly [string, string])[]) =>
    html`<label>${label} <select name="${name}">${options.map(([value, word]) => html`<option value="${value}"${value === chosen && html` selected`}>${word}</option>`)}</select></label>`;
  const states = [
    ['any', 'any'],
    ['needs', 'needs somebody'],
    ['at-work', 'podtime is at work on it'],
    ['stale', 'stale'],
    ...STATES.map((each) => [each, STATE_WORDS[each]] as const),
  ] as const;
  return html`<form method="get" action="#hosts">${select('state', 'State', state, states)}${select('tier', 'Tier', tier, [['any', 'any'], ...TIERS.map((each) => [each, TIER_WORDS[each]] as const)])}${select('az', 'AZ', az, [['any', 'any'], ...pod.azs.map((each) => [each, azWord(each)] as const)])}${select(
    'order',
    'Order',
    order,
    [
      ['urgency', 'most urgent first'],
      ['offset', 'largest offset first'],
      ['bound', 'largest bound first'],
      ['reach', 'least heard first'],
      ['az', 'AZ'],
      ['id', 'id'],
    ],
  )}<button>Show</button></form>`;
}

function linkTo(query: ListQuery, given: Partial<ListQuery>): string {
  const { state, tier, az, order, page } = { ...query, page: 1, ...given };
  return `?${new URLSearchParams({ state, tier, az, order, page: String(page) })}#hosts`;
}

function table(shown: readonly HostReport[], report: Report, query: ListQuery): Html {
  const head = (name: string, order: Order, more = '') =>
    html`<th scope="col" class="${more}"${query.order === order && html` aria-sort="${order === 'id' || order === 'az' || order === 'reach' ? 'ascending' : 'descending'}"`}><a href="${linkTo(query, { order })}">${name}</a></th>`;
  return html`<table class="hosts"><caption class="hidden">Hosts</caption><thead><tr>${head('Host', 'id')}<th scope="col" class="roomy">Tier</th>${head('AZ', 'az', 'roomy')}${head('State', 'urgency')}${head('Offset', 'offset', 'number')}${head('Bound', 'bound', 'number')}${head('Heard', 'reach', 'number roomy')}</tr></thead><tbody>${shown.map((host) => row(host, report))}</tbody></table>`;
}

function row(host: HostReport, report: Report): Html {
  const clock = clockOf(host, report);
  const { offsetMs, errorBoundMs, reachRatio } = host.measures;
  const ms = (value: number | undefined, isSigned: boolean) => (value === undefined ? '–' : shortMs(value, isSigned));
  return html`<tr><td><a href="hosts/${host.instanceId}">${host.instanceId}</a></td><td class="roomy">${host.tier}</td><td class="roomy">${azWord(host.az)}</td><td>${badge(clock)}</td><td class="number">${ms(offsetMs, true)}</td><td class="number">${ms(errorBoundMs, false)}</td><td class="number roomy">${reachRatio === undefined ? '–' : percent(reachRatio)}</td></tr>
`;
}

function pager(page: number, pages: number, query: ListQuery): Html {
  const to = (number: number, words: string) => html`<a href="${linkTo(query, { page: number })}">${words}</a> `;
  return html`<nav aria-label="Pages of the list">${page > 1 && to(1, 'First')}${page > 1 && to(page - 1, 'Previous')}<span>Page ${page} of ${pages}</span> ${page < pages && to(page + 1, 'Next')}${page < pages && to(pages, 'Last')}</nav>`;
}
