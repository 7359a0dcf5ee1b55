import { ownLookupSeconds } from '../config/refresh.ts';
import { noFileReader, revisionReader, type SeenFile } from '../config/revision.ts';
import { keyText } from '../config/trials/file-key.ts';
import type { UnsettledFile } from '../config/trials/following.ts';
import { countDaemons, type DaemonCount } from '../diagnosis/daemons.ts';
import { type ClockJudgement, clockJudge, judgeFollowing, rememberedOf } from '../diagnosis/judge.ts';
import { type JudgedAt, type Judgement, NOT_READ, type Sighting } from '../diagnosis/judgement.ts';
import { type PodClocks, podClocksOf } from '../diagnosis/pod-clocks.ts';
import type { Host, Pod } from '../fleet/fleet.ts';
import { leapNear } from '../fleet/leap-seconds.ts';
import { parseCollected } from '../host/collect.ts';
import { askedWith } from './asked-with.ts';
import { KEPT_BACK_MS, leftFor, waitSecondsOf } from './budget.ts';
import type { CutOff } from './cut-off.ts';
import { type Observation, orFault, type Run } from './observe.ts';
import type { CollectAnswer } from './ports.ts';

/** What a run saw of the hosts, and how they are judged. */
export interface Look {
  judgements: Judgement[];
  /** What the clocks of all of them say together. */
  clocks: PodClocks;
  /** Which daemons those that answered run. */
  daemons: DaemonCount[];
  /** Files of theirs that have not settled. */
  unsettled: UnsettledFile[];
  commandIds: string[];
  faults: string[];
  /** What was left undone for lack of time. */
  undone: string[];
  /** null: what hosts answered was read to its end, or was kept from it by something else than time. */
  cutOff: CutOff | null;
}

/** A look by hand shows what hosts printed, too. */
export interface LookByHand extends Look {
  /** By instance id. */
  outputs: Map<string, string>;
}

/** The hosts of the pod are asked already. */
export interface StartedLook {
  /** Judges them, once it is known who and what they are; waits for those that have not answered. */
  join(observed: Observation): Promise<Look>;
}

/**
 * Asks all hosts of the pod at once, by tag: EC2, Route 53 and S3 are read while they answer. Each answer is read as its page
 * comes, and what it says of its clock is all that is kept of it. Where it turns out that no host runs nobody is waited for.
 * Decision 0060.
 *
 * @param isByHand tells hosts whose answers were not read from silent ones
 */
export function startLook(run: Run, waitSeconds: number, { isByHand = false } = {}): StartedLook {
  const clocks = new Clocks(run, { isBrief: true });
  const stop = new AbortController();
  const seconds = waitSecondsOf(run.deadline, waitSeconds);
  const asking = ask(run, null, seconds, (answers) => clocks.hear(answers), stop.signal);
  return {
    async join(observed) {
      const targets = observed.hosts.filter(isRunning);
      if (targets.length === 0) stop.abort();
      clocks.meet(targets, observed);
      const { isCutOff, tookSeconds, ...asked } = await asking;
      const cutOff = isCutOff ? cutOffOf(targets, clocks, tookSeconds) : null;
      if (cutOff && isByHand) clocks.endUnread();
      const undone = undoneOf(targets, seconds, waitSeconds);
      const all = judged(run, observed, targets, clocks, tookSeconds);
      clocks.forget();
      return { ...asked, ...all, undone, cutOff };
    },
  };
}

/**
 * Collects and judges, by hand.
 *
 * @param instanceIds null: the whole pod; else those of them that run. Whom they cannot be judged without is asked too, and not answered
 */
export async function look(
  run: Run,
  observed: Observation,
  instanceIds: string[] | null,
  waitSeconds: number,
): Promise<LookByHand> {
  const running = observed.hosts.filter(isRunning);
  const shown = instanceIds === null ? running : running.filter(({ instanceId }) => instanceIds.includes(instanceId));
  const shownIds = new Set(shown.map(({ instanceId }) => instanceId));
  const targets = instanceIds === null ? running : [...shown, ...askedWith(shown, running)];
  const ids = instanceIds === null ? null : targets.map(({ instanceId }) => instanceId);
  const seconds = targets.length === 0 ? 0 : waitSecondsOf(run.deadline, waitSeconds);
  const clocks = new Clocks(run, { isBrief: false });
  clocks.meet(targets, observed);
  const outputs = new Map<string, string>();
  const { isCutOff, tookSeconds, ...asked } = await ask(run, ids, seconds, (answers) => {
    for (const { instanceId, output } of answers) {
      if (output !== null && shownIds.has(instanceId)) outputs.set(instanceId, output);
    }
    clocks.hear(answers);
  });
  const cutOff = isCutOff ? cutOffOf(targets, clocks, tookSeconds) : null;
  if (cutOff) clocks.endUnread();
  const undone = undoneOf(targets, seconds, waitSeconds);
  const { judgements, ...all } = judged(run, observed, targets, clocks, tookSeconds);
  const answered = judgements.filter(({ host }) => shownIds.has(host.instanceId));
  return { ...asked, ...all, judgements: answered, outputs, undone, cutOff };
}

/** What is to be said of each requested id that `look` does not ask. */
export function unasked(
  pod: Pod,
  { hosts, unreadHosts }: Pick<Observation, 'hosts' | 'unreadHosts'>,
  instanceIds: readonly string[],
): string[] {
  const states = new Map(hosts.map((host) => [host.instanceId, host.state]));
  const unread = new Set(unreadHosts.map(({ instanceId }) => instanceId));
  return [...new Set(instanceIds)].flatMap((id) => {
    const state = states.get(id);
    if (state === 'running') return [];
    if (unread.has(id)) return `EC2 does not describe ${id}: not asked.`;
    return state ? `${id} is ${state}: not asked.` : `${id} is no instance of pod ${pod.name}.`;
  });
}

/** What came of asking. */
interface Asked extends Pick<Look, 'commandIds' | 'faults'> {
  /** The time for it was up first. */
  isCutOff: boolean;
  tookSeconds: number;
}

/** With less left than this a read was cut off by the run's time, or never began. */
const LAST_READ_MS = 1000;

/** Asks the pod, or some of its hosts. Fails never: who could not be asked has no answer. */
async function ask(
  { ports, pod, tickId, nowMs, deadline }: Run,
  instanceIds: string[] | null,
  waitSeconds: number,
  hear: (answers: CollectAnswer[]) => void,
  signal?: AbortSignal,
): Promise<Asked> {
  if (waitSeconds === 0) return { commandIds: [], faults: [], isCutOff: true, tookSeconds: 0 };
  const startedAtMs = nowMs();
  const faults: string[] = [];
  const comment = `podtime ${tickId} collect ${pod.name}`;
  const asked = await orFault(ports.commands.collect(pod, instanceIds, comment, { waitSeconds, signal }, hear), faults);
  return {
    commandIds: asked?.commandIds ?? [],
    faults: [...faults, ...(asked?.faults ?? [])],
    isCutOff: asked?.isWhole !== true && leftFor(deadline, KEPT_BACK_MS.afterLook) < LAST_READ_MS,
    tookSeconds: (nowMs() - startedAtMs) / 1000,
  };
}

/** What a host's answer says. */
type Heard = Pick<Sighting, 'collected' | 'status'>;

/** The clocks of those that have answered. Answers that come before the hosts are known are read and judged later. */
class Clocks {
  private readonly run: Run;
  private readonly isBrief: boolean;
  private readonly askedAtMs: number;
  private readonly waiting = new Map<string, Heard>();
  private readonly judgements = new Map<string, ClockJudgement>();
  private known: { hosts: Map<string, Host>; judge: (sighting: Sighting) => ClockJudgement } | null = null;
  private unheard = 'NoAnswer';
  private readonly files = new Map<string, UnsettledFile & { runners: string[] }>();

  constructor(run: Run, { isBrief }: { isBrief: boolean }) {
    this.run = run;
    this.isBrief = isBrief;
    // whoever makes one asks at once
    this.askedAtMs = run.nowMs();
  }

  hear(answers: readonly CollectAnswer[]): void {
    for (const answer of answers) this.take(answer.instanceId, heardIn(answer));
  }

  /** Who they are, by all that is known of the pod. */
  meet(targets: readonly Host[], { hosts, memory, files }: Pick<Observation, 'hosts' | 'memory' | 'files'>): void {
    const { fleet, pod, nowMs } = this.run;
    this.known = {
      hosts: new Map(targets.map((host) => [host.instanceId, host])),
      judge: clockJudge({
        pod,
        hosts,
        expectedRevision: revisionReader(fleet, pod, files, (seen) => this.note(seen)),
        noFile: noFileReader(fleet, pod),
        ownLookupSeconds: ownLookupSeconds(pod),
        isBrief: this.isBrief,
        overBefore: memory.over,
        lastBounds: memory.lastBounds,
        heldBounds: memory.heldBounds,
        aroundLeap: leapNear(memory.leap, fleet, nowMs()) && fleet,
      }),
    };
    for (const [instanceId, heard] of this.waiting) this.take(instanceId, heard);
    this.waiting.clear();
  }

  isHeard({ instanceId }: Host): boolean {
    return this.judgements.has(instanceId);
  }

  /** Of those that were not heard nobody knows whether they answered. */
  endUnread(): void {
    this.unheard = NOT_READ;
  }

  /** Of hosts that were met, also of those that have not answered. */
  of(hosts: readonly Host[]): ClockJudgement[] {
    const { known, unheard } = this;
    if (known === null) return [];
    return hosts.map(
      (host) => this.judgements.get(host.instanceId) ?? known.judge({ host, collected: null, status: unheard }),
    );
  }

  /** They are judged: whoever holds this holds none of them while the report is made, which takes the most memory. */
  forget(): void {
    this.judgements.clear();
  }

  unsettled(): UnsettledFile[] {
    return [...this.files.values()];
  }

  private note({ key, revision, runner }: SeenFile): void {
    const name = keyText(key);
    const file = this.files.get(name) ?? { key, revision, runners: [] };
    if (runner !== undefined) file.runners.push(runner);
    this.files.set(name, file);
  }

  private take(instanceId: string, heard: Heard): void {
    if (this.known === null) {
      this.waiting.set(instanceId, heard);
      return;
    }
    const host = this.known.hosts.get(instanceId);
    if (host) this.judgements.set(instanceId, this.known.judge({ host, ...heard, judgedAt: this.now() }));
  }

  private now(): JudgedAt {
    const nowMs = this.run.nowMs();
    return { nowMs, ageSeconds: Math.max(0, nowMs - this.askedAtMs) / 1000 };
  }
}

function heardIn({ status, output }: CollectAnswer): Heard {
  return { collected: status === 'Success' && output !== null ? parseCollected(output) : null, status };
}

function judged(
  { pod }: Run,
  { hosts, unreadHosts, records, memory }: Observation,
  targets: readonly Host[],
  heard: Clocks,
  tookSeconds: number,
): Pick<Look, 'judgements' | 'clocks' | 'daemons' | 'unsettled'> {
  const clocks = heard.of(targets);
  const expected = hosts.filter(isRunning).length + unreadHosts.length;
  const judgements = judgeFollowing(clocks, { pod, hosts, records, ...rememberedOf(memory) });
  return {
    judgements,
    daemons: countDaemons(clocks, judgements),
    unsettled: heard.unsettled(),
    clocks: podClocksOf(clocks, pod.thresholds, { hosts, expected, tookSeconds }),
  };
}

function cutOffOf(targets: readonly Host[], clocks: Clocks, seconds: number): CutOff | null {
  const read = targets.filter((host) => clocks.isHeard(host)).length;
  return read < targets.length ? { read, asked: targets.length, seconds } : null;
}

function isRunning({ state }: Host): boolean {
  return state === 'running';
}

function undoneOf(targets: readonly Host[], seconds: number, asked: number): string[] {
  if (targets.length === 0 || seconds >= asked) return [];
  return [
    seconds === 0
      ? 'No host was asked: the tick had no time left for it.'
      : `Hosts were waited for ${seconds} s, not ${asked} s: the tick had no more time.`,
  ];
}
