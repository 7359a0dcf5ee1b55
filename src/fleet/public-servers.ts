import type { SmearClass } from './fleet.ts';

/** A server that anybody may ask, and that its operator names. */
export interface PublicServer {
  name: string;
  smear: SmearClass;
  /** Canonical; of one server, by the one name that has both. Empty: its operator lets them change. */
  addresses: readonly string[];
}

/**
 * Public servers that say that they smear. aws: EC2 user guide, "Precision clock and time synchronization"; *.amazon.pool.ntp.org is not
 * among them, no page of AWS's says that it smears. google: developers.google.com/time/faq. meta: engineering.fb.com, "Building a more
 * accurate time service at Facebook scale" and "It's time to leave the leap second in the past": 17 hours from the leap second on, in whose
 * middle the 24 hours of the other two are.
 *
 * No operator promises the addresses: they are those that each name has had in every list found (Google's in its own list of the servers
 * of its switches, and in DNS from 2019 to 2025; Meta's in DNS, time4's IPv4 as the one of five that no other name had). time.aws.com,
 * time.google.com and time.facebook.com are names of many. Decision 0097.
 */
export const PUBLIC_SERVERS: readonly PublicServer[] = [
  { name: 'time.aws.com', smear: 'aws', addresses: [] },
  { name: 'time.google.com', smear: 'google', addresses: [] },
  { name: 'time1.google.com', smear: 'google', addresses: ['216.239.35.0', '2001:4860:4806::'] },
  { name: 'time2.google.com', smear: 'google', addresses: ['216.239.35.4', '2001:4860:4806:4::'] },
  { name: 'time3.google.com', smear: 'google', addresses: ['216.239.35.8', '2001:4860:4806:8::'] },
  { name: 'time4.google.com', smear: 'google', addresses: ['216.239.35.12', '2001:4860:4806:c::'] },
  { name: 'time.facebook.com', smear: 'meta', addresses: [] },
  { name: 'time1.facebook.com', smear: 'meta', addresses: ['129.134.28.123', '2a03:2880:ff0b::123'] },
  { name: 'time2.facebook.com', smear: 'meta', addresses: ['129.134.29.123', '2a03:2880:ff0c::123'] },
  { name: 'time3.facebook.com', smear: 'meta', addresses: ['129.134.25.123', '2a03:2880:ff08::123'] },
  { name: 'time4.facebook.com', smear: 'meta', addresses: ['129.134.26.123', '2a03:2880:ff09::123'] },
  { name: 'time5.facebook.com', smear: 'meta', addresses: ['129.134.27.123', '2a03:2880:ff0a::123'] },
];
