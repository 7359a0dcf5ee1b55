import type { Judgement } from '../../src/diagnosis/judgement.ts';
import { DEAD_STATES } from '../../src/fleet/fleet.ts';
import type { Collected } from '../../src/host/collected.ts';
import type { CycleCommand, Plan, PlanInput, RecordChange } from '../../src/plan/plan.ts';
import { CLOCK_RULES, type JudgedClocks } from './clock-rules.ts';
import type { CycleParameters } from './host-cycle.ts';
import type { Instance } from './instance.ts';
import type { Withdrawal } from './ledger.ts';
import { type KnownTiers, RULES, waveLimit } from './rules.ts';
import type { Weather } from './weather.ts';
import type { World } from './world.ts';

export interface Violation {
  atMs: number;
  rule: string;
  sentence: string;
}

/** A run acts on what was so when it looked at EC2: it may publish a server that died since, or withdraw one that was started. */
const LOOK_TO_CHANGE_MS = 90_000;

/** States in which a sighting says nothing bad of a server. */
const NOT_BAD = ['degraded', 'healthy', 'uncertain'];
/** A daemon may start for ten minutes; one that shows itself starting for twice as long does not start. */
const STARTING_MS = 1_200_000;

/** What sightings said of a boundary server since it was last good. */
interface BadSightings {
  firstMs: number;
  lastMs: number;
  number: number;
  /** Its witnesses contradicted it in one of them: only they can take that back. */
  isContradicted: boolean;
}

/** What a sighting says of a server. */
type Seen = Pick<Judgement, 'state' | 'findings' | 'confident' | 'acquitted'>;

/**
 * Watches podtime from outside: every plan, every change of DNS and every daemon that is really cycled. It knows what is so,
 * and keeps its own books; it shares no rule with src/plan.
 */
export class Invariants {
  readonly violations: Violation[] = [];
  mostCycledAtOnce = 0;
  cycles = 0;
  readonly acts = new Map<string, number[]>();
  private readonly bad = new Map<string, BadSightings>();
  private readonly startingSinceMs = new Map<string, number>();
  /** Servers that the last run saw well; a run that dies before it remembers that leaves what was proved before. */
  private seenWell: string[] = [];
  private readonly withdrawnAtMs = new Map<string, number>();
  private readonly withdrawals = new Map<string, Withdrawal>();
  private confident = new Set<string>();
  private known: KnownTiers = { hosts: [], unreadByTier: { boundary: 0, client: 0 } };
  /** Failed in a roll-out that goes on without them. */
  private leftOut: ReadonlySet<string> = new Set();

  constructor(
    private readonly world: World,
    private readonly weather: Weather,
    /** Hosts on which a command may still be carried out. */
    private readonly underWay: () => string[],
  ) {}

  /** Fewer servers than the floor were seen confident and stand in DNS: nothing may be cycled. */
  isBelowFloor(): boolean {
    const { zone, setting } = this.world;
    const published = new Set(zone.list().flatMap(({ setIdentifier }) => setIdentifier ?? []));
    return [...published].filter((id) => this.confident.has(id)).length < setting.pod.cycling.floor;
  }

  /** Of a server that was withdrawn for its health and is not published since; null: there is nothing to come back from. */
  withdrawalOf(id: string): Withdrawal | null {
    return this.withdrawals.get(id) ?? null;
  }

  /** What a run says of clocks. */
  judged(clocks: JudgedClocks): void {
    for (const { name, broken } of CLOCK_RULES) for (const sentence of broken(clocks)) this.break(name, sentence);
  }

  /** What a run saw, whether it has the turn or not. */
  saw({ hosts, unreadByTier, judgements }: PlanInput): void {
    this.known = { hosts, unreadByTier };
    this.confident = new Set(judgements.filter(({ confident }) => confident).map(({ host }) => host.instanceId));
    this.seenWell = [];
    for (const { host, state, findings, confident, acquitted, measures } of judgements) {
      if (host.tier !== 'boundary') continue;
      const limitMs = this.world.setting.pod.thresholds.errorBoundMs;
      // a clock in holdover is good within its bound: that proves neither ill nor good health
      if (state === 'holdover' && (measures.errorBoundMs ?? 0) <= limitMs) continue;
      this.sight(host.instanceId, { state, findings, confident, acquitted });
    }
  }

  /** The last run that saw the pod has stored what it remembers. */
  remembered(): void {
    for (const id of this.seenWell) this.bad.delete(id);
  }

  /** What a run that has the turn is about to do. */
  planned(
    input: PlanInput,
    plan: Plan,
    given: { force: boolean; isBlind: boolean; answers: ReadonlyMap<string, Collected>; sawMs: number },
  ): void {
    const judgements = new Map(input.judgements.map((judgement) => [judgement.host.instanceId, judgement]));
    const { world, acts } = this;
    for (const { name, broken } of RULES) {
      for (const sentence of broken({ world, input, plan, judgements, acts, ...given })) this.break(name, sentence);
    }
  }

  /** Before a wave is sent: nobody of its tier may still be at work for another, but hosts that failed by their silence and are left out. */
  sends({ tier, instanceIds }: CycleCommand, waveMates: readonly string[], failed: readonly string[]): void {
    this.leftOut = new Set(failed.filter((id) => !instanceIds.includes(id)));
    const busy = this.underWay().filter(
      (id) => this.world.instances.get(id)?.tier === tier && !waveMates.includes(id) && !this.leftOut.has(id),
    );
    if (busy.length > 0) this.break('one wave', `${instanceIds.join(', ')} beside ${busy.join(', ')} of another wave`);
  }

  /** A daemon is really restarted or refreshed. */
  acted(instance: Instance, { force, coolDownSeconds }: CycleParameters): void {
    const { nowMs } = this.world;
    const before = this.acts.get(instance.id) ?? [];
    const lastMs = before.at(-1);
    if (!force && lastMs !== undefined && nowMs - lastMs < coolDownSeconds * 1000) {
      this.break('cool-down', `${instance.id} is cycled ${(nowMs - lastMs) / 1000} s after it was`);
    }
    this.acts.set(instance.id, [...before, nowMs]);
    this.cycles += 1;
    const atOnce = [...this.world.instances.values()].filter(
      ({ id, tier, isBeingCycled }) => isBeingCycled && tier === instance.tier && !this.leftOut.has(id),
    ).length;
    this.mostCycledAtOnce = Math.max(this.mostCycledAtOnce, atOnce);
    const limit = waveLimit({ pod: this.world.setting.pod, ...this.known }, instance.tier);
    if (atOnce > limit)
      this.break('at once', `${atOnce} of the ${instance.tier} tier are cycled at once, ${limit} may be`);
  }

  changed(changes: readonly RecordChange[], by: 'tick' | 'register' | 'event'): void {
    const { mode } = this.weather;
    const published = new Set(
      changes.flatMap(({ action, setIdentifier }) => (action === 'UPSERT' ? [setIdentifier] : [])),
    );
    for (const change of changes) {
      if (mode === 'observe') this.break('mode', `${change.action} of ${change.setIdentifier} in mode observe`);
      if (change.action === 'UPSERT') this.publishes(change, mode);
      else if (!published.has(change.setIdentifier)) this.withdraws(change, by, published);
    }
    this.leavesSomebody(changes);
  }

  private publishes({ setIdentifier: id, name, address }: RecordChange, mode: string): void {
    const { nowMs, setting } = this.world;
    const instance = this.world.instances.get(id);
    this.withdrawals.delete(id);
    if (mode !== 'act') this.break('mode', `publishes ${id} in mode ${mode}`);
    const isDeadLong = instance?.diedAtMs != null && nowMs - instance.diedAtMs > LOOK_TO_CHANGE_MS;
    const isRight =
      instance?.tier === 'boundary' &&
      name.startsWith(`ntp.az-${instance.az.slice(-1)}.${setting.pod.zone.name}`) &&
      [instance.ipv4, ...instance.ipv6].includes(address);
    if (!isRight || isDeadLong)
      this.break('publish', `publishes ${name} ${address} of ${id}, which does not serve there`);
    const withdrawnMs = this.withdrawnAtMs.get(id);
    if (withdrawnMs !== undefined && (instance?.lastDeathMs ?? 0) < withdrawnMs)
      this.break('withdrawn', `publishes ${id}, withdrawn and not confident since`);
  }

  private withdraws({ setIdentifier: id, name }: RecordChange, by: string, published: ReadonlySet<string>): void {
    const { mode } = this.weather;
    const instance = this.world.instances.get(id);
    if (instance === undefined || instance.state === 'terminated' || DEAD_STATES.includes(instance.state)) return;
    const { nowMs, setting } = this.world;
    // one that may have been started again since the run looked, and serves nobody yet
    if (instance.daemon === null && nowMs - instance.launchedAtMs <= LOOK_TO_CHANGE_MS) return;
    const { withdrawAfterSeconds } = setting.pod.thresholds;
    const bad = this.bad.get(id);
    const isProven = bad !== undefined && bad.number >= 2 && bad.lastMs - bad.firstMs >= withdrawAfterSeconds * 1000;
    if (mode !== 'act') this.break('mode', `withdraws ${name} of ${id}, which runs, in mode ${mode}`);
    if (by !== 'tick' || !isProven) {
      this.break('withdraw', `${by} withdraws ${name} of ${id}, which runs, after ${bad?.number ?? 0} bad sightings`);
      return;
    }
    this.withdrawnAtMs.set(id, nowMs);
    this.withdrawals.set(id, { atMs: nowMs, isContradicted: bad.isContradicted });
    // what the same run publishes stands before anything goes
    const standing = [...published, ...this.world.zone.list().flatMap(({ setIdentifier }) => setIdentifier ?? [])];
    const left = new Set([...standing, ...this.justDied()].filter((other) => this.confident.has(other)));
    left.delete(id);
    const { floor } = setting.pod.cycling;
    if (left.size < floor)
      this.break('floor', `withdraws ${id} and leaves ${left.size} confident servers, the floor is ${floor}`);
  }

  /** Servers that stood when a run looked, and may be withdrawn by their own event before it changes DNS. */
  private justDied(): string[] {
    const { nowMs, instances } = this.world;
    return [...instances.values()].flatMap(({ id, diedAtMs }) =>
      diedAtMs !== null && nowMs - diedAtMs <= LOOK_TO_CHANGE_MS ? [id] : [],
    );
  }

  private leavesSomebody(changes: readonly RecordChange[]): void {
    const key = ({ name, type, setIdentifier }: { name: string; type: string; setIdentifier: string | null }) =>
      `${name} ${type} ${setIdentifier}`;
    const deleted = new Set(changes.flatMap((change) => (change.action === 'DELETE' ? [key(change)] : [])));
    const records = this.world.zone.list();
    const isKept =
      records.some((record) => !deleted.has(key(record))) || changes.some(({ action }) => action === 'UPSERT');
    const isAlive = records.some(
      ({ setIdentifier }) => this.world.instances.get(setIdentifier ?? '')?.state === 'running',
    );
    if (!isKept && isAlive) this.break('empty', 'leaves no record though a server runs');
  }

  private sight(id: string, { state, findings, confident, acquitted }: Seen): void {
    const { nowMs } = this.world;
    if (confident) this.withdrawnAtMs.delete(id);
    if (state === 'unknown') return;
    const known = this.bad.get(id);
    if (confident || NOT_BAD.includes(state)) {
      // what its witnesses found only they take back
      if (acquitted || !known?.isContradicted) this.seenWell.push(id);
      this.startingSinceMs.delete(id);
      return;
    }
    const startingSinceMs = this.startingSinceMs.get(id) ?? nowMs;
    if (state === 'starting') {
      this.startingSinceMs.set(id, startingSinceMs);
      if (nowMs - startingSinceMs < STARTING_MS) return;
    }
    const before = known ?? { firstMs: nowMs, lastMs: nowMs, number: 0, isContradicted: false };
    const isContradicted = before.isContradicted || findings.includes('contradicted');
    this.bad.set(id, { ...before, lastMs: nowMs, number: before.number + 1, isContradicted });
  }

  private break(rule: string, sentence: string): void {
    this.world.trace?.(`!! ${rule}: ${sentence}`);
    this.violations.push({ atMs: this.world.nowMs, rule, sentence });
  }
}
