import type { EndpointEvent } from '@podtime/aws-endpoint';

export interface PaceOptions {
  /** Simulated seconds in one real second, now. */
  factor(): number;
  setFactor(factor: number): void;
  /** Real milliseconds for which a tick waits for the answers of hosts. */
  waitMs: number;
  /** Real time, from any moment on. */
  nowMs(): number;
  tell(change: 'slower' | 'faster', sentence: string): void;
}

/** Answers that take longer than this share of a tick's wait are late: the next ones may miss it. */
const LATE_SHARE = 0.6;
/** Of so many commands hosts answered late, one after the other, before anything is done: one may be an accident. */
const LATE_COMMANDS = 2;
const SLOWEST = 1;
/** Twice as fast all that competes is twice as much: answers within this share would not be late then. */
const SOON_SHARE = 0.25;
/** Half a minute of two pods that are looked at every ten seconds. */
const SOON_COMMANDS = 6;
/** A quarter of an hour of them: a machine that is busy now and then is not tried each minute. */
const MOST_SOON_COMMANDS = 192;

/** A command that asks hosts, under way. */
interface Look {
  sentAtMs: number;
  /** After how long the last host answered; null: none has. */
  tookMs: number | null;
}

/**
 * Makes simulated time slower where the machine cannot keep up: a host's scripts and podtime's functions run as fast as the machine
 * lets them, whatever the factor, and what the factor speeds up competes with them. Judged by how long hosts take to answer `collect`,
 * and by ticks that fail. Where hosts answer soon for a while it takes each step back, up to the factor that it began with.
 * Decision 0123.
 */
export class Pace {
  readonly #options: PaceOptions;
  readonly #looks = new Map<string, Look>();
  /** Of commands sent since the pace was last changed. */
  readonly #late = new Set<string>();
  /** Factors from which it came down, the last one last. */
  readonly #before: number[] = [];
  /** Looks in a row in which all who answered did so soon, and the longest that it took any. */
  #soon = { looks: 0, longestMs: 0 };
  #soonWanted = SOON_COMMANDS;
  #isRaised = false;
  #isAtItsEnd = false;

  constructor(options: PaceOptions) {
    this.#options = options;
  }

  hear(event: EndpointEvent): void {
    const { nowMs, waitMs } = this.#options;
    if (event.kind === 'command sent' && event.document.endsWith('-collect')) {
      this.#looks.set(event.commandId, { sentAtMs: nowMs(), tookMs: null });
      return;
    }
    if (event.kind === 'command ended') {
      const look = this.#looks.get(event.commandId);
      this.#looks.delete(event.commandId);
      if (look !== undefined && !this.#late.has(event.commandId)) this.#inTime(look);
      return;
    }
    if (event.kind === 'function failed' && event.functionName.includes('-watchdog')) {
      this.#tooSlow(`a tick failed (${event.message})`);
      return;
    }
    if (event.kind !== 'invocation ended' || event.statusDetails !== 'Success') return;
    const look = this.#looks.get(event.commandId);
    if (look === undefined || this.#late.has(event.commandId)) return;
    look.tookMs = nowMs() - look.sentAtMs;
    if (look.tookMs <= waitMs * LATE_SHARE) return;
    this.#late.add(event.commandId);
    this.#soon = { looks: 0, longestMs: 0 };
    if (this.#late.size >= LATE_COMMANDS)
      this.#tooSlow(`hosts answer after ${seconds(look.tookMs)} (a tick waits ${seconds(waitMs)})`);
  }

  #inTime({ tookMs }: Look): void {
    this.#late.clear();
    // hosts that are all silent say nothing of the machine
    if (tookMs === null) return;
    const isSoon = tookMs <= this.#options.waitMs * SOON_SHARE;
    const { looks, longestMs } = this.#soon;
    this.#soon = isSoon ? { looks: looks + 1, longestMs: Math.max(longestMs, tookMs) } : { looks: 0, longestMs: 0 };
    if (this.#soon.looks >= this.#soonWanted) this.#fastEnough();
  }

  #fastEnough(): void {
    const { looks, longestMs } = this.#soon;
    this.#soon = { looks: 0, longestMs: 0 };
    const factor = this.#before.pop();
    if (factor === undefined) return;
    this.#isRaised = true;
    this.#isAtItsEnd = false;
    this.#options.setFactor(factor);
    this.#options.tell(
      'faster',
      `Hosts have answered within ${seconds(longestMs)} for ${looks} looks. They and AWS now run ${timesAsFast(factor)}.`,
    );
  }

  #tooSlow(why: string): void {
    const was = this.#options.factor();
    this.#late.clear();
    this.#looks.clear();
    this.#soon = { looks: 0, longestMs: 0 };
    // it was raised too early
    if (this.#isRaised) this.#soonWanted = Math.min(2 * this.#soonWanted, MOST_SOON_COMMANDS);
    this.#isRaised = false;
    if (was <= SLOWEST) {
      if (!this.#isAtItsEnd)
        this.#options.tell(
          'slower',
          `This machine is too slow even for time's own speed: ${why}. Close what else runs on it, or start anew: a start measures the machine, and waits longer.`,
        );
      this.#isAtItsEnd = true;
      return;
    }
    const factor = Math.max(SLOWEST, Math.round(was / 2));
    this.#before.push(was);
    this.#options.setFactor(factor);
    this.#options.tell(
      'slower',
      `This machine is too slow for ${was} times: ${why}. Hosts and AWS now run ${timesAsFast(factor)}; all comes, later.`,
    );
  }
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;

/** `20 times as fast as your clock`. */
export function timesAsFast(factor: number): string {
  return factor === 1 ? 'as fast as your clock' : `${factor} times as fast as your clock`;
}
