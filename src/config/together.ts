import { hasIpv4 } from '../fleet/fleet.ts';
import { aloneSeconds, LOCAL_STRATUM, togetherPoll } from '../fleet/together.ts';
import type { Block } from './layout.ts';
import { azNames, sourceBlocks, sourceLine } from './sources.ts';
import type { Target } from './target.ts';
import { isAtLeast, type Version, versionText } from './versions.ts';

/**
 * `local … activate` came with 4.6, `waitsynced` and `waitunsynced` with 4.7 (both tried), and with 4.8 `maxunreach`: without it a server
 * follows sources that are long dead beside those that keep the pod's time, and so keeps another.
 */
export const KEEPS_TOGETHER: Version = [4, 8];

/** Who may serve a pod whose boundary servers keep one time. */
export const TOGETHER_DAEMON = `chrony ${versionText(KEEPS_TOGETHER)} or later`;

/** A source is left at the second poll that it misses once it counts as unreachable. */
const LEFT_EARLY = 'maxunreach 1';

/** Boundary servers of one AZ that each of the pod's others asks. */
export const MOST_OF_AN_AZ = 8;

export function isTogether({ pod, tier }: Target): boolean {
  return pod.together && tier === 'boundary';
}

/**
 * Why a boundary server gets no such file, a sentence: ntpd would serve its own clock when it boots cold, an older chrony too soon, or it would
 * follow sources long dead. Of a version untold nobody knows. null: it can keep one time with the others, or need not. Decision 0095.
 */
export function togetherRefusal(file: string, target: Target, version: Version): string | null {
  if (!isTogether(target) || file === 'boot.sh' || (file === 'chrony.conf' && isAtLeast(version, KEEPS_TOGETHER)))
    return null;
  return `There is no ${file} for boundary servers of pod ${target.pod.name}: they keep one time together, which only ${TOGETHER_DAEMON} can.`;
}

/**
 * What boundary servers follow, at one poll for all: true sources (`trust`: the others have no vote beside them; `prefer`: nor are they
 * followed), else each other, of a name as many as DNS answers with, else their own clocks, once set by something nearer than 0.1 s of root
 * distance. Decision 0095.
 */
export function togetherBlocks(target: Target): Block[] {
  const { fleet, pod } = target;
  const exponent = togetherPoll(fleet, pod);
  const poll = { min: exponent, max: exponent };
  const seconds = aloneSeconds(exponent);
  // by each family another server may have the lowest address, whose clock all follow
  const family = hasIpv4(pod) ? 'ipv4' : 'ipv6';
  const local = `local stratum ${LOCAL_STRATUM} orphan distance 0 activate 0.1 waitsynced ${seconds} waitunsynced ${seconds}`;
  return [
    ...sourceBlocks(target, `prefer trust ${LEFT_EARLY}`, poll),
    {
      why: `The pod's boundary servers have no vote. After ${seconds} s without true time they keep that of one of them.`,
      lines: [
        ...azNames(target).map((name) =>
          sourceLine(poll, 'pool', name, `${family} maxsources ${MOST_OF_AN_AZ} ${LEFT_EARLY}`),
        ),
        local,
      ],
    },
  ];
}
