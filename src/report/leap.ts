import type { DaemonCount } from '../diagnosis/daemons.ts';
import { type SmearClass, TIER_PLURALS } from '../fleet/fleet.ts';
import type { LeapSecond, LeapSign } from '../fleet/leap-seconds.ts';
import { listed } from '../fleet/sentences.ts';
import { followedClasses, type SmearingFleet } from '../fleet/smear.ts';
import { isUnreadDaemon } from '../host/collected.ts';
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

/** What each host will do at the next leap second, of either sign: said once for all of a tier that run one daemon. */
export function leapReportOf(
  daemons: readonly DaemonCount[],
  fleet: SmearingFleet,
  second: LeapSecond | null,
): LeapReport {
  return { ...(second && { second }), groups: daemons.map((group) => groupOf(group, fleet)) };
}

function groupOf({ tier, daemon, unmanaged, hosts }: DaemonCount, fleet: SmearingFleet): LeapGroup {
  const follows = unmanaged ? [] : [...followedClasses(fleet, tier).keys()];
  const behaviour = isUnreadDaemon(daemon) ? same(`not known: podtime does not read ${daemon}`) : behaviourOf(follows);
  return { tier, daemon, follows, hosts, ...behaviour };
}

function behaviourOf(follows: readonly SmearClass[]): Behaviour {
  const [only, ...others] = follows;
  if (only === undefined) return same(UNMANAGED);
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
