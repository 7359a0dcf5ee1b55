import { CHRONY_STEP_SECONDS, STEP } from './defaults.ts';
import { extraFindings } from './extra-checks.ts';
import { type Finding, groupOf, type Sound, settingsOf } from './finding.ts';
import { TIERS } from './fleet.ts';
import type { WrittenFleet, WrittenPod } from './schema.ts';
import { listed } from './sentences.ts';
import { followedClasses } from './smear.ts';
import { soundTimeService, soundUpstreams } from './sources.ts';

/** What is wrong with what a pod's daemons are told beside their sources. Paths are from the pod on, sentences go after its name. */
export function daemonFindings(file: Sound<WrittenFleet>, pod: Sound<WrittenPod>): Finding[] {
  return [...stepFindings(pod), ...leapFileFindings(file, pod), ...extraFindings(file, pod)];
}

/** A daemon that ends at less than it steps would never step, or never end. */
function stepFindings(pod: Sound<WrittenPod>): Finding[] {
  const { panicSeconds, thresholdSeconds } = settingsOf(STEP, groupOf(pod, 'step'));
  if (panicSeconds === undefined || thresholdSeconds === undefined) return [];
  const threshold = thresholdSeconds ?? CHRONY_STEP_SECONDS;
  if (panicSeconds === 0 || panicSeconds > threshold) return [];
  const by = thresholdSeconds === null ? ` (chrony's, where none is set)` : '';
  const sentence = `panicSeconds ${panicSeconds} is not above thresholdSeconds ${threshold}${by}: no clock would ever be stepped; 0 sets no limit`;
  return [{ path: ['step', 'panicSeconds'], sentence }];
}

/** A clock that is smeared and knows the leap second by itself as well takes it twice. chrony.conf(5), `leapsectz`; decision 0093. */
function leapFileFindings(file: Sound<WrittenFleet>, { leapFile }: Sound<WrittenPod>): Finding[] {
  const timeService = soundTimeService(file);
  if (leapFile === undefined || timeService === null) return [];
  const fleet = { upstreams: soundUpstreams(file).map(({ upstream }) => upstream), timeService };
  const classes = new Map(TIERS.flatMap((tier) => [...followedClasses(fleet, tier)]));
  const smeared = [...classes].flatMap(([smear, names]) => (smear === 'utc' ? [] : [`${smear} (${listed(names)})`]));
  if (smeared.length === 0) return [];
  const sentence = `leapFile is for hosts that follow utc alone, and these follow ${listed(smeared)} too: a clock would be smeared and stepped for one leap second; leave leapFile away, or make those sources references`;
  return [{ path: ['leapFile'], sentence }];
}
