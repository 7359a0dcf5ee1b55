import { judgeAll } from '../../src/diagnosis/judge.ts';
import type { Host as Ec2Host, Pod, Tier } from '../../src/fleet/fleet.ts';
import { parseCollected } from '../../src/host/collect.ts';
import { recordsParameter } from '../../src/plan/cycling/records-parameter.ts';
import { collected, context, host, POD, record, server, source } from '../builders/sightings.ts';
import { Client, type Kind } from './client.ts';
import type { ShellName } from './host.ts';

/** A case of test/fixtures/staleness/cases.yml, with what it does not say of the pod put in. */
export interface StalenessCase {
  name: string;
  config: string[];
  polls: string[];
  records: Record<string, string[]>;
  servers?: Record<string, { at?: string[]; state?: Ec2Host['state']; confident?: boolean }>;
  resolves?: Record<string, string[]>;
  before?: string[];
  tier?: Tier;
  association?: Pod['association'];
  daemons?: Kind[];
  cut?: string;
  silent?: boolean;
  ended?: boolean;
  narrow?: boolean;
  product: string;
  host: string;
  differs?: string;
}

/** Both judgements of one case, on a host whose daemon is of this kind: the real scripts, and the product's own code. */
export function judgeBoth(shell: ShellName, kind: Kind, given: StalenessCase): { product: string; host: string } {
  const client = lay(new Client(shell, kind), given);
  try {
    return { product: productSays(client, given), host: hostSays(client, given) };
  } finally {
    client.remove();
  }
}

function lay(client: Client, given: StalenessCase): Client {
  client.config(...given.config);
  for (const letter of ['a', 'b', 'c', 'd', 'e']) client.sees(letter, ...(given.records[letter] ?? []));
  for (const [name, addresses] of Object.entries(given.resolves ?? {})) client.sees(name, ...addresses);
  // it is asked whether it is stale, not to act
  client.stamp(1);
  const rows = given.polls.map((polled, index) => row(client, polled, index === 0 ? '*' : '+')).join('');
  if (given.silent) {
    const dead = { stdout: '506 Cannot talk to daemon\n', status: 1 };
    if (client.kind === 'chrony') return client.on(client.setup.asked, dead);
    const silence = { stderr: '***Request timed out\n' };
    return client.on('ntpq -pnw', silence).on('ntpq -pn', silence);
  }
  if (given.narrow) {
    const narrow = given.polls.map((polled) => client.row(polled.slice(0, 15))).join('');
    const unknown = { stderr: 'ntpq: illegal option -- w\nUsage: ntpq [-46dinp] [-c command] host ...\n' };
    client.on('ntpq -c rv 0 version', 'version="ntpd 4.2.6p5@1.2349-o"\n');
    return client.on('ntpq -pnw', unknown).on('ntpq -pn', HEADER + narrow);
  }
  if (given.ended)
    return client.on(client.setup.asked, { stdout: client.kind === 'chrony' ? rows : HEADER + rows, status: 124 });
  if (client.kind === 'chrony') return client.polls(() => rows);
  return client.polls(() => (rows === '' ? 'No association IDs returned\n' : HEADER + rows));
}

const HEADER = `     remote           refid      st t when poll reach   delay   offset  jitter
==============================================================================
`;

/** A row as the daemon's tool prints it; empty where the daemon has none of the kind. */
function row(client: Client, polled: string, tally: string): string {
  const [, mark = '', remote = ''] = /^(?:([=B#!?_\d-]|[A-Z]{4}\+?) )?(.*)$/.exec(polled) ?? [];
  if (/^[A-Z]{4}/.test(mark)) return rowOfRefid(client, mark, remote);
  if (/^[\d-]$/.test(mark)) return client.row(remote).replace(' u ', ` ${mark} `);
  switch (mark) {
    case '=':
    case '#':
      return client.row(remote, mark);
    case 'B':
      return client.row(remote).replace(' u ', ' B ');
    case '_':
      return client.row(remote).replace(' 10.0.0.1 ', ' ');
    case '!':
      return client.row(remote, '^', ' ').replace(' 377 ', ' 0 ').replace('^, ,', '^,?,').replace(',377,', ',0,');
    case '?':
      return client.kind === 'ntpsec'
        ? ` ${remote.padEnd(16)}.DNS.           16 u    -  68m    0   0.0000   0.0000   0.0001\n`
        : '';
    default:
      return client.row(remote, '^', tally);
  }
}

/** `BCST` never heard, `BCST+` heard: of type u, as ntpq before 4.2.8 shows all but what it asks from its own address. */
function rowOfRefid(client: Client, mark: string, remote: string): string {
  const refid = `.${mark.slice(0, 4)}.`;
  return mark.endsWith('+')
    ? client.row(remote).replace(' 10.0.0.1 2 ', ` ${refid} 1 `)
    : client.row(remote, '^', ' ').replace(' 10.0.0.1 2 u 1 64 377 ', ` ${refid} 16 u - 64 0 `);
}

/** `follows`, `left-behind ADDRESS…`, `unjoined NAME…`, `remembers NAME…` (unjoined for the first time) or `unmanaged`. */
function productSays(client: Client, given: StalenessCase): string {
  const { stdout } = client.run('collect', {});
  const cutAt =
    given.cut === undefined ? -1 : stdout.indexOf('\n', stdout.indexOf(given.cut, stdout.indexOf('sources '))) + 1;
  const text = given.cut === undefined ? stdout : `${stdout.slice(0, cutAt)}\n---Output truncated---`;
  const judged = host('i-0client', { tier: given.tier ?? 'client', ipv4: '10.0.9.20' });
  const { servers, records } = publishedBy(given);
  const sightings = [
    { host: judged, collected: parseCollected(text), status: 'Success' },
    ...servers.map(({ instance, confident }) => ({
      host: instance,
      collected: serverSighting(confident),
      status: 'Success',
    })),
  ];
  const hosts = sightings.map(({ host: each }) => each);
  const pod = { ...POD, association: given.association ?? 'server' };
  const [judgement] = judgeAll(
    sightings,
    context({ pod, hosts, records, unjoinedBefore: { 'i-0client': given.before ?? [] } }),
  );
  if (judgement === undefined) throw new Error('one sighting gives one judgement');
  const { stale, unjoinedNames, unmanaged } = judgement;
  if (unmanaged) return 'unmanaged';
  if (stale) return `${stale.rule} ${(stale.rule === 'unjoined' ? stale.names : stale.addresses).join(' ')}`;
  return unjoinedNames.length > 0 ? `remembers ${unjoinedNames.join(' ')}` : 'follows';
}

function publishedBy(given: StalenessCase) {
  const letters = new Set([...Object.keys(given.records), ...Object.keys(given.servers ?? {})]);
  const servers = [...letters].map((letter) => {
    const { at, state = 'running', confident = true } = given.servers?.[letter] ?? {};
    return { instance: server(letter, at ?? given.records[letter] ?? [], { state }), confident };
  });
  const records = Object.entries(given.records).flatMap(([letter, addresses]) =>
    addresses.map((address) => record(letter, address)),
  );
  return { servers, records };
}

function serverSighting(confident: boolean) {
  const tally = confident ? '*' : ' ';
  return collected({
    configNames: [],
    sources: [source('198.51.100.1', { tally, stratum: 2 }), source('198.51.100.2', { stratum: 2 })],
  });
}

/** `follows`, `unjoined NAME…; gone ADDRESS…`, `unmanaged` or `unreadable`, by the verdict of `cycle` and what it prints. */
function hostSays(client: Client, given: StalenessCase): string {
  const { stdout, verdict } = client.cycle(recordsParameter(POD, publishedBy(given).records));
  if (verdict === 'verdict nothing already-right') return 'follows';
  const [, leftAlone] = /^verdict nothing (unmanaged|unreadable)$/.exec(verdict) ?? [];
  if (leftAlone !== undefined) return leftAlone;
  const unjoined = /^Polls no current address of (.*)\.$/m.exec(stdout)?.[1];
  const gone = /^Polls (.*), which no record holds\.$/m.exec(stdout)?.[1];
  const judged = [unjoined && `unjoined ${unjoined}`, gone && `gone ${gone.split(' ').toSorted().join(' ')}`];
  return judged.filter(Boolean).join('; ') || verdict;
}
