import type { Clock } from '@podtime/aws-endpoint';

/** Real milliseconds in which due events are gathered into one wake-up: ten a second at most, however many hosts. */
const WAKE_UP_REAL_MS = 100;

/**
 * What happens in the pod, in the order of simulated time. The clock wakes it now and then; whoever looks at a host
 * calls `advance` first, so nobody ever sees a host that is behind. Events are run at the time they were planned for
 * (`nowMs` says so), not at the time the wake-up came: a late timer changes nothing.
 */
export interface Timeline {
  /** Simulated epoch milliseconds: of the event that is running, else of the clock. */
  nowMs(): number;
  /** Plans `then`; a time that has passed means at once. Returns what cancels it. */
  at(dueMs: number, then: () => void): () => void;
  /** Runs everything that is due. */
  advance(): void;
  close(): void;
}

interface Planned {
  dueMs: number;
  /** Planned earlier runs earlier, of two at the same time. */
  turn: number;
  run: (() => void) | null;
}

export function createTimeline(clock: Clock): Timeline {
  const planned: Planned[] = [];
  let turn = 0;
  let runningMs: number | null = null;
  let armed: { dueMs: number; cancel: () => void } | null = null;
  let closed = false;

  const arm = () => {
    const first = planned[0];
    if (closed || runningMs !== null || first === undefined) return;
    if (armed !== null && armed.dueMs <= first.dueMs) return;
    armed?.cancel();
    const waitMs = Math.max(first.dueMs - clock.nowMs(), WAKE_UP_REAL_MS * clock.factor);
    armed = {
      dueMs: first.dueMs,
      cancel: clock.after(waitMs, () => {
        armed = null;
        advance();
      }),
    };
  };

  const advance = () => {
    if (closed || runningMs !== null) return;
    const untilMs = clock.nowMs();
    try {
      for (let first = planned[0]; first !== undefined && first.dueMs <= untilMs; first = planned[0]) {
        pop(planned);
        runningMs = first.dueMs;
        first.run?.();
      }
    } finally {
      runningMs = null;
    }
    arm();
  };

  return {
    nowMs: () => runningMs ?? clock.nowMs(),
    at(dueMs, then) {
      const entry: Planned = { dueMs: Math.max(dueMs, runningMs ?? clock.nowMs()), turn: turn++, run: then };
      push(planned, entry);
      arm();
      return () => {
        entry.run = null;
      };
    },
    advance,
    close() {
      closed = true;
      armed?.cancel();
      planned.length = 0;
    },
  };
}

function before(a: Planned, b: Planned): boolean {
  return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.turn < b.turn);
}

/** A binary heap, earliest first. */
function push(heap: Planned[], entry: Planned): void {
  let at = heap.push(entry) - 1;
  while (at > 0) {
    const above = (at - 1) >> 1;
    const parent = heap[above] as Planned;
    if (!before(entry, parent)) break;
    heap[at] = parent;
    at = above;
  }
  heap[at] = entry;
}

function pop(heap: Planned[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let at = 0;
  for (;;) {
    let below = at * 2 + 1;
    const left = heap[below];
    if (left === undefined) break;
    const right = heap[below + 1];
    if (right !== undefined && before(right, left)) below += 1;
    const child = heap[below] as Planned;
    if (!before(child, last)) break;
    heap[at] = child;
    at = below;
  }
  heap[at] = last;
}
