import { linkHorizontal } from 'd3-shape';
import { TIME_SERVICE_ADDRESSES } from '../../fleet/fleet.ts';
import { byText } from '../../fleet/ordering.ts';
import { count, listed } from '../../fleet/sentences.ts';
import type { HostReport } from '../report.ts';
import { type Html, html } from './html.ts';
import { countStates, type Seen, statesIn } from './view.ts';
import { azWord, grouped, STATE_WORDS, shortMs } from './words.ts';

/*
 * Upstreams -> boundary servers -> clients by AZ, with the lines along which time really comes: who polls whom, by the report. Drawn
 * twice, wide and narrow, since text of a picture does not wrap; the page shows one.
 */

interface Layout {
  width: number;
  /** Of the boxes of each column. */
  boxes: readonly [number, number, number];
  /** Between boxes of a column. */
  gap: number;
  isNarrow: boolean;
}

const WIDE: Layout = { width: 740, boxes: [168, 186, 190], gap: 24, isNarrow: false };
const NARROW: Layout = { width: 330, boxes: [84, 94, 104], gap: 12, isNarrow: true };

const BOX = 46;
const HEAD = 22;

/** What its lines say. */
export const CHAIN_LEGEND =
  'A line is who polls whom: the thicker, the more clients of the AZ; dashed: polled, and nothing is heard.';

/** More servers are counted: beyond this a picture says nothing. */
const MOST_SERVERS = 12;

export function chain(seen: Seen): Html {
  return html`<div class="chain wide">${draw(seen, WIDE)}</div><div class="chain narrow">${draw(seen, NARROW)}</div>`;
}

/** One of the two, for where it is known how much room there is. */
export function chainAt(seen: Seen, isNarrow: boolean): Html {
  return draw(seen, isNarrow ? NARROW : WIDE);
}

interface Box {
  y: number;
  markup: Html;
  /** Of what stands in its middle. */
  middle: number;
}

function draw(seen: Seen, layout: Layout): Html {
  const { report } = seen;
  const [w0, w1, w2] = layout.boxes;
  const space = (layout.width - w0 - w1 - w2) / 2;
  const x = [0, w0 + space, w0 + w1 + 2 * space] as const;
  const servers = report.hosts
    .filter(({ tier }) => tier === 'boundary')
    .toSorted((a, b) => byText(a.az, b.az) || byText(a.instanceId, b.instanceId));
  const drawn = servers.slice(0, MOST_SERVERS);
  const clients = report.hosts.filter(({ tier }) => tier === 'client');
  const azs = [...new Set(clients.map(({ az }) => az))].toSorted(byText);
  const rows = Math.max(drawn.length + (servers.length > drawn.length ? 1 : 0), azs.length, 2);
  const height = HEAD + rows * (BOX + layout.gap) - layout.gap + 2;
  const place = (index: number, of: number) => HEAD + ((index + 0.5) * (height - HEAD)) / of - BOX / 2;

  const origins = originsOf(seen, layout).map((origin, index, all) => ({ ...origin, y: place(index, all.length) }));
  const serverCount = drawn.length + (servers.length > drawn.length ? 1 : 0);
  const serverBoxes: Box[] = drawn.map((server, index) =>
    boxAt(place(index, serverCount), serverBox(server, x[1], w1, place(index, serverCount), layout)),
  );
  const azBoxes: Box[] = azs.map((az, index) => {
    const y = place(index, azs.length);
    return boxAt(
      y,
      azBox(
        az,
        clients.filter((client) => client.az === az),
        x[2],
        w2,
        y,
        layout,
      ),
    );
  });
  const rest = servers.length - drawn.length;
  const restY = place(drawn.length, serverCount);
  const polledBy = pollCounts(clients, drawn, report.polledAddresses);
  const links = [
    ...drawn.flatMap((server, index) =>
      origins.flatMap((origin) => {
        const isPolled = (server.polled ?? []).some((at) => origin.isOne(report.polledAddresses[at] ?? ''));
        return isPolled
          ? [
              link(
                x[0] + w0,
                origin.y + BOX / 2,
                x[1],
                serverBoxes[index]?.middle ?? 0,
                1,
                isDeaf(server) ? 'deaf' : '',
              ),
            ]
          : [];
      }),
    ),
    ...azs.flatMap((az, to) =>
      drawn.flatMap((_, from) => {
        const { polling = 0, hearing = 0 } = polledBy.get(az)?.[from] ?? {};
        if (polling === 0) return [];
        const [y0, y1] = [serverBoxes[from]?.middle ?? 0, azBoxes[to]?.middle ?? 0];
        const share = hearing / Math.max(1, clients.filter((client) => client.az === az).length);
        const kind = share < 0.9 ? 'faint' : '';
        return [link(x[1] + w1, y0, x[2], y1, 1 + 3 * share, hearing === 0 ? 'deaf' : kind)];
      }),
    ),
  ];
  const heading = (at: number, text: string) => html`<text class="head" x="${at}" y="11">${text}</text>`;
  const [first, second, third] = layout.isNarrow
    ? ['Stratum 2', 'Boundary', 'Clients']
    : ['Upstreams, Stratum 2', 'Boundary servers, Stratum 3', 'Clients, by AZ'];
  return html`<svg viewBox="0 0 ${layout.width} ${height}" role="img" aria-label="${inWords(seen, servers.length, clients.length, azs)}">
${heading(x[0], first)}${heading(x[1], second)}${heading(x[2], third)}
${links}
${origins.map(({ y, name, detail }) => plainBox(x[0], y, w0, name, detail))}
${serverBoxes.map(({ markup }) => markup)}${rest > 0 && plainBox(x[1], restY, w1, `${rest} more`, 'in the list below')}
${servers.length === 0 && plainBox(x[1], place(0, 1), w1, 'none', 'no server runs')}
${azBoxes.map(({ markup }) => markup)}${azs.length === 0 && plainBox(x[2], place(0, 1), w2, 'none', 'no client runs')}
</svg>`;
}

function boxAt(y: number, markup: Html): Box {
  return { y, markup, middle: y + BOX / 2 };
}

function inWords({ report }: Seen, servers: number, clients: number, azs: readonly string[]): string {
  const counted = statesIn(countStates(report.hosts)).map(({ state, hosts }) => `${hosts} ${STATE_WORDS[state]}`);
  const where = azs.length === 0 ? '' : ` in ${listed(azs.map(azWord))}`;
  return `The chain of time: upstreams feed ${count(servers, 'boundary server')}, which feed ${count(clients, 'client')}${where}. ${listed(counted)}.`;
}

/** Where a pod's time comes from. */
function originsOf({ fleet, report }: Seen, { isNarrow }: Layout) {
  const isTimeService = (address: string) => TIME_SERVICE_ADDRESSES.includes(address);
  const own = new Set(report.hosts.flatMap(({ addresses }) => addresses));
  const names = fleet.upstreams.map(({ host }) => host);
  const upstream = {
    name: isNarrow ? `${names.length} public` : count(names.length, 'upstream'),
    detail: isNarrow ? 'upstreams' : clipped(names[0] ?? 'none', 22),
    isOne: (address: string) => !isTimeService(address) && !own.has(address) && address !== '',
  };
  const mode = fleet.timeService.mode.boundary === 'source' ? 'followed' : 'watched';
  const service = { name: 'AWS time', detail: isNarrow ? mode : `time service, ${mode}`, isOne: isTimeService };
  return [...(names.length > 0 ? [upstream] : []), service];
}

function clipped(text: string, characters: number): string {
  return text.length > characters ? `${text.slice(0, characters - 1)}…` : text;
}

function plainBox(x: number, y: number, width: number, name: string, detail: string): Html {
  return html`<g><rect class="box" x="${x}" y="${round(y)}" width="${width}" height="${BOX}" rx="4"/><text class="name" x="${x + 9}" y="${round(y + 20)}">${name}</text><text class="detail" x="${x + 9}" y="${round(y + 36)}">${detail}</text></g>`;
}

function serverBox(
  { az, state, measures, confident }: HostReport,
  x: number,
  width: number,
  y: number,
  { isNarrow }: Layout,
): Html {
  const offset = measures.offsetMs === undefined ? null : shortMs(measures.offsetMs, true);
  const calm = isNarrow
    ? (offset ?? 'healthy')
    : `${offset ?? 'healthy'} · ${confident ? 'confident' : 'not confident'}`;
  const ill = isNarrow || offset === null ? STATE_WORDS[state] : `${STATE_WORDS[state]} · ${offset}`;
  const detail = state === 'healthy' ? calm : ill;
  return html`<g><rect class="box" x="${x}" y="${round(y)}" width="${width}" height="${BOX}" rx="4"/><rect class="fill s-${state}" x="${x}" y="${round(y)}" width="6" height="${BOX}" rx="2"/><text class="name" x="${x + 14}" y="${round(y + 20)}">ntp.${azWord(az)}</text><text class="detail" x="${x + 14}" y="${round(y + 36)}">${detail}</text></g>`;
}

function azBox(
  az: string,
  clients: readonly HostReport[],
  x: number,
  width: number,
  y: number,
  { isNarrow }: Layout,
): Html {
  const stale = clients.filter((client) => client.state === 'healthy' && client.stale !== undefined).length;
  const states = statesIn(countStates(clients)).flatMap(({ state, hosts }): { state: string; hosts: number }[] =>
    state === 'healthy' && stale > 0
      ? [
          { state, hosts: hosts - stale },
          { state: 'stale', hosts: stale },
        ]
      : [{ state, hosts }],
  );
  const unwell = clients.filter(({ state }) => state !== 'healthy').length;
  const said = [
    ...(unwell > 0 ? [`${grouped(unwell)} not ${isNarrow ? 'well' : 'healthy'}`] : []),
    ...(stale > 0 ? [`${grouped(stale)} stale`] : []),
  ];
  const how = said.length === 0 ? 'all well' : isNarrow ? said[0] : said.join(', ');
  const room = width - 18;
  let left = x + 9;
  const bar = states
    .filter(({ hosts }) => hosts > 0)
    .map(({ state, hosts }) => {
      // one host of thousands is to be seen
      const share = Math.max(3, (room * hosts) / clients.length);
      const at = Math.min(left, x + 9 + room - 3);
      left += share;
      return html`<rect class="fill s-${state}" x="${round(at)}" y="${round(y + 34)}" width="${round(Math.min(share, x + 9 + room - at))}" height="6"/>`;
    });
  return html`<g><rect class="box" x="${x}" y="${round(y)}" width="${width}" height="${BOX}" rx="4"/><text class="name" x="${x + 9}" y="${round(y + 17)}">${azWord(az)} <tspan class="detail">${isNarrow ? grouped(clients.length) : `${grouped(clients.length)} ${clients.length === 1 ? 'client' : 'clients'}`}</tspan></text><text class="detail" x="${x + 9}" y="${round(y + 30)}">${how}</text>${bar}</g>`;
}

/** Nothing runs there that polls or answers. */
function isDeaf({ state }: HostReport): boolean {
  return state === 'no-daemon';
}

interface Polls {
  polling: number;
  /** Of these: a server without a daemon answers nobody, and some clients tell whom they do not hear. */
  hearing: number;
}

/** How many clients of each AZ poll each server. */
function pollCounts(
  clients: readonly HostReport[],
  servers: readonly HostReport[],
  addresses: readonly string[],
): Map<string, Polls[]> {
  const serverAt = addresses.map((address) => servers.findIndex((server) => server.addresses.includes(address)));
  const counts = new Map<string, Polls[]>();
  for (const { az, polled = [], sources = [] } of clients) {
    const unheard = new Set(sources.flatMap(({ remote, reach }) => (reach === 0 ? [remote] : [])));
    const ofAz = counts.get(az) ?? servers.map(() => ({ polling: 0, hearing: 0 }));
    counts.set(az, ofAz);
    for (const at of new Set(polled.map((place) => serverAt[place] ?? -1))) {
      const [server, counted] = [servers[at], ofAz[at]];
      if (server === undefined || counted === undefined) continue;
      counted.polling += 1;
      if (!isDeaf(server) && !server.addresses.some((address) => unheard.has(address))) counted.hearing += 1;
    }
  }
  return counts;
}

const curve = linkHorizontal<{ source: [number, number]; target: [number, number] }, [number, number]>();

function link(x0: number, y0: number, x1: number, y1: number, width: number, kind: '' | 'faint' | 'deaf'): Html {
  const path = curve({ source: [round(x0), round(y0)], target: [round(x1), round(y1)] }) ?? '';
  return html`<path class="link${kind && ` ${kind}`}" d="${path}" stroke-width="${round(width)}"/>`;
}

function round(number: number): number {
  return Math.round(number * 10) / 10;
}
