import type { Memory } from '../../src/plan/plan.ts';
import type { Turn } from '../../src/state/due.ts';
import type { Weather } from './weather.ts';

/** What state and memory hold of the pod. */
export interface Stored extends Turn {
  memory: Memory;
  /** Hosts that were judged: by their ids EC2 is asked when it cannot be asked by tag. */
  hosts: { instanceId: string; az: string; tier: 'boundary' | 'client' }[];
}

/** The state of the pod in S3 with the memory that it names, written over the version that was read or not at all. */
export class StateStore {
  last: Stored | null = null;
  etag = 0;

  constructor(private readonly weather: Weather) {}

  isReadable(): boolean {
    return this.weather.s3 !== 'fails';
  }

  /** False: S3 refused, or another run was first. A lost answer is found out by reading the object again. */
  write(stored: Stored, etag: number): boolean {
    const { s3 } = this.weather;
    if (s3 === 'fails' || s3 === 'refuses-writes' || etag !== this.etag) return false;
    this.etag += 1;
    this.last = stored;
    return true;
  }
}
