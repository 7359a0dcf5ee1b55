import { revisionReader } from '../../src/config/revision.ts';
import { judgeAll } from '../../src/diagnosis/judge.ts';
import type { Judgement, Sighting } from '../../src/diagnosis/judgement.ts';
import type { Host } from '../../src/fleet/fleet.ts';
import type { PublishedRecord } from '../../src/fleet/records.ts';
import { parseCollected } from '../../src/host/collect.ts';
import type { Collected } from '../../src/host/collected.ts';
import {
  type CycleRequest,
  EMPTY_MEMORY,
  type Memory,
  type Mode,
  type Plan,
  type PlanInput,
  plan,
  planBlind,
  planOnDemandCycle,
  rememberSent,
  type SentWave,
  tickDue,
  type WaveProgress,
} from '../../src/plan/plan.ts';
import type { SentCommands } from '../../src/watchdog/ports.ts';
import { Ec2 } from './ec2.ts';
import type { Invariants } from './invariants.ts';
import { printed } from './printed.ts';
import { Random } from './random.ts';
import { Registrar } from './registrar.ts';
import { ReportStore, type Stored } from './report-store.ts';
import { Ssm } from './ssm.ts';
import { orNull, type Weather } from './weather.ts';
import type { World } from './world.ts';

/** Of so many answers the text is printed and read, as on AWS; the others are handed over as read. */
const THROUGH_TEXT_SHARE = 0.02;
/** An event of EC2's is lost so often. */
const EVENT_LOST_SHARE = 0.05;
/** A run starts each minute, at this second. */
const MINUTE_MS = 60_000;
/** Hosts have answered after so long; who has not is waited for. */
const ANSWERED_SECONDS = 4;

/** A run that has not ended by then is dead: the function's timeout, and what two clocks may be apart. */
const RUN_MS = 190_000;

/** How a run thinks: the product's plan, or one that a test broke. */
export interface Planner {
  plan: (input: PlanInput) => Plan;
  onDemand: (input: PlanInput, request: CycleRequest) => Plan;
}

export const PRODUCT: Planner = { plan, onDemand: planOnDemandCycle };

/** What one run saw of the pod. */
interface Observation {
  tickId: string;
  startedAtMs: number;
  etag: number;
  mode: Mode;
  hosts: Host[];
  unread: string[];
  unknownIds: string[];
  ownerStates: Record<string, string>;
  records: PublishedRecord[] | null;
  last: Stored | null;
  isLastRead: boolean;
  request: CycleRequest | null;
}

/** The product over a modelled AWS: its judge and its plan are real, and composed as src/watchdog composes them. */
export class Podtime {
  readonly ssm: Ssm;
  readonly registrar: Registrar;
  ticks = 0;
  readonly ec2: Ec2;
  private readonly random: Random;
  private readonly revisionOf: ReturnType<typeof revisionReader>;
  private readonly store: ReportStore;
  private runs = 0;

  constructor(
    private readonly world: World,
    private readonly weather: Weather,
    /** null: the twin, which registers and does nothing else. */
    private readonly invariants: Invariants | null,
    private readonly planner: Planner = PRODUCT,
  ) {
    const { seed, fleet, pod } = world.setting;
    this.random = new Random(seed, 'podtime');
    this.ec2 = new Ec2(world, weather);
    this.ssm = new Ssm(world, weather, this.random, (instance, cycle) => this.invariants?.acted(instance, cycle));
    this.revisionOf = revisionReader(fleet, pod);
    this.store = new ReportStore(weather);
    this.registrar = new Registrar(world, weather, this.ec2, this.store, invariants, () => {
      if (invariants === null) return;
      world.agenda.in(this.random.between(2, 10), () => weather.isPodtimeDown || this.begin(null));
    });
  }

  /** The schedule: a run each minute. */
  start(): void {
    const minute = () => {
      this.world.agenda.in(60, minute);
      // without the last report a run does not know whether it is due
      if (this.weather.isPodtimeDown || !this.store.isReadable()) return;
      if (tickDue(this.store.last, this.world.nowMs, this.world.setting.pod).due) this.begin(null);
    };
    this.world.agenda.at(Math.ceil(this.world.nowMs / MINUTE_MS) * MINUTE_MS + 7000, minute);
  }

  /** `sls invoke -f cycle`. */
  cycleByHand(request: CycleRequest): void {
    if (!this.weather.isPodtimeDown) this.begin(request);
  }

  /** EC2 says that an instance's state changed: at best once, and seconds later. */
  stateChanged(instanceId: string, state: string): void {
    if (this.random.chance(EVENT_LOST_SHARE)) return;
    this.world.agenda.in(this.random.between(1, 20), () => this.registrar.followInstance(instanceId, state));
  }

  /** A run begins: it reads, asks the hosts, and goes on when they have answered. */
  private begin(request: CycleRequest | null): void {
    this.runs += 1;
    const tickId = `tick-${this.runs}`;
    const observation = this.observe(tickId, request);
    if (observation === null) return;
    if (this.isKilled(tickId, 'it read')) return;
    this.world.agenda.in(3, () => {
      const running = observation.hosts.filter(({ state }) => state === 'running').map(({ instanceId }) => instanceId);
      const answers = this.ssm.collect(running, (instance) => this.revisionOf(instance, instance.kind));
      const seconds = answers.size === running.length ? ANSWERED_SECONDS : this.world.setting.pod.collectWaitSeconds;
      this.world.agenda.in(seconds - 3, () => this.decide(observation, answers));
    });
  }

  private observe(tickId: string, request: CycleRequest | null): Observation | null {
    const { weather, world } = this;
    const isLastRead = this.store.isReadable();
    const last = isLastRead ? this.store.last : null;
    const records = weather.route53 === 'fails' ? null : world.zone.list();
    const instances = orNull(this.world, () => this.ec2.ofPod(last?.hosts ?? []));
    if (instances === null) return null;
    const { hosts, unread } = instances;
    const listed = new Set([...hosts.map(({ instanceId }) => instanceId), ...unread]);
    const setIdentifiers = new Set((records ?? []).flatMap(({ setIdentifier }) => setIdentifier ?? []));
    const unlisted = [...setIdentifiers].filter((id) => !listed.has(id));
    const owners = orNull(this.world, () => this.ec2.statesOf(unlisted)) ?? { unknown: [], states: [] };
    const ownerStates = Object.fromEntries(owners.states);
    const described = { hosts, unread, unknownIds: owners.unknown, ownerStates };
    const { mode } = weather;
    const { etag } = this.store;
    return { tickId, startedAtMs: world.nowMs, etag, mode, ...described, records, last, isLastRead, request };
  }

  private decide(observation: Observation, answers: ReadonlyMap<string, Collected>): void {
    const { tickId, records, isLastRead, etag, request } = observation;
    const { pod } = this.world.setting;
    const memory = observation.last?.memory ?? EMPTY_MEMORY;
    const judgements = this.judge(observation, answers, memory);
    const isBlind = records === null || !isLastRead;
    const input = this.inputOf(observation, judgements, memory);
    const decided = isBlind
      ? planBlind(pod, memory, ['something'])
      : request === null
        ? this.planner.plan(input)
        : this.planner.onDemand(input, request);
    this.invariants?.saw(input);
    this.ticks += 1;
    this.traceTick(observation, decided, judgements);
    const given = { force: request?.force ?? false, isBlind, answers };
    if (isBlind) this.invariants?.planned(input, decided, given);
    if (isBlind) return;
    const stored = this.storedOf(observation, decided);
    // what is about to be sent is written first, over the version that was read
    if (!this.store.write({ ...stored, endedAtMs: null }, etag)) return;
    this.invariants?.planned(input, decided, given);
    const claim = this.store.etag;
    if (this.isKilled(tickId, 'it wrote what it will do')) return;
    this.apply(observation, decided, stored, claim);
  }

  private apply(observation: Observation, decided: Plan, stored: Stored, claim: number): void {
    const { tickId, mode, request } = observation;
    const mayChange = request === null && this.weather.mode === mode;
    const isRefused = mayChange && !this.registrar.change(decided.changes, 'tick');
    if (this.isKilled(tickId, 'it changed DNS')) return;
    const sent: SentWave[] = [];
    if (this.weather.mode === mode) {
      for (const [index, command] of decided.cycles.entries()) {
        const waveMates = decided.cycles
          .filter(({ tier }) => tier === command.tier)
          .flatMap(({ instanceIds }) => instanceIds);
        const failed = decided.memory.rollOuts[command.tier]?.failed ?? [];
        this.invariants?.sends(command, index === 0 ? [] : waveMates, failed);
        const answer = this.send(tickId, command);
        const perhaps = answer.unsure.map(({ instanceIds }) => ({ commandId: null, instanceIds }));
        sent.push({ tier: command.tier, commands: [...answer.commands, ...perhaps] });
        if (this.isKilled(tickId, `it sent ${index + 1} of ${decided.cycles.length} commands`)) return;
      }
    }
    const memory = rememberSent(decided.memory, decided.cycles, sent);
    const unfinished = stored.unfinished || isRefused;
    this.store.write({ ...stored, memory, unfinished, endedAtMs: this.world.nowMs }, claim);
  }

  private send(tickId: string, command: Plan['cycles'][number]): SentCommands {
    const { waveId, instanceIds, reason } = command;
    const answer = orNull(this.world, () => this.ssm.send(command)) ?? { commands: [], refused: [], unsure: [] };
    const fate = answer.commands.length > 0 ? '' : answer.unsure.length > 0 ? ', perhaps' : ', in vain';
    this.world.trace?.(`${tickId} sends ${waveId} to ${instanceIds.join(', ')}${fate}: ${reason}`);
    return answer;
  }

  private judge({ hosts, records }: Observation, answers: ReadonlyMap<string, Collected>, memory: Memory): Judgement[] {
    const { pod } = this.world.setting;
    const sightings = hosts
      .filter(({ state }) => state === 'running')
      .map((host): Sighting => {
        const collected = answers.get(host.instanceId);
        if (collected === undefined) return { host, collected: null, status: 'NoAnswer' };
        const isText = this.random.chance(THROUGH_TEXT_SHARE);
        return { host, collected: isText ? parseCollected(printed(collected)) : collected, status: 'Success' };
      });
    const expectedRevision = this.revisionOf;
    return judgeAll(sightings, { pod, hosts, records, unjoinedBefore: memory.unjoined, expectedRevision });
  }

  private inputOf(observation: Observation, judgements: Judgement[], memory: Memory): PlanInput {
    const { tickId, mode, hosts, unread, unknownIds, ownerStates } = observation;
    const { pod } = this.world.setting;
    const { nowMs } = this.world;
    const records = observation.records ?? [];
    const progress = this.progressOf(memory);
    const seen = { hosts, unread, unknownIds, ownerStates, records, judgements };
    return { pod, tickId, nowMs, mode, ...seen, memory, progress };
  }

  private progressOf(memory: Memory): WaveProgress[] {
    return Object.values(memory.rollOuts).flatMap(({ tier, commands }) => {
      const ids = commands.flatMap(({ commandId }) => commandId ?? []);
      const progress = orNull(this.world, () => this.ssm.progress(ids));
      if (progress === null) return [];
      const answers = progress.outcomes.map(({ instanceId, kind, reason }) => ({ instanceId, kind, reason }));
      return [{ tier, ended: progress.ended, answers }];
    });
  }

  private storedOf({ tickId, startedAtMs, hosts }: Observation, { memory, unfinished }: Plan): Stored {
    const judged = hosts.filter(({ state }) => state === 'running').map(({ instanceId, az }) => ({ instanceId, az }));
    const untilMs = startedAtMs + RUN_MS;
    return { tickId, startedAtMs, endedAtMs: null, untilMs, unfinished, memory, hosts: judged };
  }

  private isKilled(tickId: string, after: string): boolean {
    if (!this.random.chance(this.weather.kills)) return false;
    this.world.trace?.(`${tickId} is killed after ${after}`);
    return true;
  }

  private traceTick({ tickId, mode }: Observation, { stale, refusals }: Plan, judgements: readonly Judgement[]): void {
    const { trace } = this.world;
    if (trace === null) return;
    const bad = judgements
      .filter(({ state }) => state !== 'healthy')
      .map(({ host, state }) => `${host.instanceId} ${state}`);
    trace(`${tickId} (${mode}): stale ${stale.join(', ') || 'nobody'}; not healthy ${bad.join(', ') || 'nobody'}`);
    for (const { rule, sentence } of refusals) trace(`    ${rule}: ${sentence}`);
  }
}
