import type { Association } from './association.ts';
import type { TimeDaemon } from './daemon.ts';
import type { Instance } from './instance.ts';
import { isTrue, Turns } from './turns.ts';
import type { World } from './world.ts';

/** A client is looked at once a minute. */
export const LOOK_SECONDS = 60;
/**
 * While its daemon restarts a client is without a source: that is what cycling costs. Of a daemon that starts for another reason the
 * first minute is counted apart too, in both worlds: a look once a minute cannot tell a start of 7 s from one of 12 s.
 */
const EXCUSED_AFTER_START_MS = 60_000;
/** What podtime calls confident, in words of the model: old enough, and its peer heard for minutes. */
const CONFIDENT_AGE_MS = 300_000;
const SIX_OF_EIGHT = 6;

/**
 * ntpsec never asks again for a name that was missing when it started: until the new server is confident (10 min), a tick comes by
 * (15) and the client's cool-down is over (20), all that in fair weather. After that podtime is late.
 */
const JOINED_WITHIN_MS = 2_700_000;

/** A withdrawn server comes back at the first tick that sees it confident, which takes 10 min. */
const CONFIDENT_AGAIN_MS = 600_000;
/** One that its witnesses contradicted comes back on trial this long after it was withdrawn: few poll it, who could acquit it. */
const ON_TRIAL_AFTER_MS = 3_600_000;
/** What nothing keeps out of DNS any more is there after a tick and what Route 53 takes. */
const IN_SYNC_MS = 120_000;
/** A server that is wrong by default this long is withdrawn at the next tick, by its health or by its witnesses. */
const WITHDRAWN_AFTER_MS = 900_000;

/** Clients of a boundary server that was replaced, and how long each took to follow. */
interface Following {
  replacement: Instance;
  waiting: Set<string>;
  /** When the new server could be resolved and had time to give. */
  openMs: number | null;
}

/**
 * Why a client is without a good source:
 *
 * | cause | |
 * | --- | --- |
 * | `excusedSeconds` | its daemon was cycled or started this minute |
 * | `misledSeconds` | a name that is back is missing still: its resolver keeps saying so, for as long as the zone's negative TTL lets it, or it never asks again and waits for a cycle; with the minute of its first answer |
 * | `elsewhereSeconds` | it had a good source where podtime, or the DNS that it left, had put it, and its twin has one still: of two good servers nobody knows which fails first. Or it hears a right one, outvoted while others turn wrong, or right again, one after another |
 * | `unpublishedSeconds` | its twin has a source; a server that is well is not in DNS: it was withdrawn and has to prove itself, EC2 does not name it, nobody can ask it, Route 53 refuses changes, the mode forbids it, or podtime is dead. The twin registered it, or never took its record away |
 * | `withoutSeconds` | another |
 *
 * For what the twin has an excuse at the same minute, podtime has it too.
 */
export type Cause = 'withoutSeconds' | 'excusedSeconds' | 'misledSeconds' | 'elsewhereSeconds' | 'unpublishedSeconds';

export function noSeconds(): Record<Cause, number> {
  return { withoutSeconds: 0, excusedSeconds: 0, misledSeconds: 0, elsewhereSeconds: 0, unpublishedSeconds: 0 };
}

/** A server was withdrawn for its health. */
export interface Withdrawal {
  atMs: number;
  /** By its witnesses. */
  isContradicted: boolean;
}

/** What keeps podtime from helping. */
export interface Obstacles {
  /** AWS, the operator and the floor let it look and act. */
  isFair(): boolean;
  /** Its cycle, or its tier's, counts as failed because SSM never told how it ended: it is not asked again until DNS or the mode changes. */
  isLeftOut(client: Instance): boolean;
  /** EC2 does not name it, nobody can ask it, Route 53 refuses changes, the mode is not `act`, or podtime is dead. */
  isBarred(server: Instance): boolean;
  /** null: it was not withdrawn, or is published since. */
  withdrawalOf(server: Instance): Withdrawal | null;
}

/** What one world did to its clients. Decision 0057. */
export class Ledger {
  /** Of all clients, in looks. */
  readonly seconds = noSeconds();
  mostWithout = 0;
  mostWithoutConfident = 0;
  /** Seconds from the time at which a replacement could be followed to the client's first answer from it. */
  readonly healedSeconds: number[] = [];
  /** Clients that did not follow: for how many seconds they were watched. */
  readonly unhealedSeconds: number[] = [];
  private readonly followings: Following[] = [];
  /** Clients that had a confident source at the last look, and whose daemon was still since. */
  private readonly well = new Set<string>();
  /** Client -> when it last had a good source. */
  private readonly goodMs = new Map<string, number>();
  /** Client -> since when DNS has a name that it never asks for again. */
  private readonly unjoinedSinceMs = new Map<string, number>();
  /** Server that is well and not in DNS -> until when that is no fault of podtime's. */
  private readonly excusedUntilMs = new Map<string, number>();
  /** Client -> when it was last misled. */
  private readonly misledMs = new Map<string, number>();
  private readonly turns: Turns;
  /** Clients without a good source at each look, by its time, and why. */
  private readonly lacking = new Map<number, Map<string, Cause>>();

  constructor(
    private readonly world: World,
    /** When each host was last cycled. */
    private readonly acts: ReadonlyMap<string, readonly number[]>,
    private readonly twin: Ledger | null,
    private readonly obstacles: Obstacles,
  ) {
    this.turns = new Turns(world);
  }

  replaced(old: Instance, replacement: Instance): void {
    const isClient = ({ daemon }: Instance) =>
      daemon?.associations.some(({ address }) => address === old.ipv4 || old.ipv6.includes(address)) ?? false;
    const waiting = new Set(
      this.world
        .hosts('client')
        .filter(isClient)
        .map(({ id }) => id),
    );
    // under the same address nobody has to follow
    if (old.ipv4 !== replacement.ipv4) this.followings.push({ replacement, waiting, openMs: null });
  }

  /** Once a minute. */
  look(): void {
    const { nowMs } = this.world;
    for (const server of this.world.hosts('boundary')) {
      server.daemon?.live(nowMs);
      this.watchUnpublished(server);
      this.turns.watch(server);
    }
    const lacking = new Map<string, Cause>();
    this.lacking.set(nowMs, lacking);
    let without = 0;
    let withoutConfident = 0;
    for (const client of this.world.hosts('client')) {
      const { daemon } = client;
      if (this.well.has(client.id) && daemon?.isStill(nowMs)) continue;
      daemon?.live(nowMs);
      const good = daemon === null ? [] : daemon.associations.filter((association) => this.isGood(client, association));
      const isWell = good.some(({ address }) => this.isConfident(address));
      if (isWell) this.well.add(client.id);
      else {
        this.well.delete(client.id);
        withoutConfident += 1;
      }
      if (good.length > 0) {
        this.goodMs.set(client.id, nowMs);
        continue;
      }
      without += 1;
      const cause = this.causeOf(client);
      lacking.set(client.id, cause);
      this.seconds[cause] += LOOK_SECONDS;
    }
    this.mostWithout = Math.max(this.mostWithout, without);
    this.mostWithoutConfident = Math.max(this.mostWithoutConfident, withoutConfident);
    for (const following of this.followings) this.follow(following);
  }

  /** Ends the books. */
  close(): void {
    for (const { waiting, openMs } of this.followings) {
      if (openMs === null) continue;
      for (const _ of waiting) this.unhealedSeconds.push((this.world.nowMs - openMs) / 1000);
    }
  }

  private causeOf(client: Instance): Cause {
    const { nowMs } = this.world;
    const { id, daemon } = client;
    const startMs = Math.max(this.acts.get(id)?.at(-1) ?? 0, daemon?.startedMs ?? 0);
    if (nowMs - startMs <= EXCUSED_AFTER_START_MS) return 'excusedSeconds';
    if (daemon?.isMisled(nowMs) || this.awaitsName(client)) this.misledMs.set(id, nowMs);
    if (nowMs - (this.misledMs.get(id) ?? -Infinity) <= LOOK_SECONDS * 1000) return 'misledSeconds';
    if (this.isElsewhere(client, startMs) || this.isOutvoted(client)) return 'elsewhereSeconds';
    if (this.lacksUnpublished(client)) return 'unpublishedSeconds';
    return this.twin?.lacking.get(nowMs)?.get(id) ?? 'withoutSeconds';
  }

  private awaitsName(client: Instance): boolean {
    const { id, daemon } = client;
    const { nowMs, zone } = this.world;
    if (!daemon?.unresolved.some((name) => zone.answers(name).length > 0)) {
      this.unjoinedSinceMs.delete(id);
      return false;
    }
    const mayBeCycled = this.twin === null || (this.obstacles.isFair() && !this.obstacles.isLeftOut(client));
    const sinceMs = mayBeCycled ? (this.unjoinedSinceMs.get(id) ?? nowMs) : nowMs;
    this.unjoinedSinceMs.set(id, sinceMs);
    return nowMs - sinceMs < JOINED_WITHIN_MS;
  }

  private isElsewhere({ id, daemon }: Instance, startMs: number): boolean {
    const hadGood = (this.goodMs.get(id) ?? 0) > startMs;
    return daemon !== null && hadGood && this.isTwinWell(id);
  }

  /** Votes tie while the servers behind one upstream follow it one after another, at polls of their own: the twin's may be fewer, dead ones among them. */
  private isOutvoted(client: Instance): boolean {
    const { nowMs, setting } = this.world;
    const heard = client.daemon?.associations.filter(({ reach }) => reach !== 0) ?? [];
    const sinceMs = nowMs - WITHDRAWN_AFTER_MS - setting.pod.intervalSeconds * 1000 - IN_SYNC_MS;
    const isRight = heard.some((association) => this.isRight(client, association));
    return this.isTwinWell(client.id) && isRight && heard.some(({ address }) => this.turns.isSince(address, sinceMs));
  }

  private isTwinWell(id: string): boolean {
    return this.twin !== null && !this.twin.lacking.get(this.world.nowMs)?.has(id);
  }

  private watchUnpublished(server: Instance): void {
    const { id, az, ipv4 } = server;
    const { nowMs, zone, setting } = this.world;
    const { isBarred, withdrawalOf } = this.obstacles;
    const withdrawal = withdrawalOf(server);
    const tickMs = setting.pod.intervalSeconds * 1000;
    const untilMs = this.excusedUntilMs.get(id);
    if (!this.isServingIn(az, server) || zone.isServed(ipv4)) this.excusedUntilMs.delete(id);
    else if (isBarred(server)) this.excusedUntilMs.set(id, Math.max(untilMs ?? 0, nowMs + tickMs + IN_SYNC_MS));
    else if (untilMs === undefined && withdrawal !== null) {
      const trialMs = withdrawal.isContradicted ? withdrawal.atMs + ON_TRIAL_AFTER_MS : 0;
      this.excusedUntilMs.set(id, Math.max(nowMs + CONFIDENT_AGAIN_MS, trialMs) + tickMs);
    }
  }

  private lacksUnpublished({ id, az, daemon }: Instance): boolean {
    if (daemon === null || !this.isTwinWell(id)) return false;
    const { nowMs } = this.world;
    const isExcused = (server: Instance) => nowMs < (this.excusedUntilMs.get(server.id) ?? 0);
    return this.world.hosts('boundary').some((server) => isExcused(server) && this.isServingIn(az, server));
  }

  private isServingIn(az: string, { ipv4, lie }: Instance): boolean {
    return lie === null && isTrue(this.world.reply(az, ipv4));
  }

  /**
   * Heard, true and selectable: it answers now, was heard since it does, is right, and is not voted out. A server that lies about
   * itself is not one that anybody can trust, however right its clock is.
   */
  private isGood(client: Instance, association: Association): boolean {
    const { tally } = association;
    return tally !== ' ' && tally !== 'x' && this.isRight(client, association);
  }

  private isRight(client: Instance, { lastHeardMs, address, reach }: Association): boolean {
    if (reach === 0 || lastHeardMs === null) return false;
    if (this.world.serverAt(address)?.lie) return false;
    const reply = this.world.reply(client.az, address);
    return isTrue(reply) && lastHeardMs >= reply.sinceMs;
  }

  private isConfident(address: string): boolean {
    if (address === this.world.timeService.address) return true;
    const daemon = this.world.serverAt(address)?.daemon;
    return daemon != null && isConfident(daemon, this.world.nowMs);
  }

  private follow(following: Following): void {
    const { replacement, waiting } = following;
    if (waiting.size === 0) return;
    const { nowMs } = this.world;
    if (replacement.state !== 'running' && replacement.state !== 'pending') {
      waiting.clear();
      return;
    }
    const isOpen = replacement.daemon?.syncedSinceMs != null && this.world.zone.isServed(replacement.ipv4);
    if (isOpen) following.openMs ??= nowMs;
    if (following.openMs === null) return;
    for (const id of waiting) {
      const client = this.world.instances.get(id);
      if (client?.state !== 'running' || client.held) waiting.delete(id);
      const joined = client?.daemon?.associations.find(
        ({ address, firstHeardMs }) =>
          firstHeardMs !== null && (address === replacement.ipv4 || replacement.ipv6.includes(address)),
      );
      if (joined === undefined || joined.firstHeardMs === null) continue;
      waiting.delete(id);
      this.healedSeconds.push(Math.max(0, (joined.firstHeardMs - following.openMs) / 1000));
    }
  }
}

function isConfident({ startedMs, systemPeer }: TimeDaemon, nowMs: number): boolean {
  if (systemPeer === null || nowMs - startedMs < CONFIDENT_AGE_MS) return false;
  let heard = 0;
  for (let bits = systemPeer.reach; bits > 0; bits >>= 1) heard += bits & 1;
  return heard >= SIX_OF_EIGHT;
}
