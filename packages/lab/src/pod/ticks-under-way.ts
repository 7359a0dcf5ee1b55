interface Underway {
  /** Of news that came meanwhile: one run for all of it. */
  next: Promise<unknown> | null;
  run: Promise<unknown>;
}

/**
 * At most one run of a pod's watchdog at a time. A scheduled one that comes while another is under way is left out: in simulated time
 * they come faster than a slow machine ends them, and all that wait would do what the next does anyway. News (DNS changed) is not left
 * out, it waits, and whatever comes meanwhile shares its run. That overlapping runs do no harm is held by test/reliability.
 * Decision 0123.
 */
export class TicksUnderWay {
  readonly #pods = new Map<string, Underway>();

  /** What `run` answers; at once undefined for a run that is left out. An event that is no tick's runs whatever else does. */
  run(payload: unknown, run: () => Promise<unknown>): Promise<unknown> {
    const tick = tickOf(payload);
    if (tick === null) return run();
    const current = this.#pods.get(tick.pod);
    if (current === undefined) return this.#begin(tick.pod, run);
    if (!tick.isNews) return Promise.resolve(undefined);
    current.next ??= current.run.catch(() => {}).then(() => this.#begin(tick.pod, run));
    return current.next;
  }

  #begin(pod: string, run: () => Promise<unknown>): Promise<unknown> {
    const running = run();
    const current: Underway = { run: running, next: null };
    this.#pods.set(pod, current);
    const end = () => {
      // the next one takes the place over
      if (current.next === null) this.#pods.delete(pod);
    };
    running.then(end, end);
    return running;
  }
}

/** Schedules name the pod, and say that they are one; an event has it in its detail. */
function tickOf(payload: unknown): { pod: string; isNews: boolean } | null {
  if (typeof payload !== 'object' || payload === null) return null;
  const { pod, scheduled, detail } = payload as { pod?: unknown; scheduled?: unknown; detail?: { pod?: unknown } };
  if (scheduled === true && typeof pod === 'string') return { pod, isNews: false };
  return typeof detail?.pod === 'string' ? { pod: detail.pod, isNews: true } : null;
}
