import type { Pod } from '../fleet/fleet.ts';
import { duration } from '../fleet/sentences.ts';
import { isDead, nextDueMs } from '../state/due.ts';
import { lostWavesOfAll } from '../state/read.ts';
import type { Claim, State } from '../state/state.ts';
import { messageOf } from './errors.ts';
import { type LastState, type Memories, StateConflict, type States } from './ports.ts';

/** A run is dead only some time after Lambda has ended it: two clocks are compared. */
export const CLOCKS_APART_MS = 10_000;

/** Each conflict is another run that wrote: so many in a row are one that does not end. */
const MOST_ATTEMPTS = 5;

/** What taking the turn takes of a run. */
export interface TurnRun {
  ports: { states: States; memories: Pick<Memories, 'write'> };
  pod: Pod;
  nowMs: () => number;
}

/** The turn as this run holds it: from the claim until it is given back, or another run has taken it over. */
export interface Turn {
  claim: Claim;
  /** As this run has written it. */
  state: State;
  etag: string | null;
}

/** Where a run stands that may go on. */
export interface Standing {
  /** The state as it was before the run; null: it could not be read. */
  last: LastState | null;
  /** null: nothing is to be written, because the state could not be read, is a newer podtime's, or the run only looks. */
  turn: Turn | null;
  /** Why nobody knows whether this run has the turn: it sends nothing, and gives the turn back all the same. */
  failure: Error | null;
  faults: string[];
  /** The run brings news that the state could not be told: it is left there at the end of the run. */
  isNewsUntold?: boolean;
}

/** The turn is another run's: this one changes nothing. */
export interface Taken {
  gaveWay: string;
}

/** Another run has taken over: what this one knows does not count any more. */
export class TurnLost extends Error {
  override readonly name = 'TurnLost';

  constructor(pod: string, cause?: unknown) {
    super(`Another run of podtime took over the turn of pod ${pod}; this one gives way and changes nothing more.`, {
      cause,
    });
  }
}

/** Where a run stands that only looks: no turn is taken, and nothing written. */
export async function standingOf({ ports, pod }: Pick<TurnRun, 'pod'> & { ports: Pick<TurnRun['ports'], 'states'> }) {
  const standing: Standing = { last: null, turn: null, failure: null, faults: [] };
  try {
    return { ...standing, last: await ports.states.read(pod.name) };
  } catch (error) {
    return { ...standing, faults: [`${messageOf(error)}.`] };
  }
}

/**
 * Takes the turn of a pod, before anybody is asked: by a claim with an end, over the version of the state that was read. Of two runs
 * at once one gives way. Decision 0059.
 *
 * | the turn is                                      | then |
 * | ------------------------------------------------ | ---- |
 * | nobody's                                         | taken |
 * | a run's that has had all its time, or one's own id: an attempt before | taken over |
 * | another's, and this run brings news              | `again` is written: the next tick is due when that one ends |
 * | an older podtime's, and this run brings news     | left: a tick is due when that one ends, and what it remembers is stored by that |
 * | another's                                        | left |
 *
 * Where the state was written meanwhile it is read again: a note of a run that took no turn, or news, is no other's turn. A run that goes by
 * nothing but what it has read, or that finds that another had the turn since, gives way.
 *
 * Throws when news cannot be handed on.
 *
 * @param read the state, where the run has just read it
 * @param goesByRead what the run is about to do follows from `read`
 */
export async function takeTurn(
  run: TurnRun,
  claim: Claim,
  { bringsNews, read, goesByRead = false }: { bringsNews: boolean; read: LastState | null; goesByRead?: boolean },
): Promise<Standing | Taken> {
  let known = read;
  let beaten: { by: StateConflict; last: LastState } | null = null;
  for (let attempt = 1; ; attempt += 1) {
    const standing: Standing = known ? { last: known, turn: null, failure: null, faults: [] } : await standingOf(run);
    const { last } = standing;
    if (beaten && !bringsNews && (last === null || !isLastTick(last, beaten.last))) return beatenBy(beaten.by);
    if (last === null) return { ...standing, isNewsUntold: bringsNews };
    if (last.newer) return standing;
    if (isTaken(last.state.claim, claim, run.nowMs())) {
      const conflict = bringsNews && !last.state.again ? await handOn(run, last) : null;
      if (conflict === null) return { gaveWay: takenSentence(run, last.state.claim, bringsNews) };
      if (attempt === MOST_ATTEMPTS) throw conflict;
    } else {
      const outcome = await writeClaim(run, last, claim);
      if (!(outcome instanceof StateConflict)) return { ...standing, ...outcome };
      if (!bringsNews && (goesByRead || attempt === MOST_ATTEMPTS)) return beatenBy(outcome);
      if (attempt === MOST_ATTEMPTS) throw outcome;
      beaten = { by: outcome, last };
    }
    known = null;
  }
}

const GIVES_WAY = 'This one gives way and changes nothing.';

function beatenBy({ message }: StateConflict): Taken {
  return { gaveWay: `${message} ${GIVES_WAY}` };
}

/** Whether no tick has ended between these two reads. */
function isLastTick({ state: now }: LastState, { state: before }: LastState): boolean {
  return now.last?.tickId === before.last?.tickId && now.last?.endedAtMs === before.last?.endedAtMs;
}

function takenSentence({ pod, nowMs }: TurnRun, { tickId, startedAtMs, untilMs }: Claim, bringsNews: boolean): string {
  const next = bringsNews ? ' A tick follows as soon as that ends.' : '';
  const seconds = Math.max(0, nowMs() - startedAtMs) / 1000;
  const [, until] = new Date(untilMs).toISOString().split(/[T.]/);
  const times = `for ${duration(seconds)} now, until ${until} UTC at the latest`;
  return `Another run of podtime (tick ${tickId}) has the turn of pod ${pod.name}, ${times}. ${GIVES_WAY}${next}`;
}

/** An event that Lambda repeats has the same id: the attempt before it is over. */
function isTaken(holder: Claim | null, { tickId }: Claim, nowMs: number): holder is Claim {
  return holder !== null && holder.tickId !== tickId && !isDead(holder, nowMs);
}

/** Tells the run that has the turn that there is news; answers the conflict where the state has changed meanwhile. */
async function handOn(
  { ports }: { ports: Pick<TurnRun['ports'], 'states'> },
  { state, etag }: LastState,
): Promise<StateConflict | null> {
  if (etag === null) return null;
  try {
    await ports.states.write({ ...state, again: true }, etag);
    return null;
  } catch (error) {
    if (error instanceof StateConflict) return error;
    throw error;
  }
}

/**
 * Leaves news with a state that could not be read before, whoever has the turn by now: a tick of the next minutes sees to it. Throws
 * when it cannot be left.
 */
export async function leaveNews(
  run: Pick<TurnRun, 'pod'> & { ports: Pick<TurnRun['ports'], 'states'> },
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const last = await run.ports.states.read(run.pod.name);
    if (last.newer || last.lost || last.state.again) return;
    const conflict = await handOn(run, last);
    if (conflict === null) return;
    if (attempt === MOST_ATTEMPTS) throw conflict;
  }
}

async function writeClaim(
  { ports }: TurnRun,
  { state, etag, carried, lost }: LastState,
  claim: Claim,
): Promise<StateConflict | Pick<Standing, 'turn' | 'failure' | 'faults'>> {
  const waves = lost ? lostWavesOfAll(claim.startedAtMs) : state.waves;
  let claimed: State = { ...state, waves, claim, again: false };
  try {
    // what an older podtime's report remembers is stored before it can be written over
    if (carried) claimed = { ...claimed, memory: await ports.memories.write(carried) };
    return {
      turn: { claim, state: claimed, etag: await ports.states.write(claimed, etag) },
      failure: null,
      faults: [],
    };
  } catch (error) {
    if (error instanceof StateConflict) return error;
    const failure = error instanceof Error ? error : new Error(String(error));
    return { turn: { claim, state: claimed, etag }, failure, faults: [`${messageOf(error)}.`] };
  }
}

/** Writes what changed of the state, and keeps the turn. Throws `TurnLost` when another run has taken it over. */
export function keepTurn(run: TurnRun, turn: Turn, changed: Partial<State>): Promise<Turn> {
  return writeHeld(run, turn, (stored) => ({ ...stored, ...changed, claim: turn.claim }));
}

/** Gives the turn back, with what changed of the state. News that came meanwhile makes the next tick due at once. */
export function giveBack(run: TurnRun, turn: Turn, changed: Partial<State>, unfinished: boolean): Promise<Turn> {
  const { tickId, startedAtMs } = turn.claim;
  const endedAtMs = run.nowMs();
  return writeHeld(run, turn, (stored) => ({
    ...stored,
    ...changed,
    claim: null,
    last: { tickId, startedAtMs, endedAtMs },
    dueAtMs: nextDueMs({ startedAtMs, endedAtMs, unfinished: unfinished || stored.again }, run.pod),
    again: false,
  }));
}

/**
 * Gives back a turn that was taken between two ticks, with what changed of the state. The last tick stays the last, and the next is due when
 * it was; at once for news that came meanwhile, and where `isTickDue`.
 */
export function handBack(run: TurnRun, turn: Turn, changed: Partial<State>, isTickDue: boolean): Promise<Turn> {
  return writeHeld(run, turn, (stored) => ({
    ...stored,
    ...changed,
    claim: null,
    dueAtMs: isTickDue || stored.again ? Math.min(stored.dueAtMs, run.nowMs()) : stored.dueAtMs,
    again: false,
  }));
}

/**
 * A conflict is read again, and the change made to what stands there: while the turn is this run's, that is what it wrote last, of which
 * `turn` may know nothing where a step between failed, and news of others.
 */
async function writeHeld({ ports, pod }: TurnRun, turn: Turn, change: (stored: State) => State): Promise<Turn> {
  let { state: stored, etag } = turn;
  for (let attempt = 1; ; attempt += 1) {
    const state = change(stored);
    try {
      return { ...turn, state, etag: await ports.states.write(state, etag) };
    } catch (error) {
      if (!(error instanceof StateConflict) || attempt === MOST_ATTEMPTS) throw error;
      const read = await ports.states.read(pod.name);
      if (!isSame(read.state.claim, turn.claim)) throw new TurnLost(pod.name, error);
      stored = read.state;
      etag = read.etag;
    }
  }
}

/** Of two runs of one id the ends differ. */
function isSame(stored: Claim | null, own: Claim): boolean {
  return stored?.tickId === own.tickId && stored.startedAtMs === own.startedAtMs && stored.untilMs === own.untilMs;
}
