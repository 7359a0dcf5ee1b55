import type { Judgement } from '../../src/diagnosis/judgement.ts';
import { countByTier } from '../../src/fleet/fleet.ts';
import type { Collected } from '../../src/host/collected.ts';
import {
  type CycleRequest,
  EMPTY_MEMORY,
  isSentWave,
  type Memory,
  type Plan,
  type PlanInput,
  planBlind,
  rememberSent,
  type SentWave,
  type WaveProgress,
} from '../../src/plan/plan.ts';
import { isDead, nextDueMs, type Turn, tickDue } from '../../src/state/due.ts';
import type { Claim } from '../../src/state/state.ts';
import type { SentCommands } from '../../src/watchdog/ports.ts';
import { Ec2 } from './ec2.ts';
import type { Instance } from './instance.ts';
import type { Invariants } from './invariants.ts';
import { VERSIONS } from './observation.ts';
import { judgedHosts, type Observation, Observer } from './observer.ts';
import { type Planner, PRODUCT } from './planner.ts';
import { Random } from './random.ts';
import { Registrar } from './registrar.ts';
import { ShortRuns } from './short-run.ts';
import { Ssm } from './ssm.ts';
import { StateStore, type Stored } from './state-store.ts';
import { type Truth, truthsOf } from './truth.ts';
import { orNull, type Weather } from './weather.ts';
import type { World } from './world.ts';

/** An event of EC2's is lost so often. */
const EVENT_LOST_SHARE = 0.05;
/** A run starts each minute, at this second. */
const MINUTE_MS = 60_000;
/** Hosts have answered after so long; who has not is waited for. */
const ANSWERED_SECONDS = 4;

/** A run that has not ended by then is dead: the function's timeout, and what two clocks may be apart. */
const RUN_MS = 190_000;

/** What hosts answered, and what was so then. */
interface Looked {
  answers: ReadonlyMap<string, Collected>;
  truths: ReadonlyMap<string, Truth>;
  askedMs: number;
}

/** Of a pod in which no tick has begun yet. */
const NO_TURN: Turn = { claim: null, last: null, dueAtMs: 0, again: false };
const NOTHING: Stored = { ...NO_TURN, memory: EMPTY_MEMORY, hosts: [] };

/** The product over a modelled AWS: its judge and its plan are real, and composed as src/watchdog composes them. */
export class Podtime {
  readonly ssm: Ssm;
  readonly registrar: Registrar;
  ticks = 0;
  readonly ec2: Ec2;
  private readonly random: Random;
  private readonly observer: Observer;
  private readonly store: StateStore;
  private readonly shortRuns: ShortRuns;
  private runs = 0;

  constructor(
    private readonly world: World,
    private readonly weather: Weather,
    /** null: the twin, which registers and does nothing else. */
    private readonly invariants: Invariants | null,
    private readonly planner: Planner = PRODUCT,
  ) {
    this.random = new Random(world.setting.seed, 'podtime');
    this.ec2 = new Ec2(world, weather);
    this.ssm = new Ssm(world, weather, this.random, (instance, cycle) => this.invariants?.acted(instance, cycle));
    this.observer = new Observer(world, weather, this.ec2, this.random);
    this.store = new StateStore(weather);
    this.shortRuns = new ShortRuns(world, weather, this.store, invariants, this, planner.nextWave);
    this.registrar = new Registrar(world, weather, this.ec2, this.store, invariants, () => {
      if (invariants === null) return;
      world.agenda.in(this.random.between(2, 10), () => weather.isPodtimeDown || this.begin(null, true));
    });
  }

  /** The schedule: a run each minute. */
  start(): void {
    const minute = () => {
      this.world.agenda.in(60, minute);
      // without the state a run does not know whether it is due
      if (this.weather.isPodtimeDown || !this.store.isReadable()) return;
      if (tickDue(this.store.last ?? NO_TURN, this.world.nowMs, this.world.setting.pod).due) this.tick();
      else {
        this.runs += 1;
        this.shortRuns.begin(`tick-${this.runs}`);
      }
    };
    this.world.agenda.at(Math.ceil(this.world.nowMs / MINUTE_MS) * MINUTE_MS + 7000, minute);
  }

  /** `sls invoke -f cycle`. */
  cycleByHand(request: CycleRequest): void {
    if (!this.weather.isPodtimeDown) this.begin(request, true);
  }

  /** EC2 says that an instance's state changed: at best once, and seconds later. */
  stateChanged(instanceId: string, state: string): void {
    if (this.random.chance(EVENT_LOST_SHARE)) return;
    this.world.agenda.in(this.random.between(1, 20), () => this.registrar.followInstance(instanceId, state));
  }

  tick(): void {
    this.begin(null, false);
  }

  /** A run begins: it claims its turn, reads, asks the hosts, and goes on when they have answered. */
  private begin(request: CycleRequest | null, bringsNews: boolean): void {
    this.runs += 1;
    const tickId = `tick-${this.runs}`;
    const before = this.store.isReadable() ? (this.store.last ?? NOTHING) : null;
    const isClaimed = before !== null && this.claim(tickId, before, bringsNews);
    if (isClaimed === null || this.isKilled(tickId, 'it claimed its turn')) return;
    const observation = this.observer.observe(tickId, request, before, isClaimed);
    if (observation === null) {
      this.giveBack(tickId, this.world.nowMs, { unfinished: true });
      return;
    }
    if (this.isKilled(tickId, 'it read')) return;
    this.world.agenda.in(3, () => {
      const askedMs = this.world.nowMs;
      const running = observation.hosts.filter(({ state }) => state === 'running').map(({ instanceId }) => instanceId);
      const answers = this.ssm.collect(running, (instance) =>
        this.observer.revisionOf(instance, instance.kind, VERSIONS[instance.kind]),
      );
      const truths = truthsOf(this.world, answers.keys());
      const seconds = answers.size === running.length ? ANSWERED_SECONDS : this.world.setting.pod.collectWaitSeconds;
      this.world.agenda.in(seconds - 3, () => this.decide(observation, { answers, truths, askedMs }));
    });
  }

  /** False: S3 did not take the claim. null: the turn is another run's, which is told of news. */
  claim(tickId: string, before: Stored, bringsNews: boolean): boolean | null {
    const { nowMs } = this.world;
    if (before.claim && !isDead(before.claim, nowMs)) {
      if (bringsNews) this.store.write({ ...before, again: true }, this.store.etag);
      return null;
    }
    const claim: Claim = { tickId, startedAtMs: nowMs, untilMs: nowMs + RUN_MS };
    return this.store.write({ ...before, claim, again: false }, this.store.etag);
  }

  /** While the turn is its own a run writes over the news of others. False: it has lost the turn, or S3 does not take it. */
  keep(tickId: string, changed: Partial<Stored>): boolean {
    const { last, etag } = this.store;
    if (last?.claim?.tickId !== tickId) return false;
    const isKept = this.store.write({ ...last, ...changed }, etag);
    if (isKept && changed.memory) this.invariants?.remembered();
    return isKept;
  }

  private giveBack(
    tickId: string,
    startedAtMs: number,
    { unfinished, ...changed }: Partial<Pick<Stored, 'memory' | 'hosts'>> & { unfinished: boolean },
  ): void {
    const endedAtMs = this.world.nowMs;
    const isDue = unfinished || (this.store.last?.again ?? false);
    const dueAtMs = nextDueMs({ startedAtMs, endedAtMs, unfinished: isDue }, this.world.setting.pod);
    this.keep(tickId, { ...changed, claim: null, last: { tickId, startedAtMs, endedAtMs }, dueAtMs, again: false });
  }

  private decide(observation: Observation, { answers, truths, askedMs }: Looked): void {
    const { tickId, startedAtMs, records, isLastRead, isClaimed, request } = observation;
    const { pod } = this.world.setting;
    const memory = observation.last?.memory ?? EMPTY_MEMORY;
    const tookSeconds = (this.world.nowMs - askedMs) / 1000;
    const { judgements, ...clocks } = this.observer.judge(observation, answers, memory, tookSeconds);
    this.invariants?.judged({ pod, judgements, truths, ...clocks });
    const isBlind = records === null || !isLastRead || !isClaimed;
    const input = this.inputOf(observation, judgements, memory);
    const decided = isBlind
      ? planBlind(input, ['something'])
      : request === null
        ? this.planner.plan(input)
        : this.planner.onDemand(input, request);
    this.invariants?.saw(input);
    this.shortRuns.saw(input, answers);
    this.ticks += 1;
    traceTick(this.world, observation, decided, judgements);
    const given = { force: request?.force ?? false, isBlind, answers, sawMs: input.nowMs };
    if (isBlind) this.invariants?.planned(input, decided, given);
    if (isBlind) {
      this.giveBack(tickId, startedAtMs, { ...(isLastRead && { memory: decided.memory }), unfinished: true });
      return;
    }
    const hosts = judgedHosts(observation);
    // what is about to be sent is written first, and who is withdrawn, while the turn is still this run's
    const isWithdrawn = (id: string) => memory.withdrawn[id] !== undefined;
    const withdraws = !Object.keys(decided.memory.withdrawn).every(isWithdrawn);
    if ((decided.cycles.length > 0 || withdraws) && !this.keep(tickId, { memory: decided.memory })) return;
    this.invariants?.planned(input, decided, given);
    if (this.isKilled(tickId, 'it wrote what it will do')) return;
    this.apply(observation, decided, hosts);
  }

  private apply(observation: Observation, decided: Plan, hosts: Stored['hosts']): void {
    const { tickId, startedAtMs, mode, request } = observation;
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
        sent.push(this.send(tickId, command));
        if (this.isKilled(tickId, `it sent ${index + 1} of ${decided.cycles.length} commands`)) return;
      }
    }
    const memory = rememberSent(decided.memory, decided.cycles, sent);
    const isSent = decided.cycles.every(({ tier }) => isSentWave(memory.rollOuts[tier]));
    this.giveBack(tickId, startedAtMs, { memory, hosts, unfinished: decided.unfinished || isRefused || !isSent });
  }

  send(tickId: string, command: Plan['cycles'][number]): SentWave {
    const { tier, waveId, instanceIds, reason } = command;
    const nothing: SentCommands = { commands: [], refused: [], unsure: [] };
    const answer = orNull(this.world, () => this.ssm.send(command)) ?? nothing;
    const fate = answer.commands.length > 0 ? '' : answer.unsure.length > 0 ? ', perhaps' : ', in vain';
    this.world.trace?.(`${tickId} sends ${waveId} to ${instanceIds.join(', ')}${fate}: ${reason}`);
    const perhaps = answer.unsure.map((unsure) => ({ commandId: null, instanceIds: unsure.instanceIds }));
    return { tier, commands: [...answer.commands, ...perhaps] };
  }

  private inputOf(observation: Observation, judgements: Judgement[], memory: Memory): PlanInput {
    const { tickId, mode, hosts, unread, unknownIds, ownerStates } = observation;
    const { pod } = this.world.setting;
    const { nowMs } = this.world;
    const records = observation.records ?? [];
    const progress = this.progressOf(memory);
    const isUnread = new Set(unread);
    const known = observation.last?.hosts ?? [];
    const unreadByTier = countByTier(known.filter(({ instanceId }) => isUnread.has(instanceId)));
    const seen = { hosts, unread, unreadByTier, unknownIds, ownerStates, records, judgements };
    return { pod, tickId, nowMs, mode, ...seen, memory, progress };
  }

  /**
   * SSM never told how a cycle ended, and silence is failure: the roll-out goes on without this client, or goes on no more, until DNS
   * or the mode changes. Decision 0108.
   */
  isLeftOutUntold({ id, tier }: Pick<Instance, 'id' | 'tier'>): boolean {
    const rollOut = this.store.last?.memory.rollOuts[tier];
    if (rollOut === undefined) return false;
    const untold = this.ssm.neverTold(rollOut.records);
    const failedUntold = rollOut.failed.filter((failed) => untold.has(failed));
    return rollOut.stopped ? failedUntold.length > 0 : failedUntold.includes(id);
  }

  progressOf(memory: Memory): WaveProgress[] {
    return Object.values(memory.rollOuts).flatMap(({ tier, commands }) => {
      const ids = commands.flatMap(({ commandId }) => commandId ?? []);
      const progress = orNull(this.world, () => this.ssm.progress(ids));
      if (progress === null) return [];
      const answers = progress.outcomes.map(({ instanceId, kind, reason }) => ({ instanceId, kind, reason }));
      const { ended, isWhole } = progress;
      return [{ tier, ended, isWhole, answers }];
    });
  }

  isKilled(tickId: string, after: string): boolean {
    if (!this.random.chance(this.weather.kills)) return false;
    this.world.trace?.(`${tickId} is killed after ${after}`);
    return true;
  }
}

function traceTick(
  { trace }: World,
  { tickId, mode }: Observation,
  { stale, refusals }: Plan,
  judgements: readonly Judgement[],
): void {
  if (trace === null) return;
  const bad = judgements
    .filter(({ state }) => state !== 'healthy')
    .map(({ host, state }) => `${host.instanceId} ${state}`);
  trace(`${tickId} (${mode}): stale ${stale.join(', ') || 'nobody'}; not healthy ${bad.join(', ') || 'nobody'}`);
  for (const { rule, sentence } of refusals) trace(`    ${rule}: ${sentence}`);
}
