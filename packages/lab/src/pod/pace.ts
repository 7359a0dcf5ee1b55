import type { EndpointEvent } from '@podtime/aws-endpoint';

export interface PaceOptions {
  /** Simulated seconds in one real second, now. */
  factor(): number;
  setFactor(factor: number): void;
  /** Real milliseconds for which a tick waits for the answers of hosts. */
  waitMs: number;
  /** Real time, from any moment on. */
  nowMs(): number;
  tell(sentence: string): void;
}

/** Answers that take longer than this share of a tick's wait are late: the next ones may miss it. */
const LATE_SHARE = 0.6;
/** Of so many commands hosts answered late, one after the other, before anything is done: one may be an accident. */
const LATE_COMMANDS = 2;
const SLOWEST = 1;

/**
 * Makes simulated time slower where the machine cannot keep up: a host's scripts and podtime's functions run as fast as the machine
 * lets them, whatever the factor, and what the factor speeds up competes with them. Judged by how long hosts take to answer `collect`,
 * and by ticks that fail. It never gets faster again by itself.
 * Decision 0123.
 */
export class Pace {
  readonly #options: PaceOptions;
  readonly #sentAtMs = new Map<string, number>();
  /** Of commands sent since the pace was last changed. */
  readonly #late = new Set<string>();
  #isAtItsEnd = false;

  constructor(options: PaceOptions) {
    this.#options = options;
  }

  hear(event: EndpointEvent): void {
    const { nowMs, waitMs } = this.#options;
    if (event.kind === 'command sent' && event.document.endsWith('-collect')) {
      this.#sentAtMs.set(event.commandId, nowMs());
      return;
    }
    if (event.kind === 'command ended') {
      if (this.#sentAtMs.delete(event.commandId) && !this.#late.has(event.commandId)) this.#late.clear();
      return;
    }
    if (event.kind === 'function failed' && event.functionName.includes('-watchdog')) {
      this.#tooSlow(`a tick failed (${event.message})`);
      return;
    }
    if (event.kind !== 'invocation ended' || event.statusDetails !== 'Success') return;
    const sentAtMs = this.#sentAtMs.get(event.commandId);
    if (sentAtMs === undefined || this.#late.has(event.commandId)) return;
    const tookMs = nowMs() - sentAtMs;
    if (tookMs <= waitMs * LATE_SHARE) return;
    this.#late.add(event.commandId);
    const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
    if (this.#late.size >= LATE_COMMANDS)
      this.#tooSlow(`hosts answer after ${seconds(tookMs)} (a tick waits ${seconds(waitMs)})`);
  }

  #tooSlow(why: string): void {
    const was = this.#options.factor();
    this.#late.clear();
    this.#sentAtMs.clear();
    if (was <= SLOWEST) {
      if (!this.#isAtItsEnd)
        this.#options.tell(
          `This machine is too slow even for time's own speed: ${why}. Close what else runs on it, or start anew: a start measures the machine, and waits longer.`,
        );
      this.#isAtItsEnd = true;
      return;
    }
    const factor = Math.max(SLOWEST, Math.round(was / 2));
    this.#options.setFactor(factor);
    this.#options.tell(
      `This machine is too slow for ${was} times: ${why}. Hosts and AWS now run ${timesAsFast(factor)}; all comes, later.`,
    );
  }
}

/** `20 times as fast as your clock`. */
export function timesAsFast(factor: number): string {
  return factor === 1 ? 'as fast as your clock' : `${factor} times as fast as your clock`;
}
