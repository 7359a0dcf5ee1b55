import { boundedSentences } from '../fleet/gathering.ts';
import { isSentWave, LOOK_SECONDS, lookAtWave, type WaveLook } from '../plan/plan.ts';
import { tickDue } from '../state/due.ts';
import type { State, Waves } from '../state/state.ts';
import { hasTimeForTick, leftFor, SHORT_RUN_KEPT_BACK_MS } from './budget.ts';
import { messageOf } from './errors.ts';
import { leavesTickAlone, sendNextWave } from './next-wave.ts';
import { orFault } from './observe.ts';
import { type LastState, StateConflict } from './ports.ts';
import type { Due } from './schedule.ts';
import type { TickRun } from './tick.ts';
import { SSM_CLOCKS_APART_MS } from './waves.ts';

/** Between two ticks a run looks for so long: until the next minute's run goes on. */
const SHORT_RUN_SECONDS = 55;

/** What a short run takes: as a tick, and time. */
export interface ShortRun extends TickRun {
  pause: (ms: number) => Promise<unknown>;
}

/**
 * The wave of clients that a run follows where no tick is due: all of its commands are known to SSM, and what is remembered can be read.
 * null: there is none, and the run ends after its one read.
 */
export function followedWave({ state, carried, newer, lost }: LastState): Waves | null {
  const wave = state.waves.client;
  if (!wave || carried || newer || lost || state.memory === null) return null;
  return isSentWave(wave) ? wave : null;
}

/** What came of a short run. */
export interface ShortRunDone {
  sentences: string[];
  /** A tick that came due while the run sent a wave, for this run to do: the one that came for it found the turn taken. */
  next: { tickId: string; read: LastState } | null;
}

/**
 * Between two ticks: looks at the clients' wave every few seconds, by SSM's counts alone, and sends the next when it is over. Looking needs
 * no turn, so any number of such runs may look at once; whoever sends takes it. Gives way to a tick that is due; while another run has the
 * turn it waits, and then goes on from what that left. Answers sentences; where there is nothing to follow, that no tick is due. Decision 0069.
 */
export async function shortRun(run: ShortRun, { read, sentence }: Due): Promise<ShortRunDone> {
  const { sentences, next } = read ? await followWave(run, read) : NOTHING_FOLLOWED;
  return { sentences: sentences.length > 0 ? boundedSentences(sentences) : [sentence], next };
}

const NOTHING_FOLLOWED: ShortRunDone = { sentences: [], next: null };

async function followWave(run: ShortRun, read: LastState): Promise<ShortRunDone> {
  const untilMs = run.nowMs() + SHORT_RUN_SECONDS * 1000;
  const sentences: string[] = [];
  const done = (next: ShortRunDone['next'] = null): ShortRunDone => ({ sentences, next });
  const tickIdOf = (number: number) => (number === 0 ? run.tickId : `${run.tickId}-${number + 1}`);
  let last = read;
  let sent = 0;
  /** While SSM's lists do not agree asking takes 40 reads for 1,000 hosts: ever more rarely. */
  let again = { atMs: 0, asked: 0 };
  for (let look: WaveLook | null = null; ; ) {
    const wave = followedWave(last);
    if (!wave) return done();
    const isEndSeen = look !== null;
    const holder = last.state.claim;
    look = holder ? null : ((await lookAt(run, wave, sentences)) ?? look);
    if (look?.isOver && run.nowMs() >= again.atMs) {
      if (!leavesTickAlone(last.state, run.nowMs(), run)) return done();
      const outcome = await sendNextWave({ ...run, tickId: tickIdOf(sent) }, wave, isEndSeen);
      addNew(sentences, outcome.sentences);
      if (outcome.last === null) return done();
      const isSame = outcome.last.state.waves.client?.waveId === wave.waveId;
      again = isSame ? askedAgain(again.asked, run.nowMs()) : { atMs: 0, asked: 0 };
      last = outcome.last;
      sent += 1;
      if (isTickNext(run, last)) return done({ tickId: tickIdOf(sent), read: last });
      look = null;
    } else if (look && look.allBegunAtMs !== wave.allBegunAtMs) {
      last = await noteBegun(run, last, look, sentences);
    }
    const nextMs = run.nowMs() + LOOK_SECONDS * 1000;
    const isTime = nextMs <= untilMs && leftFor(run.deadline, SHORT_RUN_KEPT_BACK_MS) > LOOK_SECONDS * 1000;
    const isTickDue = holder ? tickDue(last.state, run.nowMs(), run.pod).due : nextMs >= last.state.dueAtMs;
    if (!isTime || isTickDue) {
      sentences.push(...underWay(run, last, look));
      return done();
    }
    await run.pause(LOOK_SECONDS * 1000);
    if (holder) last = (await orFault(run.ports.states.read(run.pod.name), sentences)) ?? last;
  }
}

/** What each look says again is said once. */
function addNew(sentences: string[], more: readonly string[]): void {
  sentences.push(...more.filter((sentence) => !sentences.includes(sentence)));
}

/** 5 s later twice, then 15, then 45. */
function askedAgain(asked: number, nowMs: number) {
  return { atMs: nowMs + LOOK_SECONDS * 1000 * 3 ** Math.max(0, asked - 1), asked: asked + 1 };
}

/** Whether a tick came due while the run had the turn, and there is time to wait for hosts as long as a tick does. */
function isTickNext(run: ShortRun, { state }: LastState): boolean {
  return tickDue(state, run.nowMs(), run.pod).due && hasTimeForTick(run);
}

/** One call. null: SSM did not answer; there is another look in a moment. */
async function lookAt({ ports, pod, nowMs }: ShortRun, wave: Waves, faults: string[]): Promise<WaveLook | null> {
  const failed: string[] = [];
  const listed = await orFault(
    ports.commands.findWave(pod, wave.waveId, wave.startedAtMs - SSM_CLOCKS_APART_MS),
    failed,
  );
  addNew(faults, failed);
  if (listed === null) return null;
  const through = new Map(listed.map((command) => [command.commandId, command.through]));
  return lookAtWave(wave, through, nowMs());
}

/** The next run must know since when the last hosts have been silent. Written over the version that was read: it takes no turn. */
async function noteBegun(
  { ports, pod }: ShortRun,
  last: LastState,
  { allBegunAtMs }: WaveLook,
  faults: string[],
): Promise<LastState> {
  const { waves } = last.state;
  const state: State = { ...last.state, waves: { ...waves, client: { ...(waves.client as Waves), allBegunAtMs } } };
  try {
    return { ...last, state, etag: await ports.states.write(state, last.etag) };
  } catch (error) {
    if (!(error instanceof StateConflict)) faults.push(`${messageOf(error)}.`);
    return (await orFault(ports.states.read(pod.name), faults)) ?? last;
  }
}

function underWay({ pod }: ShortRun, { state }: LastState, look: WaveLook | null): string[] {
  const wave = state.waves.client;
  if (wave && state.claim) {
    return [
      `Wave ${wave.waveId} of pod ${pod.name} is under way; another run (tick ${state.claim.tickId}) has the turn.`,
    ];
  }
  if (!wave || !look) return [];
  const lacks = look.isListed ? '' : ' SSM does not list all of its commands.';
  return [`Wave ${wave.waveId} of pod ${pod.name} is under way: ${look.through} of ${look.hosts} through.${lacks}`];
}
