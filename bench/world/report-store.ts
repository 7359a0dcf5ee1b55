import type { Memory } from '../../src/plan/plan.ts';
import type { Weather } from './weather.ts';

/** What the report holds of the last tick. */
export interface Stored {
  tickId: string;
  startedAtMs: number;
  endedAtMs: number | null;
  untilMs: number;
  unfinished: boolean;
  memory: Memory;
  /** Hosts that were judged: by their ids EC2 is asked when it cannot be asked by tag. */
  hosts: { instanceId: string; az: string }[];
}

/** The report of the pod in S3, written over the version that was read or not at all. */
export class ReportStore {
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
