import {
  createZoneView,
  type DnsAnswer,
  inZone,
  listedName,
  type RecordSet,
  type ServedZone,
  setKey,
  type ZoneView,
} from '@podtime/aws-endpoint/dns';
import type { DnsResponse, NameServer, ResourceRecord, StartOfAuthority } from './response.ts';

/** A name of the outside world, the same for as long as the pod lives. */
export interface ExternalName {
  /** `us-west-2b.stratum-2.invalid` */
  name: string;
  /** Of both families. */
  addresses: string[];
}

/** Names of the outside world keep this TTL. */
const OUTSIDE_TTL_SECONDS = 300;

/** What the root says of a name that the outside world does not have (RFC 8198's world: an hour and no longer here). */
const ROOT: ResourceRecord = {
  name: '.',
  type: 'SOA',
  ttl: 60,
  data: {
    mname: 'a.root-servers.net',
    rname: 'nstld.verisign-grs.com',
    serial: 1,
    refresh: 1800,
    retry: 900,
    expire: 604_800,
    minimum: 60,
  },
};

/**
 * The name servers of some zones, read anew at every question. Names outside the zones are refused: a name server of
 * Route 53 does not look for other people's names.
 */
export function createAuthority(zones: () => readonly ServedZone[]): NameServer & { view: ZoneView } {
  /** One view for as long as the zone stands as it is, so that answers rotate. */
  const views = new WeakMap<ServedZone, ZoneView>();
  const viewOf = (zone: ServedZone) => {
    const known = views.get(zone);
    if (known !== undefined) return known;
    const view = createZoneView({ name: zone.name, served: new Map(zone.sets.map((set) => [setKey(set), set])) });
    views.set(zone, view);
    return view;
  };
  const zoneOf = (name: string) => deepest(zones(), name);
  return {
    view: {
      lookup(name, type) {
        const zone = zoneOf(name);
        return zone === null
          ? { status: 'nxdomain', addresses: [], ttlSeconds: ROOT.ttl }
          : viewOf(zone).lookup(name, type);
      },
    },
    ask(name, type) {
      const zone = zoneOf(name);
      if (zone === null) return { rcode: 'REFUSED', authoritative: false, answers: [], authority: [] };
      if (type === 'A' || type === 'AAAA') return response(name, type, viewOf(zone).lookup(name, type), zone, true);
      return otherType(name, type, zone, viewOf(zone), true);
    },
  };
}

/**
 * The VPC's resolver (".2"): the zones through `view`, which may keep answers for their TTL, and the outside world. It
 * knows all of that world, so that a name it does not have exists nowhere.
 */
export function createResolver(
  zones: () => readonly ServedZone[],
  outside: readonly ExternalName[],
  keeping: (view: ZoneView) => ZoneView,
): NameServer {
  const known = new Map(outside.map(({ name, addresses }) => [listedName(name), addresses]));
  const authority = createAuthority(zones);
  const view = keeping({
    lookup(name, type) {
      const addresses = known.get(listedName(name));
      if (addresses === undefined) return authority.view.lookup(name, type);
      const own = addresses.filter((address) => address.includes(':') === (type === 'AAAA'));
      const negative = own.length === 0;
      return {
        status: negative ? 'nodata' : 'answer',
        addresses: own,
        ttlSeconds: negative ? ROOT.ttl : OUTSIDE_TTL_SECONDS,
      };
    },
  });
  return {
    ask(name, type) {
      const zone = known.has(listedName(name)) ? null : deepest(zones(), name);
      if (type === 'A' || type === 'AAAA') return response(name, type, view.lookup(name, type), zone, false);
      return otherType(name, type, zone, view, false);
    },
  };
}

/** The zone that a name is in: of zones within each other the inner one. */
function deepest(zones: readonly ServedZone[], name: string): ServedZone | null {
  const listed = listedName(name);
  return zones
    .filter((zone) => inZone(listed, zone.name))
    .reduce<ServedZone | null>((found, zone) => (found && found.name.length > zone.name.length ? found : zone), null);
}

function response(
  name: string,
  type: 'A' | 'AAAA',
  answer: DnsAnswer,
  zone: ServedZone | null,
  authoritative: boolean,
): DnsResponse {
  const answers = answer.addresses.map((data) => ({ name, type, ttl: answer.ttlSeconds, data }));
  const rcode = answer.status === 'nxdomain' ? 'NXDOMAIN' : 'NOERROR';
  return { rcode, authoritative, answers, authority: answers.length > 0 ? [] : negative(zone, answer.ttlSeconds) };
}

/** Types other than addresses: the zone's own SOA and NS; a type that the zone holds and this server cannot tell is not denied. */
function otherType(
  name: string,
  type: string,
  zone: ServedZone | null,
  view: ZoneView,
  authoritative: boolean,
): DnsResponse {
  const nothing = { authoritative, answers: [], authority: [] };
  if (type === 'ANY' || type === 'AXFR' || type === 'IXFR') return { ...nothing, rcode: 'NOTIMP' };
  const sets = (zone?.sets ?? []).filter((set) => set.name === listedName(name) && set.type === type);
  if (sets.length > 0) {
    const answers = sets.flatMap((set) => records(name, set));
    return answers.length > 0 ? { ...nothing, rcode: 'NOERROR', answers } : { ...nothing, rcode: 'NOTIMP' };
  }
  const { status, ttlSeconds } = view.lookup(name, 'A');
  const ofSoa = negative(zone, status === 'answer' ? Number.POSITIVE_INFINITY : ttlSeconds);
  return { ...nothing, rcode: status === 'nxdomain' ? 'NXDOMAIN' : 'NOERROR', authority: ofSoa };
}

function records(name: string, set: RecordSet): ResourceRecord[] {
  if (set.type === 'SOA') return set.values.flatMap((value) => soaRecord(name, set.ttlSeconds, value) ?? []);
  if (set.type !== 'NS') return [];
  return set.values.map((value) => ({ name, type: 'NS', ttl: set.ttlSeconds, data: value.replace(/\.$/, '') }));
}

/** The SOA with the time that the negative answer may still be kept (RFC 2308, 3 and 5). */
function negative(zone: ServedZone | null, ttlSeconds: number): ResourceRecord[] {
  if (zone === null) return [{ ...ROOT, ttl: Math.min(ROOT.ttl, ttlSeconds) } as ResourceRecord];
  const set = zone.sets.find(({ type }) => type === 'SOA');
  const record = set && soaRecord(zone.name.replace(/\.$/, ''), set.ttlSeconds, set.values[0] ?? '');
  if (!record) return [];
  return [{ ...record, ttl: Math.min(ttlSeconds, record.ttl, record.data.minimum) }];
}

/** null for a value that is no SOA's. */
function soaRecord(
  name: string,
  ttl: number,
  value: string,
): { name: string; type: 'SOA'; ttl: number; data: StartOfAuthority } | null {
  const [mname = '', rname = '', ...rest] = value.trim().split(/\s+/);
  const [serial, refresh, retry, expire, minimum] = rest.map(Number);
  if (![serial, refresh, retry, expire, minimum].every((field) => Number.isInteger(field))) return null;
  const bare = (given: string) => given.replace(/\.$/, '');
  return {
    name,
    type: 'SOA',
    ttl,
    data: { mname: bare(mname), rname: bare(rname), serial, refresh, retry, expire, minimum } as StartOfAuthority,
  };
}
