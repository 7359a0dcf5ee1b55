import type { RecordSet, ServedZone } from '@podtime/aws-endpoint';
import type { ExternalName } from '../../src/dns/authority.ts';

/** Records of one name, one for each address. */
export function multivalue(name: string, ...addresses: string[]): RecordSet[] {
  return addresses.map((address, at) => ({
    name: `${name}.`,
    type: address.includes(':') ? 'AAAA' : 'A',
    setIdentifier: `i-${at}`,
    multivalue: true,
    ttlSeconds: 30,
    values: [address],
  }));
}

export function zoneOf(name: string, sets: RecordSet[], soa = { ttlSeconds: 60, minimumSeconds: 60 }): ServedZone {
  const simple = { name: `${name}.`, setIdentifier: null, multivalue: false };
  const { ttlSeconds, minimumSeconds } = soa;
  return {
    name: `${name}.`,
    sets: [
      { ...simple, type: 'NS', ttlSeconds: 172_800, values: ['ns-1536.awsdns-00.co.uk.', 'ns-0.awsdns-00.com.'] },
      {
        ...simple,
        type: 'SOA',
        ttlSeconds,
        values: [`ns-1536.awsdns-00.co.uk. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 ${minimumSeconds}`],
      },
      ...sets,
    ],
  };
}

export const OUTSIDE: ExternalName[] = [
  { name: 'us-west-2b.stratum-2.invalid', addresses: ['192.0.2.11', '2001:db8:ffff::11'] },
  { name: 'us-west-2c.stratum-2.invalid', addresses: ['192.0.2.12'] },
];
