import type { Host } from '../fleet/fleet.ts';
import { byText, sortedUnique } from '../fleet/ordering.ts';
import { LOCAL_STRATUM } from '../fleet/together.ts';
import { heardOfLast8, REACH_POLLS } from '../ntp/reach.ts';
import type { Source } from '../ntp/source.ts';
import { isFresh } from './freshness.ts';

/** What EC2 says a host can be reached by. Of one without any address nothing is known. */
export type Addresses = Pick<Host, 'ipv4' | 'ipv6'>;

/** Stratum 16 is unsynchronised (RFC 5905, MAXSTRAT). */
const UNSYNCHRONISED_STRATUM = 16;

/** The undisciplined clock as a refid of any daemon: 127.127.1.x, `LOCAL(0)`, `LOCL`; 127.0.0.1 is ntpd's orphan mode. */
const LOCAL_REFID = /^(?:127\.127\.1\.\d|127\.0\.0\.1$|\.?LOCAL\(|\.?LOCL)/i;

/**
 * The stratum of ntpd's local clock where its file says nothing else (`STRATUM` of refclock_local.c), and usual for `tos orphan`, which is to
 * be above any that is expected. Below it a file says by hand that the clock is a true one, set by other means than NTP (driver 1; chrony's
 * `local stratum 1` beside phc2sys), and 127.0.0.1 is a second daemon there.
 */
const UNFUDGED_STRATUM = 5;

/** Tally codes of sources that the daemon could select or has selected. */
const SELECTABLE = '*o+-#';

/** Types of associations whose server is asked. */
const POLLED_TYPES = ['u', 's', 'S', 'l'];

/** Refid of the head of a pool. */
const POOL = ['.POOL.'];

/** Refids by which ntpsec shows a name that has no address yet; the second once it has stepped its clock (`isSteppedName`). */
const UNRESOLVED = ['.DNS.'];
const STEPPED = '.STEP.';

/** Refids of associations by which a host sends to all, or asks who is there (newpeer of ntpd's ntp_peer.c; RFC 5905, 7.4). */
const CAST_REFIDS = ['.BCST.', '.MCST.', '.ACST.'];

/** The same by ntpq's type: broadcast, multicast, manycast. ntpq before 4.2.8 prints `u`. */
const CAST_TYPES = ['B', 'M', 'a'];

/** Addresses that no server has: broadcast on any network, and multicast (RFC 5771, RFC 4291). */
const BROADCAST = '255.255.255.255';
const MULTICAST = /^(?:22[4-9]|23\d)\.|^ff[0-9a-f]{2}:/;

/** Kiss codes (RFC 5905, 7.4) by which a server tells a client to stop or slow down. */
const KISS_CODES = ['.RATE.', '.DENY.', '.RSTR.'];

/** How many of the last eight polls were heard; null when the register could not be read. */
export function heardPolls({ reach }: Source): number | null {
  return reach === null ? null : heardOfLast8(reach);
}

/**
 * Whether one of its last eight polls was heard: by its register, or where the daemon keeps none by the polls unanswered since. null:
 * not known.
 */
export function isHeardLately({ reach, unansweredPolls }: Source): boolean | null {
  if (reach !== null) return reach > 0;
  return unansweredPolls === null ? null : unansweredPolls < REACH_POLLS;
}

/** The undisciplined local clock (`LOCAL(0)`, 127.127.1.x): a source of nothing. */
export function isLocalClock({ remote, address }: Pick<Source, 'remote' | 'address'>): boolean {
  return (address ?? remote).startsWith('127.127.1.') || LOCAL.test(remote);
}

const LOCAL = /^LOCAL\(/i;

/**
 * Whose time ends in somebody's undisciplined clock: nobody vouches for it, however well it is heard. By its stratum, or by the refid that says
 * that it follows its own clock; of a chain behind it, and where no refid is told, the stratum alone tells. Decision 0095.
 */
export function endsInLocalClock({ stratum, refid }: Pick<Source, 'stratum' | 'refid'>): boolean {
  if (stratum === null || stratum >= UNSYNCHRONISED_STRATUM) return false;
  return stratum >= LOCAL_STRATUM || (stratum >= UNFUDGED_STRATUM && refid !== null && isLocalRefid(refid));
}

/** Of a clock that says itself that it follows its own. 127.0.0.1 need not be one (`isSecondDaemon`). */
export function isLocalRefid(refid: string): boolean {
  return LOCAL_REFID.test(refid);
}

/** Loopback: as a refid ntpd's orphan mode, or a daemon beside that one. */
const LOOPBACK = '127.0.0.1';

/**
 * Whether a host that says that it follows 127.0.0.1 follows a second daemon there, which has a clock of its own (a receiver, PTP): it has selected
 * that row, as no orphan has one, or its stratum is below that of orphans. How true that daemon's clock is its row tells.
 */
export function isSecondDaemon(
  { stratum, refid }: Pick<Source, 'stratum' | 'refid'>,
  rows: readonly Pick<Source, 'tally' | 'address'>[],
): boolean {
  if (refid !== LOOPBACK) return false;
  const isBelowOrphans = stratum !== null && stratum < UNFUDGED_STRATUM;
  return isBelowOrphans || rows.some((row) => isSelected(row) && row.address === LOOPBACK);
}

/** Whether it says itself that it follows its own clock, at a stratum that alone would not. */
export function isOwnClockTold(source: Source): boolean {
  return endsInLocalClock(source) && !endsInLocalClock({ ...source, refid: null });
}

/** A row that stands for something time can come from: not for a name, a pool, a broadcast or the undisciplined clock. */
export function isSource(source: Source): boolean {
  return !isPlaceholder(source) && !isLocalClock(source);
}

/** The daemon asks it: unicast, symmetric, or a reference clock. Broadcasts come unasked. */
export function isAsked({ type }: Source): boolean {
  return POLLED_TYPES.includes(type);
}

/** Canonical, sorted, each once. */
export function addressesOf(sources: readonly Source[]): string[] {
  return sortedUnique(sources.map(({ address }) => address).filter((address) => address !== null));
}

/**
 * The time service by the address of a family in which EC2 gives the host none: one file serves all hosts of an AZ, so a
 * host of one family is told to ask by both. Of any other server such a silence is news.
 */
export function isOutOfReach({ address }: Source, timeService: readonly string[], { ipv4, ipv6 }: Addresses): boolean {
  if (address === null || !timeService.includes(address)) return false;
  return address.includes(':') ? ipv6.length === 0 && ipv4 !== null : ipv4 === null && ipv6.length > 0;
}

/**
 * Whether the refid is a word of the daemon's for a row of which nothing is known. A server that tells such a refid of itself is heard, or has a
 * stratum: by it alone none is no source, or no clock to be compared.
 */
export function isDaemonsWord({ refid, reach, stratum }: Source, words: readonly string[]): boolean {
  if (refid === null || !words.includes(refid)) return false;
  return (reach ?? 0) === 0 && (stratum ?? UNSYNCHRONISED_STRATUM) >= UNSYNCHRONISED_STRATUM;
}

/**
 * A row of the host's own broadcast, multicast or manycast: nobody is polled there, and nothing is ever heard.
 * src/host/staleness.sh means the same.
 */
export function isCast(source: Source): boolean {
  const { type, address } = source;
  if (CAST_TYPES.includes(type) || (address !== null && isCastAddress(address))) return true;
  return isDaemonsWord(source, CAST_REFIDS);
}

/** The pattern is for the few that can be: a row is asked several times. */
function isCastAddress(address: string): boolean {
  return address === BROADCAST || ((address.startsWith('2') || address.startsWith('f')) && MULTICAST.test(address));
}

/** A row for no server: for a name that has no address yet, for a pool as a whole, or for a broadcast. */
export function isPlaceholder(source: Source): boolean {
  return source.type === 'p' || isDaemonsWord(source, POOL) || isUnresolved(source) || isCast(source);
}

/** A name that the daemon could not resolve yet. Only ntpsec shows these. */
export function isUnresolved(source: Source): boolean {
  return isDaemonsWord(source, UNRESOLVED) || isSteppedName(source);
}

/**
 * A name without an address, of an ntpsec that has stepped its clock since: it then says `.STEP.` of every row (`clear_all` of
 * ntp_proto.c), and of such a one for good, so that nobody can tell any more whether it did not resolve or whether NTS fails with it. Seen on
 * 1.2.2 and 1.2.3, clocks two days behind when they started. A cut address has colons.
 */
export function isSteppedName({ refid, reach, type, address, remote }: Source): boolean {
  if (refid !== STEPPED || reach !== 0 || type !== 'u') return false;
  return isNameless({ remote }) || (address === null && !remote.includes(':'));
}

/**
 * A row by no name, of an ntpsec before 1.2.3 whose table has lost them (decision 0035), and which did not tell them when collect asked for
 * them. A reference clock is then shown by its address, as of type `u`.
 */
export function isNameless({ remote }: Pick<Source, 'remote'>): boolean {
  return remote === '0.0.0.0' || remote === '::';
}

/** The daemon that is told so forgets all that it knew of the server (`peer_clear` of ntp_proto.c). */
export function isKissed(source: Source): boolean {
  return isDaemonsWord(source, KISS_CODES);
}

/** What the daemon selects, or could: also a row whose stratum could not be read. */
export function isSelectable(source: Source): boolean {
  return isSelectableSource(source) && isSource(source);
}

/** The same of a row that is known to be a source (`isSource`). */
export function isSelectableSource({ tally, stratum }: Source): boolean {
  if (!SELECTABLE.includes(tally ?? ' ')) return false;
  return stratum === null || stratum < UNSYNCHRONISED_STRATUM;
}

/**
 * Fresh, heard in its last eight polls, selectable, of a stratum below that of local clocks. null: a field that decides it could not be read.
 */
export function isUsable(source: Source): boolean | null {
  const heard = isHeardLately(source);
  if (!isSelectable(source) || endsInLocalClock(source) || heard === false) return false;
  const fresh = isFresh(source);
  if (fresh === false) return false;
  return fresh === null || heard === null || isStratumUnread(source) ? null : true;
}

/** ntpd-rs tells no stratum of a source, and accepts none of a server that is not synchronised. */
function isStratumUnread({ stratum, unansweredPolls }: Source): boolean {
  return stratum === null && unansweredPolls === null;
}

/** `*`, or `o` for one with a pulse per second. */
export function isSelected({ tally }: Pick<Source, 'tally'>): boolean {
  return tally === '*' || tally === 'o';
}

/** LOCAL does not count. */
export function isSystemPeer(source: Source): boolean {
  return isSelected(source) && !isLocalClock(source);
}

/** Whether the row's server is known: false for one whose address was cut or could not be read. */
export function isIdentified(source: Source): boolean {
  return source.address !== null || isPlaceholder(source) || source.type === 'l';
}

/** A source's own order, so that no judgement depends on the order of rows. */
export function bySource(a: Source, b: Source): number {
  return byText(a.remote, b.remote) || byText(JSON.stringify(a), JSON.stringify(b));
}

/**
 * The row that tells best how far the AWS time service is: of those heard and not known to be old (a row unheard for eight
 * polls shows an old number) the one heard most often, then the one with the least delay, whose offset has the least room for error.
 */
export function timeServiceSource(sources: readonly Source[], timeService: readonly string[]): Source | null {
  const heard = sources.filter(
    (source) =>
      source.address !== null &&
      timeService.includes(source.address) &&
      (isHeardLately(source) ?? isFresh(source) === true) &&
      isFresh(source) !== false &&
      source.offsetMs !== null,
  );
  const least = (source: Source) => source.delayMs ?? Number.POSITIVE_INFINITY;
  const [best] = heard.sort(
    (a, b) => heardAtMost(b) - heardAtMost(a) || Math.sign(least(a) - least(b)) || bySource(a, b),
  );
  return best ?? null;
}

/** For an order alone: of a daemon without registers, those of the last eight that are not known to be unheard. */
function heardAtMost(source: Source): number {
  return heardPolls(source) ?? REACH_POLLS - (source.unansweredPolls ?? REACH_POLLS);
}
