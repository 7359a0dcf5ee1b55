import { describe, expect, it } from '@jest/globals';
import { judgeAll } from '../../src/diagnosis/judge.ts';
import type { Judgement } from '../../src/diagnosis/judgement.ts';
import { ANSWER_BYTES, clientRoomFindings, upstreamRoomFindings } from '../../src/fleet/answer-room.ts';
import type { Pod } from '../../src/fleet/fleet.ts';
import { parseCollected } from '../../src/host/collect.ts';
import type { DaemonKind } from '../../src/host/collected.ts';
import { type LargeHost, type LargeSource, largeAnswer, longAddress } from '../builders/largest-answers.ts';
import { context, host, POD, REVISION, record, server } from '../builders/sightings.ts';
import { SHELLS } from './host.ts';

// The largest fleets that fleet.yml allows: what collect prints there fits what SSM keeps, and is judged as if it were whole.

const KINDS: readonly DaemonKind[] = ['ntpd', 'ntpsec', 'chrony'];
const NETWORKS = { ipv4: ['10.0.0.0/16'], ipv6: ['fd12:3456::/32'], both: ['10.0.0.0/16', 'fd12:3456::/32'] };
const TIME_SERVICE: LargeSource[] = [
  { address: '169.254.169.123', tally: '+', reach: '377', offsetMs: 3.25 },
  { address: 'fd00:ec2::123', tally: ' ', reach: '377', offsetMs: 3.5 },
];
const letters = 'abcdefghijklmnopqrstuvwxyz';
const addressOf = (n: number, ipv6: boolean) =>
  ipv6 ? longAddress(n) : `10.0.${100 + Math.floor(n / 100)}.${100 + (n % 100)}`;

/** The largest value of 1, 2, … that the fleet's checks let pass. */
const largest = (passes: (value: number) => boolean, most: number) => {
  let value = 1;
  while (value < most && passes(value + 1)) value += 1;
  return value;
};

const SERVER_PODS = (
  [
    [30, 'both'],
    [63, 'ipv4'],
    [244, 'both'],
  ] as const
).map(([zoneLength, family]) => {
  const zone = 'z'.repeat(zoneLength);
  const azs = (count: number) => [...letters.slice(0, count)].map((letter) => `us-west-2${letter}`);
  const count = largest(
    (value) =>
      clientRoomFindings('blue', { zone: { name: zone }, networks: NETWORKS[family], azs: azs(value) }).length === 0,
    26,
  );
  return { association: 'server' as const, zone, family, azs: azs(count), servers: count };
});
const POOL_PODS = (
  [
    [30, 'both'],
    [63, 'both'],
    [244, 'ipv4'],
  ] as const
).map(([zoneLength, family]) => {
  const zone = 'z'.repeat(zoneLength);
  const azs = [...letters.slice(0, 7)].map((letter) => `us-west-2${letter}`);
  const pod = { zone: { name: zone }, networks: NETWORKS[family], azs, association: 'pool' as const };
  const servers = largest((value) => clientRoomFindings('blue', { ...pod, boundaryServers: value }).length === 0, 56);
  return { association: 'pool' as const, zone, family, azs, servers };
});

interface LargePod {
  association: 'server' | 'pool';
  zone: string;
  family: 'ipv4' | 'both';
  azs: string[];
  servers: number;
}

/** The pod, its servers and records; a daemon polls IPv6 alone of a name with both, and all of a pool. */
function laid({ association, zone, family, azs, servers }: LargePod) {
  const letterOf = (n: number) => letters[n % azs.length] ?? 'a';
  const pod: Pod = { ...POD, zone: { ...POD.zone, name: zone }, networks: NETWORKS[family], azs, association };
  const name = (letter: string) => `ntp.az-${letter}.${zone}`;
  const families = family === 'both' ? [true, false] : [false];
  const ids = Array.from({ length: servers }, (_, n) => `i-0${(n + 4096).toString(16)}`);
  const hosts = ids.map((instanceId, n) => ({
    ...server(
      letterOf(n),
      families.map((ipv6) => addressOf(n, ipv6)),
    ),
    instanceId,
  }));
  const records = ids.flatMap((setIdentifier, n) =>
    families.map((ipv6) => record(letterOf(n), addressOf(n, ipv6), { name: name(letterOf(n)), setIdentifier })),
  );
  const polled = association === 'pool' ? families : [families[0] as boolean];
  const addresses = ids.flatMap((_, n) => polled.map((ipv6) => addressOf(n, ipv6)));
  return { pod, hosts, records, addresses, names: azs.map((az) => name(az.slice(-1))) };
}

const VARIATIONS: Record<string, (sources: LargeSource[]) => LargeSource[]> = {
  settled: (sources) => sources,
  starting: (sources) =>
    sources.map((source) => ({ ...source, tally: ' ', reach: '0', refid: '.INIT.' }) satisfies LargeSource),
  'half silent': (sources) =>
    sources.map((source, n) => (n % 2 ? { ...source, tally: ' ' as const, reach: '0', refid: '.INIT.' } : source)),
  'left behind': (sources) =>
    sources.map((source, n) =>
      n === sources.length - 1
        ? { ...source, address: source.address.includes(':') ? longAddress(4000) : '10.0.250.250' }
        : source,
    ),
  'one of them mistaken': (sources) =>
    sources.map((source, n) => (n === 3 ? { ...source, tally: 'x' as const } : source)),
};

function largeHost(
  { names, addresses }: { names: string[]; addresses: string[] },
  directive: 'server' | 'pool',
  change: string,
): LargeHost {
  const sources = addresses.map(
    (address, n): LargeSource => ({ address, tally: n === 0 ? '*' : n % 3 ? '+' : '-', reach: '377' }),
  );
  const changed = VARIATIONS[change]?.(sources) ?? sources;
  return {
    names,
    directive,
    literals: TIME_SERVICE.map(({ address }) => address),
    sources: [...TIME_SERVICE, ...changed],
  };
}

/** Where the wording is of rows, it may be shorter. */
const decisive = ({
  state,
  confident,
  confidence,
  measures,
  stale,
  unjoinedNames,
  unmanaged,
  leapAnnounced,
  polled,
}: Judgement) => ({
  ...{ state, confident, confidence, measures, stale, unjoinedNames, unmanaged, leapAnnounced, polled },
});

describe.each(
  [...SERVER_PODS, ...POOL_PODS].map((pod) => ({ ...pod, number: pod.azs.length, characters: pod.zone.length })),
)(
  'a client of a $association pod of $number AZs and $servers servers ($family, a zone of $characters characters)',
  (large) => {
    const { pod, hosts, records, ...told } = laid(large);
    const judge = (text: string) => {
      const collected = parseCollected(text);
      const client = host('i-0c', { ipv4: '10.0.9.9', ipv6: ['fd12:3456::9'] });
      // what was remembered would make an unjoined name stale
      const before = { unjoinedBefore: { 'i-0c': told.names } };
      const [judgement] = judgeAll([...confidentServers(hosts), { host: client, collected, status: 'Success' }], {
        ...context({ pod, hosts, records, ...before }),
        expectedRevision: () => REVISION,
      }).slice(-1);
      return { collected, judgement: judgement as Judgement };
    };

    it.each(Object.keys(VARIATIONS))('%s: fits, and is judged as the whole', (change) => {
      // each variation of a pod under another daemon and shell
      const turn = Object.keys(VARIATIONS).indexOf(change) + large.zone.length;
      const kind = KINDS[turn % KINDS.length] ?? 'ntpd';
      const shell = SHELLS[turn % SHELLS.length] ?? 'bash';
      const given = largeHost(told, large.association, change);
      const shortened = largeAnswer(kind, shell, given);
      const whole = largeAnswer(kind, shell, given, 1_000_000);
      expect(Buffer.byteLength(shortened)).toBeLessThanOrEqual(ANSWER_BYTES);
      expect(shortened).not.toContain('left-out');
      expect(shortened.endsWith('\nend\n')).toBe(true);
      const [read, expected] = [judge(shortened), judge(whole)];
      expect(read.collected).toMatchObject({ truncated: false, faults: [] });
      expect(expected.judgement.stale !== null).toBe(change === 'left behind' && large.association === 'server');
      if (change === 'settled') expect(expected.judgement.confidence).toContain('usable sources (at least 2)');
      expect(decisive(read.judgement)).toEqual(decisive(expected.judgement));
      expect(read.collected?.configNames).toEqual(expected.collected?.configNames);
    });
  },
);

/** As sightings of their own, so that their names have a confident server. */
function confidentServers(hosts: ReturnType<typeof laid>['hosts']) {
  const collected = parseCollected(serverAnswer());
  return hosts.map((each) => ({ host: each, collected, status: 'Success' }));
}

const SERVER_OF_TWO: LargeHost = {
  names: [],
  directive: 'server',
  literals: ['198.51.100.1', '198.51.100.2'],
  sources: [
    { address: '198.51.100.1', tally: '*', reach: '377' },
    { address: '198.51.100.2', tally: '+', reach: '377' },
  ],
};

let answered: string | undefined;
const serverAnswer = () => {
  answered ??= largeAnswer('ntpd', SHELLS[0] ?? 'bash', SERVER_OF_TWO);
  return answered;
};

describe('more than fleet.yml allows', () => {
  const many = (count: number, more: Partial<LargeHost> = {}): LargeHost => ({
    names: ['ntp.az-a.pod'],
    directive: 'server',
    literals: [],
    sources: Array.from({ length: count }, (_, n) => ({
      address: longAddress(n),
      tally: n === 90 ? '*' : ' ',
      reach: n > 80 ? '377' : '0',
    })),
    ...more,
  });

  it.each(KINDS)('of %s keeps the system peer and whoever is heard, and says how many rows were left out', (kind) => {
    const text = largeAnswer(kind, SHELLS[0] ?? 'bash', many(100));
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(ANSWER_BYTES);
    const collected = parseCollected(text);
    expect(collected?.truncated).toBe(false);
    const refid = kind === 'chrony' ? null : '169.254.169.123';
    const peer = { tally: '*', address: longAddress(90), refid, offsetMs: expect.any(Number) };
    expect(collected?.sources[0]).toMatchObject(peer);
    expect(text).not.toContain(', ');
    expect(collected?.sources.filter(({ reach }) => reach === 0o377)).toHaveLength(19);
    const left = 100 - (collected?.sources.length ?? 0);
    expect(collected?.faults).toEqual([
      {
        line: expect.any(Number),
        field: null,
        text: `left-out ${left} rows`,
        reason: `${left} rows were left out, as SSM keeps 2,400 bytes`,
      },
    ]);
  });

  it('no address that it polls is held against it when literals were left out', () => {
    const literals = Array.from({ length: 60 }, (_, n) => longAddress(n));
    const collected = parseCollected(largeAnswer('ntpsec', SHELLS[0] ?? 'bash', many(60, { literals })));
    const polled = collected?.sources.map(({ address }) => address) ?? [];
    expect(polled.length).toBeGreaterThan(5);
    expect(polled.filter((address) => !collected?.configAddresses.includes(address ?? ''))).toEqual([]);
    expect(collected?.faults.map(({ field }) => field)).toEqual(expect.arrayContaining([null, 'configAddresses']));
  });
});

describe('packaging', () => {
  it('refuses what a client could not tell of', () => {
    const pod = { zone: { name: 'pod' }, networks: NETWORKS.both, azs: [...letters.slice(0, 7)] };
    expect(clientRoomFindings('blue', { ...pod, association: 'pool', boundaryServers: 17 })).toEqual([
      {
        path: ['pods', 'blue', 'boundaryServers'],
        sentence:
          "pod blue: 17 boundary servers are more sources than a client of a pool can tell of within SSM's 2,400 bytes; here 15 fit",
      },
    ]);
    expect(clientRoomFindings('blue', { ...pod, azs: [...letters] })).toEqual([
      {
        path: ['pods', 'blue', 'azs'],
        sentence: "pod blue: 26 AZs are more sources than a client can tell of within SSM's 2,400 bytes; here 21 fit",
      },
    ]);
  });

  it('refuses more upstreams than a boundary server could tell of', () => {
    const upstreams = Array.from({ length: 30 }, (_, n) => `time-${n}.example.com`);
    const [finding] = upstreamRoomFindings(upstreams);
    expect(finding?.path).toEqual(['upstreams']);
    expect(finding?.sentence).toMatch(/^upstreams lists 30 servers, .*; here \d+ fit$/);
    const most = Number(/here (\d+) fit/.exec(finding?.sentence ?? '')?.[1]);
    expect(upstreamRoomFindings(upstreams.slice(0, most))).toEqual([]);
    for (const kind of KINDS) {
      const sources = upstreams.slice(0, most).map(
        (_, n): LargeSource => ({
          address: longAddress(n),
          tally: n ? ' ' : '*',
          reach: n ? '0' : '377',
          refid: '.INIT.',
        }),
      );
      const text = largeAnswer(kind, SHELLS[0] ?? 'bash', {
        names: upstreams.slice(0, most),
        directive: 'server',
        literals: TIME_SERVICE.map(({ address }) => address),
        sources: [...TIME_SERVICE, ...sources],
      });
      expect(text).not.toContain('left-out');
      expect(parseCollected(text)).toMatchObject({ truncated: false, faults: [] });
    }
  });
});
