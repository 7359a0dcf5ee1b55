import ipaddr from 'ipaddr.js';
import { canonicalAddress } from './addresses.ts';
import { AZ_NAME_PREFIX_CHARACTERS } from './az-names.ts';
import { nowhere } from './network-faults.ts';

/**
 * The first or second part of a route, or a health check that API Gateway keeps for itself (`/ping`, `/sping`): a pod of
 * that name would make URLs that read as something else.
 */
const ROUTES = new Set(['boundary', 'client', 'hosts', 'metrics', 'ping', 'register', 'sping', 'status']);

/** Pod names stand in URLs, S3 keys, SSM parameter paths, metric dimensions, function and rule names: the strictest of them rule. */
const POD_NAME = /^[a-z](?:[a-z0-9]|-(?=[a-z0-9])){0,31}$/;
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
/** A name's most, RFC 1035 section 2.3.4, in text without the dot at the end. */
const NAME_CHARACTERS = 253;

/** RFC 6761, section 6.3, and as systemd-resolved answers for `localdomain`: a host's own, by whatever resolver. */
const LOOPBACK_NAME = /(?:^|\.)localhost(?:\.localdomain)?$/;
const ELSEWHERE = 'upstreams are Stratum 2 servers elsewhere (the AWS time service is set by timeService)';

/** What is wrong with a pod's name, or null. Sentences of this file go after the value: `Blue` + ` is not …`. */
export function podNameFault(name: string): string | null {
  if (ROUTES.has(name)) return `is part of the API's own paths; pods cannot be called ${[...ROUTES].join(', ')}`;
  if (POD_NAME.test(name)) return null;
  return 'is not a pod name: 1 to 32 of a-z, 0-9 and single hyphens inside, starting with a letter';
}

/** What is wrong with a private zone's name, or null. */
export function zoneNameFault(name: string): string | null {
  if (name.endsWith('.')) return 'ends in a dot; leave it away';
  const limit = NAME_CHARACTERS - AZ_NAME_PREFIX_CHARACTERS;
  if (name.length > limit)
    return `is ${name.length} characters long; the limit is ${limit}, so that ntp.az-e.ZONE is a name`;
  if (!name.split('.').every((label) => LABEL.test(label)) || isNumeric(name)) {
    return 'is not a zone name: labels of a-z, 0-9 and hyphens inside, at most 63 characters each';
  }
  return LOOPBACK_NAME.test(name) ? 'is a loopback name, which hosts look up in no zone' : null;
}

/** What is wrong with an upstream, a host name or an address, or null. */
export function upstreamFault(upstream: string): string | null {
  if (upstream.includes(':') || isNumeric(upstream)) return addressFault(upstream);
  if (upstream.endsWith('.')) return 'ends in a dot; leave it away';
  if (upstream.length > NAME_CHARACTERS)
    return `is ${upstream.length} characters long; the limit is ${NAME_CHARACTERS}`;
  if (!upstream.split('.').every((label) => LABEL.test(label)))
    return 'is neither an address nor a host name in lower case (labels of a-z, 0-9 and hyphens inside)';
  return LOOPBACK_NAME.test(upstream) ? `is a loopback name; ${ELSEWHERE}` : null;
}

/** A resolver takes `10.1` or `0x7f.1` for an address: a name whose last label is a number is one, or a mistake. */
function isNumeric(name: string): boolean {
  return /(?:^|\.)(?:\d+|0x[0-9a-f]*)$/i.test(name);
}

function addressFault(upstream: string): string | null {
  if (canonicalAddress(upstream) === null || upstream.includes('%'))
    return 'is not an address: four decimal numbers, or IPv6 without a zone';
  const range = nowhere(ipaddr.parse(upstream));
  if (range === null) return null;
  return `is ${/^[aeiou]/.test(range) ? 'an' : 'a'} ${range} address; ${ELSEWHERE}`;
}
