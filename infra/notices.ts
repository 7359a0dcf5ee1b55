import { pollText, timeServicePolls, unasked } from '../src/config/ntpd-rs.ts';
import { NTS_DAEMONS, NTS_KE_PORT, ntsUpstreams } from '../src/config/nts.ts';
import { TOGETHER_DAEMON } from '../src/config/together.ts';
import { canonicalAddress } from '../src/fleet/addresses.ts';
import { TIME_SERVICE_POLL } from '../src/fleet/defaults.ts';
import { type Fleet, type Pod, TIER_PLURALS, TIERS } from '../src/fleet/fleet.ts';
import { count, duration, listed } from '../src/fleet/sentences.ts';
import { knownSmearClass, UNKNOWN_HOST_CLASS } from '../src/fleet/smear.ts';
import { aloneSeconds, togetherPoll } from '../src/fleet/together.ts';
import { watchdogOf } from '../src/fleet/watchdog-classes.ts';
import { endlessAlarmSentences, worstVotesSentences } from '../src/fleet/worst-votes.ts';
import { podRollOutSentence } from '../src/plan/plan.ts';
import { BY_HAND_TIMEOUT_SECONDS, hostsByHand } from '../src/watchdog/budget.ts';

/** What an operator is told of a fleet that is built, beside what is wrong: each a sentence. */
export function fleetNotices(fleet: Fleet): string[] {
  return [...ntsSentences(fleet), ...smearSentences(fleet), ...fleet.pods.flatMap((pod) => podNotices(fleet, pod))];
}

function podNotices(fleet: Fleet, pod: Pod): string[] {
  return [
    podRollOutSentence(pod),
    watchdogSentence(pod),
    ...ntpdRsSentences(fleet, pod),
    ...togetherSentences(fleet, pod),
    ...byHandSentences(fleet, pod),
    ...worstVotesSentences(fleet, pod),
    ...endlessAlarmSentences(fleet, pod),
    ...stepSentences(pod),
    ...leapFileSentences(pod),
    ...lockSentences(pod),
  ];
}

/** Above it ntpd and ntpsec leave the kernel's loop (miscopt of 4.2.8, `tinker step`), and slew at `NTPD_SLEW_PPM`. */
const KERNEL_STEP_SECONDS = 0.5;
const NTPD_SLEW_PPM = 500;

/** What cannot be taken back is said before it is done. Decision 0135. */
function lockSentences({ name, history: { lock, days } }: Pod): string[] {
  if (lock === null) return [];
  const who = {
    compliance: 'nobody can remove them sooner, whatever the file says later',
    governance: 'who has s3:BypassGovernanceRetention can remove them sooner',
  }[lock];
  return [
    `Pod ${name}: rows of hosts are locked (${lock}) for ${count(days, 'day')} each: ${who}. Rows of before stay where they are.`,
  ];
}

/** What a setting does not mean to every daemon. Decision 0092. */
function stepSentences({ name, step: { limit, thresholdSeconds } }: Pod): string[] {
  const minutes = Math.round(((thresholdSeconds ?? 0) / NTPD_SLEW_PPM) * 1e6) / 60;
  return [
    ...(limit < 0
      ? []
      : [
          `Pod ${name}: step.limit ${limit} holds for chrony alone. ntpd, ntpsec and ntpd-rs step a clock that is too far off whenever it is.`,
        ]),
    ...(thresholdSeconds === null || thresholdSeconds <= KERNEL_STEP_SECONDS
      ? []
      : [
          `Pod ${name}: step.thresholdSeconds ${thresholdSeconds} is above ${KERNEL_STEP_SECONDS}: ntpd and ntpsec then steer their clocks without the kernel, and take up to ${Math.ceil(minutes)} min to slew so much away.`,
        ]),
  ];
}

/** Which daemon a host runs is not known here. Decision 0093. */
function leapFileSentences({ name, leapFile }: Pod): string[] {
  if (leapFile === null) return [];
  return [
    `Pod ${name}: ntpd-rs reads no leap file, and chrony before 4.6 reads tzdata's right/UTC in the place of ${leapFile}.`,
  ];
}

/** Which daemon a host runs is not known here, so what is refused to some is said. Decision 0089. */
function ntsSentences(fleet: Fleet): string[] {
  const names = ntsUpstreams(fleet);
  if (names.length === 0) return [];
  return [
    `NTS with ${listed(names)}: boundary servers need ${NTS_DAEMONS}, and TCP ${NTS_KE_PORT} to the internet beside UDP 123. ` +
      'The classic ntpd and older versions have no NTS: they are refused a file, keep the one they have, and reports name them.',
  ];
}

/** An operator's servers are known by their names; of a server that is given by its address nobody knows whose it is. Decision 0097. */
function smearSentences({ upstreams }: Fleet): string[] {
  const unknown = upstreams.filter(
    ({ host, smear }) =>
      smear === UNKNOWN_HOST_CLASS && canonicalAddress(host) !== null && knownSmearClass(host) === null,
  );
  if (unknown.length === 0) return [];
  return [
    `Upstreams by address (${listed(unknown.map(({ host }) => host))}) are taken for utc, as podtime does not know whose they are: of one that smears leap seconds, as time.aws.com does, say smear.`,
  ];
}

/** Which daemon a host runs is not known here. Decision 0088. */
function ntpdRsSentences(fleet: Fleet, pod: Pod): string[] {
  return TIERS.flatMap((tier) => {
    const names = unasked({ fleet, pod, tier });
    const polls = isPollSet(fleet) ? timeServicePolls({ fleet, pod, tier }) : null;
    const without =
      names.length === 0
        ? []
        : [
            `Pod ${pod.name}: the ntpd-rs.toml of ${TIER_PLURALS[tier]} is without ${listed(names)}: ntpd-rs asks no server by an IPv6 address that stands in its file. Other daemons do.`,
          ];
    const unkept =
      polls === null
        ? []
        : [
            `Pod ${pod.name}: ntpd-rs has one pair of limits for the polls of all its sources, so ${TIER_PLURALS[tier]} that run it poll the AWS time service each ${pollText(polls.served)}, not each ${pollText(polls.set)} (timeService.poll). Other daemons do.`,
          ];
    return [...without, ...unkept];
  });
}

/** What the file leaves to podtime is no wish that is not kept. */
function isPollSet({ timeService: { poll } }: Fleet): boolean {
  return poll.min !== TIME_SERVICE_POLL.min || poll.max !== TIME_SERVICE_POLL.max;
}

/** Likewise. Decision 0095. */
function togetherSentences(fleet: Fleet, pod: Pod): string[] {
  if (!pod.together) return [];
  return [
    `Pod ${pod.name}: boundary servers keep one time together, and need ${TOGETHER_DAEMON}: all others are refused a file, keep the one they have, and reports name them. ` +
      `They begin ${duration(aloneSeconds(togetherPoll(fleet, pod)))} after the last answer of an upstream; shorter polls make that shorter.`,
  ];
}

/** Which function an operator invokes for a pod. */
function watchdogSentence(pod: Pod): string {
  const { functionName, memoryMegabytes } = watchdogOf(pod);
  return `Pod ${pod.name} is built for ${pod.hosts.toLocaleString('en')} hosts: ticks by function ${functionName} (${memoryMegabytes} MB).`;
}

/** What is to be said of a pod that `collect` and `cycle` cannot look at whole; nothing of any other. */
function byHandSentences(fleet: Fleet, pod: Pod): string[] {
  const hosts = hostsByHand(fleet, pod);
  if (pod.hosts <= hosts) return [];
  const [most, all] = [hosts, pod.hosts].map((each) => each.toLocaleString('en'));
  return [
    `Pod ${pod.name}: in the ${BY_HAND_TIMEOUT_SECONDS} s of collect and cycle by hand the answers of some ${most} hosts can be read, not of ${all}. ` +
      'With more of them collect shows a part and cycle does nothing; ticks have more time.',
  ];
}
