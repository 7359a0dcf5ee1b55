import { type Block, DRIFT, layOut } from './layout.ts';
import type { Rendered } from './seal.ts';
import { sourceBlocks } from './sources.ts';
import type { Target } from './target.ts';

/** chrony.conf. Comments stand on lines of their own: chrony knows no others. */
export function chronyConf(target: Target): Rendered {
  return layOut(target, 'chrony.conf', [
    { why: DRIFT, lines: ['driftfile /var/lib/chrony/chrony.drift'] },
    {
      why: 'A clock that is off by more than a second is stepped in the first three updates, and slewed ever after.',
      lines: ['makestep 1.0 3'],
    },
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
    ...sourceBlocks(target),
  ]);
}

function serving({ pod, tier }: Target): Block {
  return tier === 'boundary'
    ? {
        why: 'The pod gets the time, and strangers get no answer. chrony listens by address, not by network, and no address stands in a file that serves every host: it listens on all of them, and drops what is not from here.',
        lines: pod.networks.map((cidr) => `allow ${cidr}`),
      }
    : { why: 'A client serves nobody: no port is open for it.', lines: ['port 0'] };
}
