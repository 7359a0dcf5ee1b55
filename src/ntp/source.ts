/**
 * One time source as a daemon sees it: one row of `ntpq -pn` or `chronyc -c sources`, with one sign and one unit
 * whatever the daemon. A field that could not be read is null and stands in the parse's faults.
 */
export interface Source {
  /** ntpq's tally code. chrony's `*` `+` `-` `x` are the same; its `~` (too variable) is `.`, its `?` a space. */
  tally: ' ' | 'x' | '.' | '-' | '+' | '#' | '*' | 'o';
  /** As printed: an address, or a name not yet resolved. */
  remote: string;
  /** The remote as a canonical address (IPv6 compressed, lower case), null when it is a name or was cut. */
  address: string | null;
  /** An address, a stratum-1 name such as `.GPS.`, or a state such as `.INIT.`; null for chrony, which does not tell. */
  refid: string | null;
  /** 0..16; 16 is unsynchronised. */
  stratum: number | null;
  /** ntpq's `t`: u unicast client, l local clock, s symmetric, p pool, b broadcast, m multicast. chrony: `^` u, `=` s, `#` l. */
  type: string;
  /** Seconds since the last answer; null when never. */
  whenSeconds: number | null;
  pollSeconds: number | null;
  /** The reach shift register, 0..255, newest poll in the low bit. */
  reach: number | null;
  delayMs: number | null;
  /** Positive when the source is ahead of this host (ntpq's sign; chrony's is turned at the parser). */
  offsetMs: number | null;
  jitterMs: number | null;
}

/** The reach register spelt out. */
export interface Reach {
  /** Oldest first, true = heard. */
  bits: boolean[];
  heardOfLast8: number;
  lastPollHeard: boolean;
}

/** The daemon's own state: `ntpq -c rv` or `chronyc -c tracking`. */
export interface SystemState {
  leap: 'none' | 'add' | 'delete' | 'alarm' | null;
  stratum: number | null;
  refid: string | null;
  /** The clock's offset, positive when the reference is ahead of this host. */
  offsetMs: number | null;
  rootDelayMs: number | null;
  rootDispersionMs: number | null;
  jitterMs: number | null;
  frequencyPpm: number | null;
  version: string | null;
  /** `ss_uptime`: seconds since the daemon started; null where it was not asked or the daemon (chrony) does not tell. */
  uptimeSeconds: number | null;
}

/** What could not be read, and what that cost. */
export interface Fault {
  /** 1-based line of the text. */
  line: number;
  /** The field lost; null when the whole row was. */
  field: string | null;
  /** The text at fault, at most 80 characters. */
  text: string;
  reason: string;
}

export interface Parsed<T> {
  value: T;
  faults: Fault[];
}
