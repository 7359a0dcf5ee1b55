import type { Host, Pod } from '../../src/fleet/fleet.ts';
import type { Notice } from '../../src/fleet/gathering.ts';
import type { ZoneReading } from '../../src/watchdog/ports.ts';

/** A read that AWS did not answer. */
export interface Failure {
  /** As IAM names it, `ec2:DescribeInstances`. */
  action: string;
  /** AWS's error code, or the system's. */
  code: string;
  /** AWS's own words. */
  text: string;
}

/** What AWS said, or why it said nothing. */
export type Read<T> = { said: T } | { failure: Failure };

/** A host of the pod, and whether EC2 names an instance profile of it. */
export interface SeenHost extends Host {
  hasProfile: boolean;
}

/** The instances that bear the pod's tag. */
export interface SeenHosts {
  hosts: SeenHost[];
  /** Tagged, and yet none of the pod's; why. */
  refused: Notice[];
}

/** An agent that SSM has heard at least once. */
export interface SeenAgent {
  isOnline: boolean;
  /** Epoch ms; null: SSM does not say. */
  lastPingMs: number | null;
  /** `3.3.1611.0`; empty: SSM does not say. */
  version: string;
  /** `Linux`, `Windows`, `MacOS`. */
  platform: string;
}

export interface SeenEndpoint {
  id: string;
  vpc: string;
  /** `com.amazonaws.us-west-2.ssm` */
  service: string;
  /** In lower case, `available`. */
  state: string;
  hasPrivateDns: boolean;
}

export interface SeenSubnet {
  id: string;
  vpc: string;
  az: string;
}

export interface SeenZone {
  /** Without the dot at the end. */
  name: string;
  isPrivate: boolean;
  vpcs: { id: string; region: string }[];
}

/** What was read of one pod. null: fleet.yml lacks the id to ask by, or wants nothing of the kind. */
export interface PodFacts {
  pod: Pod;
  hosts: Read<SeenHosts>;
  /** By instance id. */
  agents: Read<Map<string, SeenAgent>>;
  /** `said: null`: there is no such VPC. */
  vpcDns: Read<{ support: boolean; hostnames: boolean } | null> | null;
  /** Those of the VPC, and those that fleet.yml names. */
  endpoints: Read<SeenEndpoint[]> | null;
  /** Those that `newEndpoint` names, as far as they are there. */
  subnets: Read<SeenSubnet[]> | null;
  /** `said: null`: there is no such zone. */
  zone: Read<SeenZone | null> | null;
  /** What stands in the zone, where there is one. */
  records: Read<ZoneReading> | null;
  /** Texts of the parameters of the pod's mode and of the stage's; null: there is none. */
  modes: Read<{ name: string; text: string | null }[]>;
}

export interface RegionFacts {
  region: string;
  /** How many functions the account runs at one time, and how many of these nobody has reserved. */
  concurrency: Read<{ executions: number; unreserved: number }>;
}

export interface Facts {
  caller: Read<{ account: string; arn: string }>;
  regions: RegionFacts[];
  pods: PodFacts[];
  /** Epoch ms of the look. */
  nowMs: number;
}
