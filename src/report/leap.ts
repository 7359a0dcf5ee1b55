import { askedFleet, whyNoNtpdRs } from '../config/ntpd-rs.ts';
import type { DaemonCount } from '../diagnosis/daemons.ts';
import { type Fleet, type Pod, SMEAR_CLASSES, type SmearClass, TIER_PLURALS, type Tier } from '../fleet/fleet.ts';
import type { LeapSecond, LeapSign } from '../fleet/leap-seconds.ts';
import { listed } from '../fleet/sentences.ts';
import { followedClasses, type SmearingFleet } from '../fleet/smear.ts';
import { isUnreadDaemon, type RunningDaemon } from '../host/collected.ts';
import type { Report } from './report.ts';

type LeapReport = NonNullable<Report['leap']>;
type LeapGroup = LeapReport['groups'][number];

type Behaviour = Readonly<Record<LeapSign, string>>;

/**
 * What a clock does at a leap second, by what it follows.
 *
 * `utc`: each daemon that podtime reads hands the news to the kernel (ntpd and ntpsec: `leapsec_electric`, ntpd/ntp_leapsec.h; chrony:
 * `leapsecmode system`, the default, chrony.conf(5); ntpd-rs: `set_leap_seconds` of clock-steering; systemd-timesyncd: `STA_INS` and
 * `STA_DEL`, timesyncd-manager.c), and no file that podtime serves says otherwise. Linux sets the clock back by a second at the end of the
 * day, or ahead (kernel/time/ntp.c, `second_overflow`). A daemon that was not told sees a second of offset and steps it (128 ms, RFC 5905).
 *
 * The others are served smeared time and never told. `aws`: AWS News Blog, "Look Before You Leap" (24 hours around it, up to half a second
 * from UTC); the EC2 user guide says that seconds *added* are smeared, and nothing of deleted ones. `google`: developers.google.com/time/smear
 * (linear, noon to noon, 11.6 ppm); no second was ever deleted. `meta`: engineering.fb.com, "It's time to leave the leap second in the past"
 * (17 hours from it on); of a negative one it says that it was never tested on a large scale. Decision 0091.
 */
const BEHAVIOURS: Readonly<Record<SmearClass, Behaviour>> = {
  utc: {
    add: 'the kernel sets the clock back by one second at 00:00:00 UTC, so that 23:59:59 comes twice',
    delete: 'the kernel sets the clock ahead by one second at 23:59:59 UTC, so that 23:59:59 does not come',
  },
  aws: {
    add: 'no step: with AWS the clock runs 11.6 ppm slow from noon to noon UTC, up to half a second from UTC',
    delete: 'AWS says nothing of deleted seconds: smeared alike, the clock runs 11.6 ppm fast from noon to noon UTC',
  },
  google: {
    add: 'no step: with Google the clock runs 11.6 ppm slow from noon to noon UTC, up to half a second from UTC',
    delete: 'Google never deleted one: smeared alike, the clock runs 11.6 ppm fast from noon to noon UTC',
  },
  meta: {
    add: 'no step: with Meta the clock runs slow for 17 hours from the leap second on, at first a second from UTC',
    delete: 'Meta never deleted one: smeared alike, the clock runs fast for 17 hours from the leap second on',
  },
};

const UNMANAGED = "not known: they poll no server of podtime's";

interface Served {
  fleet: Fleet;
  pod: Pod;
}

/** What each host will do at the next leap second, of either sign: said once for all of a tier that run one daemon. */
export function leapReportOf(daemons: readonly DaemonCount[], served: Served, second: LeapSecond | null): LeapReport {
  const ofServers = serversDaemons(daemons, served);
  return { ...(second && { second }), groups: daemons.map((group) => groupOf(group, served, ofServers)) };
}

function groupOf(
  { tier, daemon, unmanaged, hosts }: DaemonCount,
  served: Served,
  ofServers: readonly AnyDaemon[],
): LeapGroup {
  const follows = unmanaged || !hasFile(daemon, tier, served) ? [] : followsOf(daemon, tier, served, ofServers);
  return { tier, daemon, follows, hosts, ...behaviourOf({ daemon, unmanaged, follows }) };
}

/** null: not known which. */
type AnyDaemon = RunningDaemon | null;

/** The daemons of a pod's boundary servers, each once; those of servers that did not answer are not known. */
function serversDaemons(daemons: readonly DaemonCount[], { pod }: Served): AnyDaemon[] {
  const servers = daemons.filter(({ tier }) => tier === 'boundary');
  const answered = servers.reduce((sum, { hosts }) => sum + hosts, 0);
  return [...new Set(servers.map(({ daemon }) => daemon)), ...(answered < pod.boundaryServers ? [null] : [])];
}

/** A client follows what its boundary servers follow, by whatever daemons, and of the time service what its own daemon can ask. */
function followsOf(daemon: RunningDaemon, tier: Tier, served: Served, ofServers: readonly AnyDaemon[]): SmearClass[] {
  const classes = new Set(
    (tier === 'boundary' ? [daemon] : ofServers).flatMap((each) => [
      ...followedClasses(askedBy(each, 'boundary', served), 'boundary').keys(),
    ]),
  );
  if (askedBy(daemon, tier, served).timeService.mode[tier] === 'source') classes.add('aws');
  return SMEAR_CLASSES.filter((smear) => classes.has(smear));
}

/** What of the fleet file a daemon asks. One that is refused its file keeps the one it has: it may ask all of it. */
function askedBy(daemon: AnyDaemon, tier: Tier, served: Served): SmearingFleet {
  return daemon === 'ntpd-rs' && hasFile(daemon, tier, served) ? askedFleet(served) : served.fleet;
}

function hasFile(daemon: RunningDaemon, tier: Tier, served: Served): boolean {
  return daemon !== 'ntpd-rs' || whyNoNtpdRs({ ...served, tier }) === null;
}

function behaviourOf({
  daemon,
  unmanaged,
  follows,
}: Pick<LeapGroup, 'daemon' | 'follows'> & Pick<DaemonCount, 'unmanaged'>): Behaviour {
  if (isUnreadDaemon(daemon)) return same(`not known: podtime does not read ${daemon}`);
  if (unmanaged) return same(UNMANAGED);
  const [only, ...others] = follows;
  if (only === undefined) return same(`not known: podtime has no file for ${daemon} there`);
  if (others.length === 0) return BEHAVIOURS[only];
  return same(
    `not known: they follow sources of ${listed(follows)}, and around it now one, now another, up to a second apart`,
  );
}

function same(text: string): Behaviour {
  return { add: text, delete: text };
}

/** What is said of a leap second that was announced, until it is over for a day. */
export function leapSentences(leap: Report['leap']): string[] {
  if (leap?.second === undefined) return [];
  const { second, groups } = leap;
  const day = new Date(second.atMs - 1).toISOString().slice(0, 10);
  const what = second.sign === 'add' ? 'A leap second is added' : 'A leap second is deleted';
  return [
    `${what} at the end of ${day} UTC: for a day before and after it sources that smear it differently are not judged by each other.`,
    ...groups.map((group) => {
      const who = group.hosts === 1 ? `1 ${SINGULAR[group.tier]}` : `${group.hosts} ${TIER_PLURALS[group.tier]}`;
      return `${who} on ${group.daemon}: ${group[second.sign]}.`;
    }),
  ];
}

const SINGULAR = { boundary: 'boundary server', client: 'client' } as const;
