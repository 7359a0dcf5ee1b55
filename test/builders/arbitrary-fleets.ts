import fc from 'fast-check';
import { type Judgement, STATES, type State } from '../../src/diagnosis/judgement.ts';
import type { Host, Pod, Tier } from '../../src/fleet/fleet.ts';
import type { PublishedRecord } from '../../src/fleet/records.ts';
import type { PlanInput } from '../../src/plan/plan.ts';
import { DENIED, memoriesOf, mostly, progressOf } from './arbitrary-memories.ts';
import { host, id, input, judged, POD, record } from './plan-input.ts';

/**
 * Arbitrary fleets: most of each is in order, so that plans have something to do, and anything in it may be out of order.
 * Nothing here knows the rules.
 */

const LETTERS = ['a', 'b', 'c'];
const NAMES = LETTERS.map((letter) => `ntp.az-${letter}.pod`);

const pods: fc.Arbitrary<Pod> = fc
  .record({
    waveShare: fc.constantFrom(0.05, 0.1, 0.34, 1),
    maxConcurrencyShare: fc.constantFrom(0.02, 0.1, 0.34, 1),
    floor: fc.constantFrom(0, 1, 1, 1, 2, 3),
    attemptsPerDay: fc.constantFrom(1, 2, 3, 3),
    maxErrorShare: fc.constantFrom(0, 0.02, 0.1, 0.5),
    association: mostly<Pod['association']>('server', 'pool'),
    networks: mostly(POD.networks, ['10.0.0.0/16'], ['10.0.1.0/24', '10.0.2.0/24']),
    maintenance: mostly<Pod['maintenance']>(
      [],
      [{ days: [4], startMinute: 700, endMinute: 800 }],
      [{ days: [4], startMinute: 60, endMinute: 120 }],
      [{ days: [3], startMinute: 800, endMinute: 30 }],
    ),
  })
  .map(({ waveShare, maxConcurrencyShare, floor, attemptsPerDay, maxErrorShare, ...rest }) => ({
    ...POD,
    ...rest,
    cycling: { ...POD.cycling, waveShare, maxConcurrencyShare, floor, attemptsPerDay, maxErrorShare },
  }));

const hostsOf = (tier: Tier, first: number, maxLength: number, settled: boolean): fc.Arbitrary<Host[]> =>
  fc
    .array(
      fc.record({
        letter: fc.constantFrom(...LETTERS),
        state: mostly<Host['state']>('running', 'pending', 'stopping', 'stopped', 'shutting-down', 'terminated'),
        held: mostly(false, true),
        pod: settled ? fc.constant('blue') : mostly('blue', 'blue', 'blue', 'green'),
        vpc: settled ? fc.constant(POD.vpc) : mostly(POD.vpc, POD.vpc, POD.vpc, 'vpc-other'),
        six: fc.boolean(),
      }),
      { minLength: tier === 'client' ? 1 : 0, maxLength },
    )
    .map((list) =>
      list.map(({ letter, six, ...rest }, index) => {
        const digits = (first + index).toString(16);
        return host(tier, digits, letter, { ...rest, ipv6: six ? [`fd00::${digits}`] : [] });
      }),
    );

const podWithHosts = (settled: boolean) =>
  fc.record({
    pod: pods,
    servers: hostsOf('boundary', 1, 5, settled),
    clients: hostsOf('client', 0x100, 24, settled),
  });
const SETTLED_PODS = podWithHosts(true);
const ANY_PODS = podWithHosts(false);

/** Of boundary servers most are well. */
const WELL = Array<State>(14).fill('healthy');

const judgementOf = (tier: Tier, quiet: boolean) =>
  fc.record({
    seen: quiet ? fc.boolean() : mostly(true, false),
    state: tier === 'client' ? mostly<State>('healthy', ...STATES) : fc.constantFrom<State>(...STATES, ...WELL),
    confident: mostly(true, false),
    unmanaged: mostly(false, true),
    // one host in a few hundred: enough to meet the rule, rare enough to meet the others
    leap: fc.integer({ min: 0, max: 400 }).map((number) => number === 0),
    staleNames: tier === 'client' ? fc.subarray(NAMES) : mostly<string[]>([], ['ntp.az-a.pod']),
    rule: fc.constantFrom('left-behind' as const, 'unjoined' as const),
    polled: fc.constantFrom<string[]>(
      ['10.0.3.3'],
      [],
      ['10.0.1.1'],
      ['10.0.1.1', '10.0.2.2'],
      ['10.0.2.2', '10.0.3.3'],
    ),
    cycledSecondsAgo: mostly<number | null>(null, 30, 599, 600, 5000, 90_000, -100),
    ageSeconds: mostly<number | null>(9000, null, 30, 599, 600, 90_000),
    usableSources: fc.constantFrom(0, 1, 2, 3, null),
    horizonSeconds: fc.constantFrom(null, 0, 9000),
    // rare, as it keeps a host from being cycled, and memories remember few that were stale for so long
    ownLookupSeconds:
      tier === 'client' ? fc.constantFrom<(number | null)[]>(...Array<null>(19).fill(null), 896) : fc.constant(null),
  });

// Made once: an arbitrary of so many parts costs more than what it makes.
const JUDGEMENTS = { boundary: judgementOf('boundary', false), client: judgementOf('client', false) };
const QUIET_JUDGEMENTS = { boundary: judgementOf('boundary', true), client: judgementOf('client', true) };

const judgementsOf = (hosts: Host[], quiet: boolean): fc.Arbitrary<Judgement[]> => {
  const each = hosts.map(({ tier }) => (quiet ? QUIET_JUDGEMENTS : JUDGEMENTS)[tier]);
  return fc.tuple(...each).map((all) =>
    all.flatMap((made, index) => {
      const host = hosts[index];
      if (!host || !made.seen) return [];
      const { rule, staleNames: names, polled } = made;
      const stale = names.length > 0 ? { rule, names, addresses: polled, sentence: 'left behind.' } : null;
      return judged(host, {
        state: made.state,
        confident: made.confident && ['healthy', 'degraded', 'adrift'].includes(made.state),
        unmanaged: made.unmanaged,
        leapAnnounced: made.leap && 'add',
        stale,
        polled,
        unjoinedNames: names,
        cycledSecondsAgo: made.cycledSecondsAgo,
        ...(made.ownLookupSeconds !== null && { ownLookupSeconds: made.ownLookupSeconds }),
        measures: {
          ...judged(host).measures,
          ageSeconds: made.ageSeconds,
          usableSources: made.usableSources,
          horizonSeconds: made.horizonSeconds,
        },
      });
    }),
  );
};

const FAULTS = ['missing', 'address', 'ttl', 'name', 'weighted', 'identifier'] as const;
type Fault = 'none' | (typeof FAULTS)[number];

const ANY_FAULT = fc.constantFrom<Fault>(...Array<Fault>(9).fill('none'), ...FAULTS);
const NO_FAULT = fc.constantFrom<Fault>(...Array<Fault>(9).fill('none'));

const UNLISTED = [host('boundary', 'dead', 'b'), host('boundary', 'beef', 'c')];

const recordsOf = (hosts: Host[], settled: boolean): fc.Arbitrary<PublishedRecord[]> => {
  const fault = settled ? NO_FAULT : ANY_FAULT;
  const servers = hosts.filter((one) => one.tier === 'boundary');
  const faults = fc.tuple(...servers.map(() => fc.tuple(fault, fault)));
  const strange: fc.Arbitrary<PublishedRecord[]> = fc.array(
    fc
      .record({
        // of a record in three EC2 lists no owner
        owner: fc.oneof(fc.constantFrom(...hosts), fc.constantFrom(...hosts), fc.constantFrom(...UNLISTED)),
        name: fc.constantFrom(...NAMES, 'ntp.az-q.pod', 'www.pod', 'ntp.az-aa.pod'),
        type: fc.constantFrom('A', 'AAAA', 'CNAME', 'TXT'),
        setIdentifier: fc.constantFrom('own', 'own', 'own', null, 'by-hand'),
        multivalue: mostly(true, false),
      })
      .map(({ owner, setIdentifier, ...rest }) =>
        record(owner, {
          ...rest,
          setIdentifier: setIdentifier === 'own' ? owner.instanceId : setIdentifier,
          multivalue: setIdentifier !== null && rest.multivalue,
          addresses: ['10.0.7.7'],
        }),
      ),
    { maxLength: settled ? 0 : 4 },
  );
  return fc.tuple(faults, strange).map(([all, others]) => {
    const own = servers.flatMap((server, index) => {
      const [four, six] = all[index] ?? (['none', 'none'] as const);
      return [...broken(server, 'A', four), ...(server.ipv6.length > 0 ? broken(server, 'AAAA', six) : [])];
    });
    const byIdentity = new Map<string, PublishedRecord>();
    for (const listed of [...own, ...others]) {
      byIdentity.set(`${listed.name} ${listed.type} ${listed.setIdentifier}`, listed);
    }
    return [...byIdentity.values()].map((listed, index) => ({ ...listed, raw: { listed: index } }));
  });
};

function broken(owner: Host, type: 'A' | 'AAAA', fault: Fault): PublishedRecord[] {
  const right = record(owner, { type });
  if (fault === 'missing') return [];
  if (fault === 'address') return [{ ...right, addresses: ['10.0.8.8', '10.0.9.9'] }];
  if (fault === 'ttl') return [{ ...right, ttlSeconds: 300 }];
  if (fault === 'name') return [{ ...right, name: NAMES.find((name) => name !== right.name) ?? '' }];
  if (fault === 'weighted') return [{ ...right, multivalue: false }];
  if (fault === 'identifier') return [{ ...right, setIdentifier: 'by-hand' }];
  return [right];
}

/** Arbitrary input of a plan. Roll-outs that say `NOW` are those to what DNS says now, as `recordsOf` reads it. */
export const fleets = (recordsNow: (pod: Pod, records: PublishedRecord[]) => string): fc.Arbitrary<PlanInput> =>
  fc.tuple(fc.boolean(), mostly(false, true)).chain(([settled, quiet]) =>
    (settled ? SETTLED_PODS : ANY_PODS).chain(({ pod, servers, clients }) => {
      const hosts = [...servers, ...clients];
      return fc
        .record({
          records: recordsOf(hosts, settled),
          judgements: judgementsOf(hosts, quiet),
          memory: memoriesOf(hosts),
          progress: fc
            .tuple(progressOf('boundary', servers), progressOf('client', clients))
            .chain((both) => fc.subarray(both)),
          mode: mostly<PlanInput['mode']>('act', 'hold', 'observe'),
          unknownIds: DENIED,
          ownerStates: mostly<PlanInput['ownerStates']>(
            {},
            { [id('dead')]: 'running' },
            { [id('dead')]: 'terminated', [id('beef')]: 'pending' },
          ),
          unread: mostly<string[]>([], [id('dead')]),
        })
        .map((rest) => {
          const given = input({ pod, hosts, ...rest });
          return settled ? settle(given) : given;
        })
        .map((given) => {
          const now = recordsNow(pod, given.records);
          for (const rollOut of Object.values(given.memory.rollOuts)) {
            if (rollOut.records === 'NOW') rollOut.records = now;
          }
          return given;
        });
    }),
  );

/** DNS as the last tick left it: half of the fleets are such, else plans would change DNS and never cycle. */
function settle(given: PlanInput): PlanInput {
  const { withdrawn } = given.memory;
  const gone = given.hosts.filter((one) => !['running', 'pending'].includes(one.state)).map((one) => one.instanceId);
  const six = given.pod.networks.some((network) => network.includes(':'));
  return {
    ...given,
    unknownIds: [],
    ownerStates: {},
    memory: { ...given.memory, unhealthy: {}, unhealthySinceMs: {} },
    records: given.records.filter(
      ({ setIdentifier, type }) =>
        !gone.includes(setIdentifier ?? '') && !((setIdentifier ?? '') in withdrawn) && (six || type === 'A'),
    ),
    judgements: given.judgements.map((one) => (one.host.instanceId in withdrawn ? { ...one, confident: false } : one)),
  };
}
