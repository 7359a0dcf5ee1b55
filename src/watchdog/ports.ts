import type { Host, Pod } from '../fleet/fleet.ts';
import type { Datum } from '../metrics/catalogue.ts';
import type { CycleCommand, Mode, PublishedRecord, RecordChange, WaveProgress, RollOut } from '../plan/types.ts';
import type { Report } from '../report/report.ts';

/** What the tick needs of the outside. `aws/` implements each; the tick never reaches for one. */
export interface Instances {
  /** Every instance tagged for the pod in its VPC, any state; tags that do not agree come back as refused sentences. */
  ofPod(pod: Pod): Promise<{ hosts: Host[]; refused: string[] }>;
  /** The ids of these that EC2 does not know, or knows dead. */
  gone(instanceIds: string[]): Promise<string[]>;
}

export interface Zone {
  /** Records of `ntp.az-*.ZONE` and the zone's negative TTL in seconds (null: no SOA seen). */
  read(pod: Pod): Promise<{ records: PublishedRecord[]; negativeTtlSeconds: number | null }>;
  /** Applied as atomic batches; resolves when Route 53 has taken them (not INSYNC). */
  change(pod: Pod, changes: RecordChange[], comment: string): Promise<void>;
}

/** One host's answer to the `collect` document. */
export interface CollectAnswer {
  instanceId: string;
  /** SSM's StatusDetails without spaces; anything but `Success` is unknown. */
  status: string;
  /** null when there is none. */
  output: string | null;
}

export interface Commands {
  /** By tag when `instanceIds` is null. Never throws for a host: a host without answer is missing or not `Success`. */
  collect(pod: Pod, instanceIds: string[] | null, comment: string): Promise<{ commandIds: string[]; answers: CollectAnswer[]; faults: string[] }>;
  /** Sends, does not wait. Ids that SSM refuses are isolated and told in `refused`. */
  cycle(pod: Pod, command: CycleCommand, comment: string): Promise<{ commandId: string | null; refused: { instanceId: string; why: string }[] }>;
  progress(pod: Pod, rollOut: RollOut): Promise<WaveProgress>;
}

export interface Metrics {
  put(data: Datum[]): Promise<{ requests: number }>;
}

export interface Reports {
  read(pod: string): Promise<{ report: Report; etag: string } | null>;
  /** Conditional on the etag read before (null: must not exist). Throws `ReportConflict` when another tick was first. */
  write(report: Report, etag: string | null): Promise<string>;
}

export interface Modes {
  /** Never throws: unreadable is `observe`, with the reason. */
  read(pod: string): Promise<{ mode: Mode; fault: string | null }>;
}

export interface Events {
  dnsChanged(pod: string, names: string[]): Promise<void>;
}

export interface Ports {
  instances: Instances;
  zone: Zone;
  commands: Commands;
  metrics: Metrics;
  reports: Reports;
  modes: Modes;
  events: Events;
}
