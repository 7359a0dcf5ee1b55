import type { Pod } from '../fleet/fleet.ts';
import { gatheredSentences } from '../fleet/gathering.ts';
import {
  isSentWave,
  type Memory,
  type Mode,
  type NextWave,
  planNextWave,
  type RollOut,
  rememberSent,
  type WaveProgress,
} from '../plan/plan.ts';
import { waveSentencesOf } from '../report/sentences.ts';
import { isDead } from '../state/due.ts';
import { joinRemembered, splitRemembered } from '../state/remembered.ts';
import type { Claim, HostMemory, KnownHost, State, Waves } from '../state/state.ts';
import type { HostVerdict } from '../state/verdict.ts';
import { faultsOf, sendCycles, sentReportOf, sentWaveOf } from './apply.ts';
import { hasTimeForTick, hasTimeToSend, type TimedRun } from './budget.ts';
import { isModeKept, modeWatch } from './mode-kept.ts';
import { orFault } from './observe.ts';
import type { LastState } from './ports.ts';
import type { TickRun } from './tick.ts';
import { CLOCKS_APART_MS, handBack, keepTurn, type Turn, TurnLost, takeTurn } from './turn.ts';
import { readLastWaves } from './waves.ts';

/** To read what a thousand hosts answered, at ten reads a second, and to send twenty commands. */
const SENDING_SECONDS = 20;
/** Where ticks come every few seconds, as in a pod on one machine, waves are of a few hosts. */
const SENDING_SHARE = 0.1;

/**
 * Whether a wave can be sent before the next tick is due: that would find the turn taken, and give way for a minute. A run that has time
 * for it does that tick itself.
 */
export function leavesTickAlone(
  { dueAtMs, again }: Pick<State, 'dueAtMs' | 'again'>,
  nowMs: number,
  run: TimedRun,
): boolean {
  const { pod } = run;
  const mayOverrun = hasTimeForTick(run, SENDING_SECONDS * 1000);
  const seconds = mayOverrun ? 0 : Math.min(SENDING_SECONDS, SENDING_SHARE * pod.intervalSeconds);
  return !again && nowMs < dueAtMs - seconds * 1000;
}

/** What came of a wave that is over. */
export interface NextWaveSent {
  sentences: string[];
  /** The state, with the wave that is followed now; null: this run has nothing more to do. */
  last: LastState | null;
}

/**
 * Sends the next wave of a roll-out between two ticks: takes the turn, reads mode, records, memory and what hosts answered, plans, writes
 * what it is about to do, sends, and gives the turn back. When the next tick is due stays as it was; at once where no wave can follow.
 * A run that dies in it leaves what a tick does, and is taken over like one. Throws when it could not write. Decision 0069.
 *
 * @param isEndSeen the run saw the wave under way at its look before
 */
export async function sendNextWave(run: TickRun, over: Waves, isEndSeen: boolean): Promise<NextWaveSent> {
  const { ports, pod } = run;
  const read = await ports.states.read(pod.name);
  if (read.newer || read.lost || !leavesTickAlone(read.state, run.nowMs(), run)) return { sentences: [], last: null };
  // a tick takes over, and names the run that died
  if (read.state.claim && isDead(read.state.claim, run.nowMs())) return { sentences: [], last: null };
  // another run has sent it, or is about to
  if (read.state.waves.client?.waveId !== over.waveId) return { sentences: [], last: read };
  const startedAtMs = run.nowMs();
  const untilMs = startedAtMs + run.deadline.leftMs() + CLOCKS_APART_MS;
  const claim: Claim = { tickId: run.tickId, startedAtMs, untilMs };
  const standing = await takeTurn(run, claim, { bringsNews: false, read, goesByRead: true });
  // another run wrote first: it has the turn, or noted something
  if ('gaveWay' in standing) return { sentences: [], last: await ports.states.read(pod.name) };
  const { turn, failure } = standing;
  if (turn === null) return { sentences: standing.faults, last: null };
  try {
    if (failure) throw failure;
    return await goOn(run, turn, read, isEndSeen);
  } catch (error) {
    if (error instanceof TurnLost) return { sentences: [error.message], last: null };
    // a tick finds out what was sent
    await orFault(handBack(run, turn, {}, true), []);
    throw error;
  }
}

async function goOn(run: TickRun, turn: Turn, before: LastState, isEndSeen: boolean): Promise<NextWaveSent> {
  const sentences: string[] = [];
  const handedBack = async (held: Turn, changed: Partial<State>, isTickDue: boolean): Promise<LastState> => {
    const { state, etag } = await handBack(run, held, changed, isTickDue);
    return { ...before, state, etag };
  };
  const remembered = await readAnew(run, before, isEndSeen, sentences);
  if (remembered === null) {
    await handedBack(turn, {}, true);
    return { sentences, last: null };
  }
  const { planned, verdicts, mode } = remembered;
  if (planned.underWay) {
    sentences.push(`SSM's lists do not agree yet on the last wave of pod ${run.pod.name}: the next wave waits.`);
    return { sentences, last: await handedBack(turn, {}, false) };
  }
  // else a tick concludes it, and tells what its hosts said
  const isOver = planned.cycles.length > 0 || planned.memory.rollOuts.client?.commands.length === 0;
  if (!isOver) {
    sentences.push(...gatheredSentences(planned.refusals));
    await handedBack(turn, {}, true);
    return { sentences, last: null };
  }
  sentences.push(remembered.over, ...verdicts.map(({ sentence }) => sentence), ...gatheredSentences(planned.refusals));
  const intended = await store(run, turn, remembered, planned.memory);
  if (planned.cycles.length === 0) {
    await handedBack(turn, intended, true);
    return { sentences, last: null };
  }
  const held = await keepTurn(run, turn, intended);
  const maySend = await isModeKept(run, mode, 'The next wave is not sent.', sentences);
  const isKept = modeWatch(run, mode, 'The rest of the wave is not sent.', sentences);
  const hasTime = () => hasTimeToSend(run.deadline);
  // asking takes time, too
  const mayGoOn = async () => hasTime() && (await isKept()) && hasTime();
  const sent = maySend ? await sendCycles(run, planned.cycles, mayGoOn) : [];
  const reports = planned.cycles.map((command, index) => sentReportOf(command, sent[index]));
  sentences.push(...faultsOf(sent), ...waveSentencesOf(reports));
  const after = rememberSent(planned.memory, planned.cycles, sent.map(sentWaveOf));
  const changed = await store(run, held, remembered, after);
  // else a tick finds out, or sends what was left
  const isSent = isSentWave(after.rollOuts.client);
  return { sentences, last: await handedBack(held, changed, !isSent) };
}

/** What the wave that is over came to, and what is planned from it. */
interface Remembered {
  hosts: HostMemory;
  known: KnownHost[];
  verdicts: HostVerdict[];
  /** How the wave went, in a sentence. */
  over: string;
  planned: NextWave;
  mode: Mode;
}

/** null: a part of it could not be read. A tick then says what that costs. */
async function readAnew(
  run: TickRun,
  { state }: LastState,
  isEndSeen: boolean,
  faults: string[],
): Promise<Remembered | null> {
  const { ports, pod, tickId } = run;
  const [{ mode, fault }, records, read] = await Promise.all([
    ports.modes.read(pod.name),
    orFault(ports.zone.records(pod), faults),
    state.memory === null ? null : orFault(ports.memories.read(pod.name, state.memory), faults),
  ]);
  for (const unread of [fault, read?.fault]) if (unread) faults.push(unread);
  if (records === null || read === null || read.newer || read.fault) return null;
  const { memory, known } = joinRemembered(state, read.hosts);
  // side by side, and last: who was tagged a moment ago is not touched
  const [{ verdicts, ...waves }, held] = await Promise.all([
    readLastWaves(run, memory, faults),
    // while EC2 cannot list by tag a tick goes on, which asks for its wave by id
    orFault(ports.instances.heldOf(pod, []), faults),
  ]);
  if (held === null) return null;
  const planned = planNextWave({
    pod,
    tickId,
    nowMs: run.nowMs(),
    mode,
    records,
    held: held.held,
    isEndSeen,
    ...waves,
  });
  const over = overSentence(pod, memory.rollOuts.client, waves.progress);
  return { hosts: read.hosts, known, verdicts, over, planned, mode };
}

function overSentence(pod: Pod, wave: RollOut | undefined, progress: readonly WaveProgress[]): string {
  const hosts = (wave?.commands ?? []).reduce((sum, { instanceIds }) => sum + instanceIds.length, 0);
  const answers = progress.flatMap((each) => (each.tier === 'client' ? each.answers : []));
  const cycled = answers.filter(({ kind }) => kind === 'cycled').length;
  const silent = hosts - answers.filter(({ kind }) => kind !== 'no-verdict').length;
  const missing = silent > 0 ? `, SSM brings no verdict of ${silent}` : '';
  return `Wave ${wave?.waveId} of pod ${pod.name} is over: ${cycled} of ${hosts} cycled${missing}.`;
}

/** Stores what is remembered of hosts; answers what changes of the state. Boundary servers stay as they were. */
async function store(
  { ports, pod, tickId }: TickRun,
  { state }: Turn,
  { hosts: before, known, verdicts }: Remembered,
  memory: Memory,
): Promise<Pick<State, 'waves' | 'memory'>> {
  const servers = new Set(state.servers.known.map(({ instanceId }) => instanceId));
  const parts = splitRemembered({ memory, known }, (id) => servers.has(id), { pod: pod.name, tickId });
  // for the report of the next tick
  const all = [...(before.verdicts ?? []), ...verdicts];
  const hosts: HostMemory = { ...parts.hosts, verdicts: all, day: before.day, files: before.files };
  return { waves: parts.waves, memory: await ports.memories.write(hosts) };
}
