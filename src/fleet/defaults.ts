import type { AlarmPolicy, ByAz, CyclingPolicy, Pod, Rollout, StepPolicy, Thresholds, TimeService } from './fleet.ts';

/** What a pod is judged by unless fleet.yml says otherwise. */
export const THRESHOLDS: Readonly<Thresholds> = {
  // Well below the 128 ms at which ntpd steps the clock instead of slewing it (STEPT, RFC 5905 appendix A.5.5.6), and
  // above what an honest source can be wrong by: half the round trip, some 40 ms for a Stratum 2 server a continent away.
  offsetMs: 50,
  // The same: the boundary servers may be as wrong against AWS's clock as their way across the internet lets them be.
  // During a leap second's smear the two differ by up to 500 ms, which is then told and not judged (decision 0091).
  timeServiceOffsetMs: 50,
  // Settled hosts of one VPC stand near 1 ms (captures: root dispersion 1.045 ms); a server a continent away adds half its
  // 80 ms of root delay, the |offset| limit 50 ms, and 15 ppm of dispersion over a poll of 1024 s 15 ms (PHI, RFC 5905).
  // The daemons' own limit for a usable source is 1,500 ms (MAXDIST), far too kind for a pod.
  errorBoundMs: 200,
  // PHI, the worst rate that RFC 5905 takes a disciplined clock to drift by. A virtual machine whose temperature swings may need more.
  holdoverPpm: 15,
  // Beyond what delay, jitter and age of both sides explain: servers of one pod that stand so far apart do not tell one time.
  disagreementMs: 5,
  // `.INIT.`, `.STEP.` and the leap alarm are normal for the five to ten minutes that the first eight polls of 64 s take.
  startingSeconds: 600,
  // The lower end of those five to ten minutes.
  confidentAgeSeconds: 300,
  // Six polls of 64 s are five to six minutes; it takes three misses to lose confidence, so one lost packet does not.
  confidentPolls: 6,
  // With one source nothing contradicts it; with two at least disagreement shows.
  confidentSources: 2,
  // Three ticks of five minutes: longer than a restart, a step or one upstream's bad spell.
  withdrawAfterSeconds: 900,
};

/** What a pod's time is for. Each is a set of limits, and the polls that can keep them: docs/accuracy.md. */
export const PROFILE_NAMES = ['logs', 'database'] as const;
export type Profile = (typeof PROFILE_NAMES)[number];

/** Limits of a profile; any of them may be set by itself too. */
export interface ProfileLimits {
  thresholds: Pick<Thresholds, 'offsetMs' | 'timeServiceOffsetMs' | 'errorBoundMs'>;
  /** `poll.max`; null: the daemon's. */
  pollMax: number | null;
}

export const DEFAULT_PROFILE: Profile = 'logs';

export const PROFILES: Readonly<Record<Profile, ProfileLimits>> = {
  // lines of several hosts in the order in which they were written, to what a person tells apart
  logs: {
    thresholds: {
      offsetMs: THRESHOLDS.offsetMs,
      timeServiceOffsetMs: THRESHOLDS.timeServiceOffsetMs,
      errorBoundMs: THRESHOLDS.errorBoundMs,
    },
    pollMax: null,
  },
  // writes ordered by hosts' clocks: a transaction waits the bound out, so it is to be short
  database: {
    thresholds: {
      // settled hosts of one VPC stand within a fraction of it (captures)
      offsetMs: 1,
      // as far as the bound lets a clock be from UTC, which AWS's is close to: below it every lopsided path to an upstream would be adrift
      timeServiceOffsetMs: 5,
      // settled hosts stand near 1 ms, and four polls of 64 s add 3.84 ms
      errorBoundMs: 5,
    },
    // 64 s: at 1024 s the bound alone would grow to 61 ms
    pollMax: 6,
  },
};

/** What a clock may run off in a second, at most: PHI, RFC 5905 section 5; all daemons reckon with it or with what they measured. */
export const DRIFT_PPM = 15;

/**
 * A host is confident with two of eight polls missed (`confidentPolls`): just before it misses the third its last answer is three polls old. What
 * its server says of itself had then grown since that server's own last answer, for up to one more.
 */
export const POLLS_WITHOUT_ANSWER = 4;

/** How a pod's hosts are cycled unless fleet.yml says otherwise. */
export const CYCLING: Readonly<CyclingPolicy> = {
  // As long as a restarted daemon may need to be confident again: a second restart earlier would only prolong the first.
  coolDownSeconds: 600,
  // One host in ten without its clock disciplined for some seconds is a loss that a service survives.
  waveShare: 0.1,
  // As many as may fail in a roll-out: no more hosts are in doubt at one time than it takes to stop it. With 10,000 hosts, 1 % of them
  // silent, all are through within 40 minutes at 25 s a host (test/plan/cycling/forty-minutes.test.ts).
  maxConcurrencyShare: 0.02,
  // With no confident server published a restarted client would come up with nothing to follow.
  floor: 1,
  // What three restarts did not cure, a fourth will not: it wants a person.
  attemptsPerDay: 3,
  // One failure in a roll-out may be that host's own; a second in a small tier, or one host in fifty, is what all have in common.
  maxErrorShare: 0.02,
};

/** When CloudWatch raises an alarm unless fleet.yml says otherwise; the reasons stand in docs/alarms.md too. */
export const ALARMS: Readonly<AlarmPolicy> = {
  // One clock over its limit already breaks what runs on that host; two of three periods keep a single bad sample out.
  adriftHosts: 1,
  adriftFromTimeServiceHosts: 1,
  // A daemon still starting is not counted, so one that is counted needs somebody.
  unsynchronisedHosts: 1,
  // Not wrong, but nobody can say that it is right: what runs there needs to know its bound.
  uncertainHosts: 1,
  // ntpd drops a source after eight polls without an answer (2 min of 16 s each), and any daemon those that disagree at once: so two of three
  // periods, in which what heals by itself has healed.
  holdoverHosts: 1,
  // One lost packet shows in a register for eight polls, so some hosts always show one. A fifth of the clients at once is one
  // cause: a boundary server, an AZ of five or fewer, the network.
  clientLowReachShare: 0.2,
  // Boundary servers poll across the internet, where packets are lost: of two servers one alone says nothing, both do.
  boundaryLowReachShare: 0.5,
  // Far above the half of a tier below which nothing is cycled: the blind spot is told before podtime stops acting.
  coverageShare: 0.9,
  staleHosts: 1,
  // Two ticks to be sure, a cool-down of 600 s, ten waves a minute or two apart, 60 s for DNS: half an hour. Twice that.
  staleSeconds: 3600,
  // Given up after the allowed cycles: nobody but a person will heal it.
  givenUpHosts: 1,
  // One clock that lies is outvoted by two, and by no fewer (RFC 5905 selects by a majority). Two upstreams and no time service give no
  // more than 0 with all of them well: such a pod is told so when it is packaged, and sets 0 if that is what it wants.
  liesLeft: 1,
  // One server of the internet falls silent as a matter of course; that must not cost a pod's server its confidence.
  lossesLeft: 1,
};

/** CloudWatch bills by metric and dimension set: what nobody acts on by AZ is in the report, which costs the same for each AZ. Decision 0062. */
export const METRICS_BY_AZ: ByAz = 'key';

/** Days for which each tick's rows of hosts are kept: the question comes within the month. */
export const HISTORY_DAYS = 30;

/** Two: a pod with a single boundary server is one failure away from having none. */
export const BOUNDARY_SERVERS = 2;

/** Hosts of both tiers. The API is throttled for so many at most; ten times as many still boot, ten times as slowly. */
export const HOSTS = 1000;

/** `server`: a daemon keeps the servers that it resolved at its start, and podtime cycles those that DNS left behind. */
export const ASSOCIATION: Pod['association'] = 'server';

/** The poll exponents of ntpd, ntpsec and chrony where a file names none: 64 s and 1024 s (RFC 5905 calls for 4 to 17). */
export const POLL_MIN = 6;
export const POLL_MAX = 10;

/** Public servers ask for no more than a poll in 64 s: the daemons' own shortest, and what the NTP pool's rules of use call for. */
export const PUBLIC_POLL_MIN = 6;

/** 16 s, as AWS's user guide configures it (`minpoll 4 maxpoll 4`): it is on the host's own link, and made for it. */
export const TIME_SERVICE_POLL: Readonly<TimeService['poll']> = { min: 4, max: 4 };

/**
 * A virtual machine that was suspended resumes with its clock as far behind as it slept, whenever that is. Without these chrony slews an
 * hour away in twelve (a twelfth of a second a second, maxslewrate), and ntpd and ntpd-rs end above 1,000 s, their own panic limits. Nobody is believed alone: a
 * clock follows what most of its sources agree on.
 */
export const STEP: Readonly<StepPolicy> = { thresholdSeconds: null, limit: -1, panicSeconds: 0 };

/** chrony has none of its own without `makestep`; distributions and its FAQ say one second. ntpd and ntpsec have 0.128 s (STEPT, RFC 5905), ntpd-rs 0.01 s. */
export const CHRONY_STEP_SECONDS = 1;

/** Of the operator's own lines, for each daemon: as much as a file of podtime's has itself, far below what boot.sh takes (64 KB). */
export const MOST_EXTRA_LINES = 20;
export const MOST_EXTRA_CHARACTERS = 200;

/** Five minutes: a host is seen three times before it may be withdrawn, and a pod's ticks stay far below SSM's request rates. */
export const INTERVAL_SECONDS = 300;

/** A dead agent keeps a command open until its timeout; hosts that live answer within seconds, so waiting longer gains nobody. */
export const COLLECT_WAIT_SECONDS = 45;

/** A bad line reaches one host of each AZ, not all of a pod within half a day. */
export const ROLLOUT: Rollout = 'gentle';
