import { canonicalAddress } from '../../../../src/fleet/addresses.ts';
import { type Fleet, type Pod, TIME_SERVICE_ADDRESSES } from '../../../../src/fleet/fleet.ts';
import type { HostSpec } from '../simulated/host-spec.ts';
import { OUTSIDE, reservedAddresses } from './link-commands.ts';
import type { Certificate, ExternalServerSpec } from './served-time.ts';

export const TIME_SERVICE: ExternalServerSpec = { name: 'time-service', addresses: TIME_SERVICE_ADDRESSES, stratum: 3 };
const UPSTREAM_STRATUM = 2;
const FIRST_UPSTREAM = 60;

/** Upstreams of the fleet file, with NTS where there is a certificate of their name, given addresses outside (TEST-NET-1 and a documentation prefix). */
export function upstreamsOf(
  fleet: Fleet,
  certificates: Readonly<Record<string, Certificate>> = {},
): ExternalServerSpec[] {
  return fleet.upstreams
    .map(({ host }) => host)
    .filter((name) => canonicalAddress(name) === null)
    .map((name, index) => ({
      name,
      addresses: [`${OUTSIDE.ipv4}.${FIRST_UPSTREAM + index}`, `${OUTSIDE.ipv6}${FIRST_UPSTREAM + index}`],
      stratum: UPSTREAM_STRATUM,
      nts: certificates[name],
    }));
}

/** Where podtime's API is for a host of this pod: inside its own network, IPv4 where the host has it. */
export function apiUrlFor(pod: Pod, host: Pick<HostSpec, 'ipv4'>): string {
  const addresses = reservedAddresses(pod, 'api');
  const ipv4 = addresses.find((address) => !address.includes(':'));
  if (ipv4 !== undefined && host.ipv4 !== '') return `http://${ipv4}`;
  return `http://[${addresses.find((address) => address.includes(':'))}]`;
}
