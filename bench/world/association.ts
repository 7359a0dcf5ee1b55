import type { Source } from '../../src/ntp/source.ts';
import { chanceOf } from './random.ts';

/** What comes back from an address now. Constant between two changes of the world. */
export interface Reply {
  /** Share of polls that are answered: 0 nobody, 1 all. */
  answered: number;
  /** Since when the address answers as it does, and has time to give. */
  sinceMs: number;
  /** How wrong the server's clock is, ms, signed. */
  errorMs: number;
  /** How wrong it says that it may be (RFC 5905's root distance). */
  distanceMs: number;
  /** 16: it answers and has no time to give. */
  stratum: number;
}

/** Half a round trip to a Stratum 2 server, and what a clock drifts between polls. */
export const DISTANCE_MS = 30;

export const NO_REPLY: Reply = { answered: 0, sinceMs: 0, errorMs: 0, distanceMs: DISTANCE_MS, stratum: 16 };

/** The default exponents of ntpd, ntpsec and chrony: 64 s to 1,024 s. */
export const DEFAULT_POLL = { min: 6, max: 10 } as const;

/** A settled daemon doubles its poll interval until the longest; each step takes about so long. */
const POLL_STEP_SECONDS = 2400;

/** Packets of a burst at the start, at the least (chrony: 4, ntpd: 6 or more); one answer is enough. */
const BURST_PACKETS = 4;

/** One source of a daemon: its row in `ntpq -pn`. Polls are worked out when somebody looks, not when they happen. */
export class Association {
  reach = 0;
  /** Polls unanswered in a row. */
  missed = 0;
  lastHeardMs: number | null = null;
  firstHeardMs: number | null = null;
  tally: Source['tally'] = ' ';
  /** As told at the last answer. */
  errorMs = 0;
  distanceMs = DISTANCE_MS;
  stratum = 16;
  private nextPollMs: number;
  /** From when on its poll interval grows. */
  private settlesFromMs: number;

  constructor(
    readonly address: string,
    /** The name of the configuration by which it came; null for an address. */
    readonly name: string | null,
    readonly isNoselect: boolean,
    readonly startedMs: number,
    private readonly settings: {
      /** When the first answer is in, if there is one: iburst, a burst. */
      firstAnswerMs: number;
      /** What the register holds after it: ntpd shifts once a poll, chrony counts every sample. */
      firstReach: number;
      poll: { min: number; max: number };
      client: string;
    },
  ) {
    this.nextPollMs = settings.firstAnswerMs;
    this.settlesFromMs = startedMs;
  }

  pollSeconds(nowMs: number): number {
    const { min, max } = this.settings.poll;
    return 2 ** Math.min(max, min + this.stepsAt(nowMs));
  }

  /** The clock was stepped, or sources disagree: back to the shortest interval. */
  unsettle(nowMs: number): void {
    if (this.pollSeconds(nowMs) === 2 ** this.settings.poll.min) return;
    this.settlesFromMs = nowMs;
    this.nextPollMs = Math.min(this.nextPollMs, this.onGrid(nowMs, this.pollSeconds(nowMs) * 1000));
  }

  /** Takes the polls up to now, which were all answered as `reply` says. */
  advance(nowMs: number, reply: Reply): void {
    while (this.nextPollMs <= nowMs) {
      const atMs = this.nextPollMs;
      const isFirst = atMs === this.settings.firstAnswerMs;
      const pollMs = this.pollSeconds(atMs) * 1000;
      const isSettled = reply.answered === 1 ? this.reach === 255 : reply.answered === 0 && this.reach === 0;
      // what changes nothing is taken at once: up to the last poll before now, or before the interval grows
      const growsMs = this.settlesFromMs + (this.stepsAt(atMs) + 1) * POLL_STEP_SECONDS * 1000;
      const followingMs = this.onGrid(atMs, pollMs);
      const following = Math.max(0, Math.floor((Math.min(nowMs, growsMs - 1) - followingMs) / pollMs) + 1);
      const skipped = isSettled && !isFirst ? following : 0;
      this.poll(skipped === 0 ? atMs : followingMs + (skipped - 1) * pollMs, reply, isFirst, skipped);
      this.nextPollMs = followingMs + skipped * pollMs;
    }
  }

  private stepsAt(nowMs: number): number {
    return Math.max(0, Math.floor((nowMs - this.settlesFromMs) / 1000 / POLL_STEP_SECONDS));
  }

  /** Asks again now: `burst 4/4`, `iburst`. */
  burst(answerMs: number, reply: Reply, reach: number): void {
    this.advance(answerMs, reply);
    if (reply.answered > 0) {
      this.hear(answerMs, reply);
      this.reach |= reach;
    }
  }

  /** Its clock is no further off than it says. */
  isTrue(): boolean {
    return Math.abs(this.errorMs) <= this.distanceMs;
  }

  /** Nothing will change before the world does. */
  isSettled(reply: Reply): boolean {
    return reply.answered === 1
      ? this.reach === 255 && this.errorMs === reply.errorMs && this.stratum === reply.stratum
      : reply.answered === 0 && this.reach === 0;
  }

  private poll(atMs: number, reply: Reply, isFirst: boolean, before: number): void {
    const packets = isFirst ? BURST_PACKETS : 1;
    const answered = 1 - (1 - reply.answered) ** packets;
    const heard = answered >= 1 || (answered > 0 && chanceOf(this.settings.client, this.address, atMs) < answered);
    this.reach = (this.reach << 1) & 0xff;
    if (!heard) {
      this.missed += 1 + before;
      return;
    }
    this.reach |= isFirst ? this.settings.firstReach : 1;
    this.hear(atMs, reply);
  }

  private hear(atMs: number, { errorMs, distanceMs, stratum }: Reply): void {
    this.missed = 0;
    this.firstHeardMs ??= atMs;
    this.lastHeardMs = atMs;
    this.errorMs = errorMs;
    this.distanceMs = distanceMs;
    this.stratum = stratum;
  }

  /**
   * Polls keep to a grid of the client's own for each server, which a restart does not move: whether a server that returns is
   * heard a minute sooner or later is then no difference between a world with podtime and one without.
   */
  private onGrid(afterMs: number, pollMs: number): number {
    const phaseMs = Math.floor(chanceOf(this.settings.client, this.address) * 2 ** this.settings.poll.min * 1000);
    return Math.floor((afterMs - phaseMs) / pollMs + 1) * pollMs + phaseMs;
  }
}
