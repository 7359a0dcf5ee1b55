import type { Pod } from '../fleet/fleet.ts';
import { extraLines } from './extra.ts';
import { type Block, DRIFT, layOut } from './layout.ts';
import { leapFileBlock, leapZoneBlock } from './leap-file.ts';
import { chronyAuthentication } from './nts.ts';
import { KNOWS_REFRESH, refreshOf, togetherRefresh } from './refresh.ts';
import type { Rendered } from './seal.ts';
import { sourceBlocks } from './sources.ts';
import { chronySteps } from './steps.ts';
import type { Target } from './target.ts';
import { isTogether, KEEPS_TOGETHER, MOST_OF_AN_AZ, togetherBlocks } from './together.ts';
import { isAtLeast, type Version } from './versions.ts';

/** chronyd dies of a line that it does not know, so each stands only in files for versions that know it (NEWS of chrony). */
const KNOWS_LEAPSECLIST: Version = [4, 6];
const KNOWS_MAXUNREACH: Version = [4, 8];

/** Versions from which the file of a pod's hosts is another. */
export function chronyClasses({ leapFile }: Pod): readonly Version[] {
  return [KNOWS_REFRESH, ...(leapFile === null ? [] : [KNOWS_LEAPSECLIST]), KNOWS_MAXUNREACH];
}

/**
 * A source counts as unreachable after eight polls without an answer; after six more, 896 s at polls of 64 s, its last answer is no
 * longer fresh to podtime either (900 s). chrony's own 100,000 are more than two months of them.
 */
const MOST_UNREACHABLE_POLLS = 6;

/** chrony.conf. Comments stand on lines of their own: chrony knows no others. */
export function chronyConf(target: Target, version: Version): Rendered {
  const { pod } = target;
  const followed = isAtLeast(version, KNOWS_MAXUNREACH) ? `maxunreach ${MOST_UNREACHABLE_POLLS}` : '';
  return layOut(target, { file: 'chrony.conf', version }, [
    { why: DRIFT, lines: ['driftfile /var/lib/chrony/chrony.drift'] },
    chronySteps(pod),
    { why: "The kernel keeps the hardware clock right, for the next boot's first seconds.", lines: ['rtcsync'] },
    {
      why: 'To syslog, as all that chrony says: whenever it corrects the clock by more than this many seconds.',
      lines: ['logchange 0.1'],
    },
    {
      why: 'Administration from this host only.',
      lines: ['bindcmdaddress 127.0.0.1', 'bindcmdaddress ::1'],
    },
    serving(target),
    ...chronyAuthentication(target),
    isAtLeast(version, KNOWS_LEAPSECLIST) ? leapFileBlock(pod, 'leapseclist') : leapZoneBlock(pod),
    ...(isTogether(target) && isAtLeast(version, KEEPS_TOGETHER)
      ? togetherBlocks(target)
      : sourceBlocks(target, followed)),
    ...(isAtLeast(version, KNOWS_REFRESH) ? refreshing(target) : []),
    extraLines(pod, 'chrony'),
  ]);
}

/**
 * A boundary server's names are the public's, whose addresses take turns: chrony's own two weeks do for them, but where it asks others of its
 * pod too. Decisions 0087, 0095.
 */
function refreshing(target: Target): Block[] {
  const { fleet, pod, tier } = target;
  if (tier === 'boundary' && !isTogether(target)) return [];
  const { everySeconds, allSeconds } = isTogether(target) ? togetherRefresh(fleet, pod, MOST_OF_AN_AZ) : refreshOf(pod);
  return [
    {
      why: `DNS is asked again for one source every ${everySeconds} s, so for all of them within ${allSeconds} s: a server in whose place another is published is left, also where it still answers.`,
      lines: [`refresh ${everySeconds}`],
    },
  ];
}

function serving({ pod, tier }: Target): Block {
  return tier === 'boundary'
    ? {
        why: 'The pod gets the time, and strangers get no answer. chrony listens by address, not by network, and no address stands in a file that serves every host: it listens on all of them, and drops what is not from here.',
        lines: pod.networks.map((cidr) => `allow ${cidr}`),
      }
    : { why: 'A client serves nobody: no port is open for it.', lines: ['port 0'] };
}
