import type { Pod } from '../fleet/fleet.ts';
import type { Block } from './layout.ts';

const WHY =
  'Leap seconds, also those that no server announces. A file that is missing or has expired keeps no daemon from starting.';

/** Decision 0093. @param directive of the daemon, before the file's path */
export function leapFileBlock({ leapFile }: Pod, directive: 'leapfile' | 'leapseclist'): Block {
  return { why: WHY, lines: leapFile === null ? [] : [`${directive} ${leapFile}`] };
}

/** chrony before 4.6 reads no such file, but the zone that tzdata makes of it. */
export function leapZoneBlock({ leapFile }: Pod): Block {
  return { why: WHY, lines: leapFile === null ? [] : ['leapsectz right/UTC'] };
}
