import type { ServedZone } from '@podtime/aws-endpoint';
import type { ExternalName } from './authority.ts';

/** What the server's process is told, and tells, over its channel. */
export type ControlRequest =
  | { kind: 'start'; listen: ListenAddress[]; outside: ExternalName[]; zones: ServedZone[] }
  | { kind: 'zones'; zones: ServedZone[] }
  /** The resolver keeps what it knows, however old it grows. */
  | { kind: 'hold' }
  | { kind: 'release' }
  /** The resolver forgets all. */
  | { kind: 'flush' };

/** `resolver`: the VPC's ".2", which keeps answers. `authority`: the zone's own name servers. */
export interface ListenAddress {
  role: 'resolver' | 'authority';
  address: string;
  port: number;
}

export type ControlReply =
  | { kind: 'listening'; ports: number[] }
  | { kind: 'failed'; sentence: string }
  | { kind: 'done' };
