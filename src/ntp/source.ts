/**
 * One time source as a daemon sees it: one row of `ntpq -pn` or `chronyc -c sources`, with one sign and one unit
 * whatever the daemon. A field that could not be read is null and stands in the parse's faults.
 */
export interface Source {
  /**
   * ntpq's tally code. chrony's `*` `+` `-` `x` are the same; its `~` (too variable) is `.`, its `?` a space. timesyncd follows the one
   * server that it asks (`*`) once that has answered. null: the daemon (ntpd-rs) does not tell which sources it selects.
   */
  tally: ' ' | 'x' | '.' | '-' | '+' | '#' | '*' | 'o' | null;
  /** As printed: an address, or a name not yet resolved. */
  remote: string;
  /**
   * The remote as a canonical address (IPv6 compressed, lower case, IPv4-mapped as IPv4, a zone id kept), null when it
   * is a name, a clock's name, or an IPv6 address that `ntpq -pn` may have cut.
   */
  address: string | null;
  /** An address, a stratum-1 name such as `.GPS.`, or a state such as `.INIT.`; null when blank, and for the daemons that do not tell it: all but ntpd. */
  refid: string | null;
  /** 0..16; 16 is unsynchronised, also for chrony, which prints 0 for it (RFC 5905 section 7.3 maps one to the other). ntpd-rs does not tell. */
  stratum: number | null;
  /**
   * ntpq's `t`: u unicast client (u here too: the digit of ntpsec that counts NTS cookies, the `-` of ntpq 4.1 and 4.2.0), l local clock,
   * s S symmetric, p pool, a manycast, b B broadcast, m M multicast. chrony: `^` u, `=` s, `#` l.
   */
  type: string;
  /**
   * Seconds since the last answer; null when never. ntpq prints `-` for never and for less than a second: a source
   * heard in its last eight polls (reach above 0) gives 0, any other null.
   */
  whenSeconds: number | null;
  /** ntpq prints minutes, hours and days above 2,048 s (`68m`): given back as the power of two that prints so (4,096). */
  pollSeconds: number | null;
  /** The reach shift register, 0..255, newest poll in the low bit. Of ntpd-rs only the empty one is known (`unansweredPolls`); timesyncd keeps none. */
  reach: number | null;
  /** Delay, offset and jitter are null, without a fault, while the daemon has no sample: its zeros measure nothing. Delay and jitter are null for chrony. */
  delayMs: number | null;
  /**
   * Positive when the source is ahead of this host (ntpq's sign; chrony's is turned at the parser). Classic ntpq cuts
   * numbers at seven characters: a magnitude of seven digits without a dot is then a lower bound, and stands in the faults.
   */
  offsetMs: number | null;
  jitterMs: number | null;
  /**
   * The daemon's own word on how far its offset may be wrong, in milliseconds: field 10 of `chronyc -c sources` (its
   * estimated error), the uncertainty of ntpd-rs; null for others, which tell none.
   */
  uncertaintyMs: number | null;
  /** ntpd-rs: polls without an answer since the last that had one, 0..8, where 8 is eight or more, or no answer ever. null for others. */
  unansweredPolls: number | null;
}

/** The daemon's own state: `ntpq -c rv` or `chronyc -c tracking`. */
export interface SystemState {
  leap: 'none' | 'add' | 'delete' | 'alarm' | null;
  /** 16 is unsynchronised, also for chrony, which prints 0. */
  stratum: number | null;
  /** As `rv` prints it: an address, a stratum-1 name or a state without dots around it. chrony: address or name of the reference, else the number as a dotted quad. */
  refid: string | null;
  /**
   * The clock's offset, positive when the reference is ahead of this host. Offset, root delay, root dispersion and
   * jitter are null, without a fault, while the daemon has no reference (leap alarm at stratum 16): what it prints then
   * (zeros; chrony 1 s of root delay and dispersion) measures nothing.
   */
  offsetMs: number | null;
  rootDelayMs: number | null;
  rootDispersionMs: number | null;
  /** `sys_jitter`; chrony's RMS offset, which is the nearest it tells. */
  jitterMs: number | null;
  /** The correction the daemon applies: positive when the bare clock runs slow (ntpd's sign; chrony's is turned at the parser). */
  frequencyPpm: number | null;
  /** chrony's bound on the error of its frequency; null for daemons that tell none. Never negative. */
  skewPpm: number | null;
  /** chrony's: by how much what its sources say differs from the frequency in use; positive as `frequencyPpm` is. Null for others. */
  residualFrequencyPpm: number | null;
  /** ntpd-rs: so many sources must agree before it follows them, where its file says so (`minimum-agreeing-sources`). */
  minimumAgreeing?: number;
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
