/** What a server of DNS says to one question. */
export interface DnsResponse {
  rcode: 'NOERROR' | 'NXDOMAIN' | 'REFUSED' | 'NOTIMP' | 'SERVFAIL';
  /** From the zone's own servers (AA), not from a resolver. */
  authoritative: boolean;
  answers: ResourceRecord[];
  /** Of a negative answer, for how long it may be kept: the zone's SOA (RFC 2308). */
  authority: ResourceRecord[];
}

export type ResourceRecord =
  | { name: string; type: 'A' | 'AAAA' | 'NS'; ttl: number; data: string }
  | { name: string; type: 'SOA'; ttl: number; data: StartOfAuthority };

export interface StartOfAuthority {
  mname: string;
  rname: string;
  serial: number;
  refresh: number;
  retry: number;
  expire: number;
  minimum: number;
}

/** Answers questions of class IN. `name` is as it was asked, without a dot at the end. */
export interface NameServer {
  ask(name: string, type: string): DnsResponse;
}
