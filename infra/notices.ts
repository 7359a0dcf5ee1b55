import { NTS_DAEMONS, NTS_KE_PORT, ntsUpstreams } from '../src/config/nts.ts';
import type { Fleet, Pod } from '../src/fleet/fleet.ts';
import { listed } from '../src/fleet/sentences.ts';
import { watchdogOf } from '../src/fleet/watchdog-classes.ts';
import { endlessAlarmSentences, worstVotesSentences } from '../src/fleet/worst-votes.ts';
import { podRollOutSentence } from '../src/plan/plan.ts';
import { BY_HAND_TIMEOUT_SECONDS, hostsByHand } from '../src/watchdog/budget.ts';

/** What an operator is told of a fleet that is built, beside what is wrong: each a sentence. */
export function fleetNotices(fleet: Fleet): string[] {
  return [...ntsSentences(fleet), ...fleet.pods.flatMap((pod) => podNotices(fleet, pod))];
}

function podNotices(fleet: Fleet, pod: Pod): string[] {
  return [
    podRollOutSentence(pod),
    watchdogSentence(pod),
    ...byHandSentences(fleet, pod),
    ...worstVotesSentences(fleet, pod),
    ...endlessAlarmSentences(fleet, pod),
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
