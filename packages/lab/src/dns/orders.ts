import type { ServedZone } from '@podtime/aws-endpoint';
import type { OutsideName } from './authority.ts';

/** What the server's process is told, and tells, over its channel. */
export type Order =
  | { kind: 'start'; listen: Listening[]; outside: OutsideName[]; zones: ServedZone[] }
  | { kind: 'zones'; zones: ServedZone[] }
  /** The resolver keeps what it knows, however old it grows. */
  | { kind: 'hold' }
  | { kind: 'release' }
  /** The resolver forgets all. */
  | { kind: 'flush' };

/** `resolver`: the VPC's ".2", which keeps answers. `authority`: the zone's own name servers. */
export interface Listening {
  role: 'resolver' | 'authority';
  address: string;
  port: number;
}

export type News = { kind: 'listening'; ports: number[] } | { kind: 'failed'; sentence: string } | { kind: 'done' };
