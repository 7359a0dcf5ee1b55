import { createCachingView, type ZoneView } from '@podtime/aws-endpoint/dns';
import type { ExternalServer } from './external-servers.ts';

/** What a host's resolver says of a name. */
export interface Resolution {
  /** In the order that getaddrinfo gives them. */
  addresses: string[];
  exists: boolean;
}

export interface Resolver {
  resolve(name: string): Resolution;
}

/** Names of the outside world keep this TTL; the pod's own names keep theirs. */
const OUTSIDE_TTL_SECONDS = 300;

/**
 * A host's stub resolver: it keeps answers for their TTL, "no such name" as well. Of a name with both families the
 * IPv6 addresses come first where the host has IPv6 at all, reachable or not, else last (RFC 6724, rules 1 and 6; seen:
 * a daemon given both takes the AAAA).
 */
export function createResolver(options: {
  nowMs(): number;
  zone: ZoneView;
  outside: ReadonlyMap<string, ExternalServer>;
  hasIpv6: boolean;
}): Resolver {
  const { zone, outside } = options;
  const names: ZoneView = {
    lookup(name, type) {
      const server = outside.get(name);
      if (server === undefined) return zone.lookup(name, type);
      const addresses = server.addresses.filter((address) => address.includes(':') === (type === 'AAAA'));
      return { status: addresses.length > 0 ? 'answer' : 'nodata', addresses, ttlSeconds: OUTSIDE_TTL_SECONDS };
    },
  };
  const cache = createCachingView(names, options);
  return {
    resolve(given) {
      const name = given.toLowerCase().replace(/\.$/, '');
      const ipv4 = cache.lookup(name, 'A');
      const ipv6 = cache.lookup(name, 'AAAA');
      const addresses = options.hasIpv6
        ? [...ipv6.addresses, ...ipv4.addresses]
        : [...ipv4.addresses, ...ipv6.addresses];
      return { addresses, exists: ipv4.status !== 'nxdomain' || ipv6.status !== 'nxdomain' };
    },
  };
}
