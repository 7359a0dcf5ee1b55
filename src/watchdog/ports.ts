import type { Rendered } from '../config/seal.ts';
import type { FileStates } from '../config/trials/file-states.ts';
import type { Permit } from '../config/trials/permits.ts';
import type { Host, Pod } from '../fleet/fleet.ts';
import type { Notice } from '../fleet/gathering.ts';
import type { PublishedRecord } from '../fleet/records.ts';
import type { HistoryColumns } from '../history/columns.ts';
import type { CycleOutcome } from '../host/verdict.ts';
import type { PutRequest } from '../metrics/pack.ts';
import type { CycleCommand, Mode, RecordChange } from '../plan/plan.ts';
import type { ReadReport } from '../report/read-report.ts';
import type { Report } from '../report/report.ts';
import type { ReadMemory, ReadState } from '../state/read.ts';
import type { HostMemory, KnownHost, State } from '../state/state.ts';

export interface PodInstances {
  hosts: Host[];
  /** Instances whose tags, VPC or AZ do not agree, each by its id. */
  refused: Notice[];
  /** What EC2 did not answer, each a sentence. */
  faults: string[];
  /** Known ids that EC2 did not answer about: they may live though `hosts` lacks them. */
  unread: string[];
}

/** How EC2 knows single instances. */
export interface InstanceStates {
  /** By instance id. */
  states: Map<string, string>;
  /** Those that EC2 does not know: `InvalidInstanceID.NotFound` to a request by that id alone. */
  unknown: string[];
  /** What EC2 did not answer, each a sentence; an id that is neither in `states` nor `unknown` may live. */
  faults: string[];
}

/** What podtime needs of the outside. `aws/` implements each; a tick receives them as arguments. */
export interface Instances {
  /**
   * Every instance tagged for the pod in its VPC, any state. When EC2 cannot list by tag, as while an AZ is disrupted, the
   * known ones are asked for by id, AZ by AZ. Throws when no AZ answers.
   */
  ofPod(pod: Pod, known: readonly KnownHost[]): Promise<PodInstances>;
  /**
   * The boundary servers of all these pods, any state, in one request a page: however many clients they have. Where EC2 cannot
   * list by tag, `known` ones are asked for by id, AZ by AZ; one of no AZ ('') is asked for too. Throws as `ofPod` does.
   */
  serversOf(pods: readonly Pod[], known: () => Promise<readonly KnownHost[]>): Promise<PodInstances>;
  /**
   * Who of the pod the tag `ntp-hold` holds: in one request, however many others it has. While EC2 cannot list by tag `wave` is asked for
   * by id, AZ by AZ; throws where nobody of it is given, or no AZ answers.
   */
  heldOf(pod: Pod, wave: readonly KnownHost[]): Promise<HeldHosts>;
  /** One request an id. */
  statesOf(instanceIds: readonly string[]): Promise<InstanceStates>;
}

export interface ZoneReading {
  /** Those of `ntp.az-*.ZONE`. */
  records: PublishedRecord[];
  /** null: no SOA seen. */
  negativeTtlSeconds: number | null;
  /** Names such as `*.pod` and `*.az-b.pod`, whose addresses are the answer for names of podtime's that have no record. In order. */
  wildcards: string[];
}

export interface Zone {
  read(pod: Pod): Promise<ZoneReading>;
  /** Those of `ntp.az-*.ZONE` alone: one request for each 300, where `read` makes one more. */
  records(pod: Pod): Promise<PublishedRecord[]>;
  /** One atomic batch; resolves when Route 53 has taken it (not INSYNC). Deleting what is already gone is no error. */
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

export interface Collection {
  commandIds: string[];
  faults: string[];
  /** As many answers were read as SSM counts hosts that are through. */
  isWhole: boolean;
}

export interface CollectWait {
  /** Nobody is waited for longer. */
  waitSeconds: number;
  /** Ends the waiting: nobody wants the answers any more. */
  signal?: AbortSignal;
}

export interface SentCommand {
  commandId: string;
  instanceIds: string[];
}

/** A command as SSM lists it. */
export interface ListedCommand extends SentCommand {
  /** So many of its hosts are through, by SSM's counts. */
  through: number;
}

/** A host that a command was not sent to. */
export interface RefusedHost {
  instanceId: string;
  why: string;
  /** Why, without what is one call's own (its log entry): what several are told by. Missing: as `why`. */
  cause?: string;
}

export interface SentCommands {
  commands: SentCommand[];
  /** Not sent. */
  refused: RefusedHost[];
  /** Perhaps sent: SSM did not say. */
  unsure: { instanceIds: string[]; why: string }[];
}

export interface Commands {
  /**
   * By tag when `instanceIds` is null. What hosts answer is handed to `hear` as it comes, each host once; one without answer
   * is missing, or not `Success`.
   */
  collect(
    pod: Pod,
    instanceIds: string[] | null,
    comment: string,
    wait: CollectWait,
    hear: (answers: CollectAnswer[]) => void,
  ): Promise<Collection>;
  /**
   * Sends once, does not wait. Ids that SSM refuses are isolated, the others sent; what was sent is answered whatever else fails,
   * and the limits of all commands together are the command's. What SSM neither took nor plainly refused is `unsure`. Throws when
   * certainly nothing was sent.
   */
  cycle(pod: Pod, command: CycleCommand, comment: string): Promise<SentCommands>;
  /** How these commands stand together, and how they ended on each host that is through. */
  progress(pod: Pod, commandIds: string[]): Promise<CommandProgress>;
  /** The commands of a wave that SSM lists since then (epoch ms), in one call a page. Its list lags: finding none proves nothing. */
  findWave(pod: Pod, waveId: string, sinceMs: number): Promise<ListedCommand[]>;
}

export interface CommandProgress {
  /** Of all commands, and all their answers are listed. */
  ended: boolean;
  /** SSM lists every host of every command, and as many answers as it counts hosts that are through: its lists are not behind. */
  isWhole: boolean;
  failed: number;
  outcomes: ({ instanceId: string } & CycleOutcome)[];
}

export interface Metrics {
  put(request: PutRequest): Promise<void>;
}

export interface Reports {
  read(pod: string): Promise<ReadReport>;
  /** Over whatever stands there. A run writes it last, once it has given its turn back: what is remembered comes before the page. */
  write(report: Report): Promise<void>;
}

export interface LastState extends ReadState {
  /** The version read; null: there is none. */
  etag: string | null;
}

export interface States {
  read(pod: string): Promise<LastState>;
  /** Over the version read before (null: there was none). Throws `StateConflict` when another run was first. Answers the new etag. */
  write(state: State, etag: string | null): Promise<string>;
}

export interface Memories {
  read(pod: string, key: string): Promise<ReadMemory>;
  /** Answers the key, by which the state names it. */
  write(hosts: HostMemory): Promise<string>;
}

/** A permit, and the version read; null: there is none. */
export interface ReadPermit {
  permit: Permit | null;
  etag: string | null;
}

/** What a pod's files need of the outside. Decision 0143. */
export interface Files {
  /** Which revisions are served, as it was told last; none have settled where nothing was. Throws where it cannot be read. */
  states(pod: string): Promise<FileStates>;
  /** Tells the function that serves them. */
  tell(pod: string, states: FileStates): Promise<void>;
  /** Each revision's text is kept once, before it is told that it has settled. */
  keep(pod: string, file: Rendered): Promise<void>;
  permit(pod: string, slot: string): Promise<ReadPermit>;
}

/** What serving them needs. */
export interface ServedFiles extends Pick<Files, 'permit' | 'states'> {
  /** Throws where it cannot be read, or is not there. */
  text(pod: string, revision: string): Promise<string>;
  /** Over the version read before. false: another request was first. */
  give(pod: string, slot: string, permit: Permit, etag: string | null): Promise<boolean>;
}

/** Names the object of a tick's rows. */
export interface RecordedObject {
  pod: string;
  tickId: string;
  /** Epoch ms; when the tick began. */
  startedAtMs: number;
}

export interface Histories {
  /** Once a tick: its rows, some at a time. */
  write(tick: RecordedObject, blocks: Iterable<HistoryColumns>): Promise<void>;
  has(tick: RecordedObject): Promise<boolean>;
}

/** Instance ids. */
export interface HeldHosts {
  held: string[];
  /** Of a wave's hosts those that EC2 does not describe as hosts of the pod: whether they are held nobody knows. */
  unsaid: string[];
  /** What EC2 did not answer, each a sentence. */
  faults: string[];
}

export interface ReadMode {
  mode: Mode;
  /** Why it is `observe` where no operator wrote that, as a sentence. */
  fault: string | null;
  /** The call to AWS that failed: which mode an operator wrote is not known, and asking again may tell. null: AWS answered. */
  unread: Error | null;
}

export interface Modes {
  /** Never throws: unreadable is `observe`, with the reason. */
  read(pod: string): Promise<ReadMode>;
}

export interface Events {
  dnsChanged(pod: string, names: string[]): Promise<void>;
}

/** Another run wrote the state meanwhile. */
export class StateConflict extends Error {
  override readonly name = 'StateConflict';

  constructor(pod: string, cause: unknown) {
    super(`Another run of podtime wrote the state of pod ${pod} first.`, { cause });
  }
}

/** What judging who belongs into DNS needs: it reads, and changes nothing. */
export interface Reading {
  instances: Instances;
  zone: Pick<Zone, 'read'>;
  states: States;
  modes: Modes;
}

/** What changing DNS needs. */
export interface Changing {
  zone: Zone;
  events: Events;
}

/** What registering and withdrawing servers needs. */
export type Membership = Reading & Changing;

/** What a live look needs. */
export interface Looking extends Reading {
  commands: Commands;
  memories: Memories;
  reports: Reports;
}

/** What cycling on demand needs: DNS stays as it is. */
export interface OnDemand extends Looking {
  metrics: Metrics;
  histories: Histories;
}

/** All that a whole tick needs. */
export type Ports = OnDemand & Changing & { files: Files };
