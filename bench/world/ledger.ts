import type { Association } from './association.ts';
import type { TimeDaemon } from './daemon.ts';
import type { Instance } from './instance.ts';
import { isFair, type Weather } from './weather.ts';
import type { World } from './world.ts';

/** How wrong a clock may be to be called true: what a fleet calls adrift by default. */
const TRUE_WITHIN_MS = 50;
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
 * A stopped server's record goes, or every client that boots meanwhile is lost with it. When it starts again while AWS or an operator
 * lets nobody publish it, clients are without it for so much longer than that: a negative answer is kept for 15 minutes, and the pools of
 * a settled chrony look again once an hour.
 */
const KEPT_OUT_AFTER_MS = 4_500_000;

/** Clients of a boundary server that was replaced, and how long each took to follow. */
interface Following {
  replacement: Instance;
  waiting: Set<string>;
  /** When the new server could be resolved and had time to give. */
  openMs: number | null;
}

/** What one world did to its clients. Decision 0057. */
export class Ledger {
  /** Client -> seconds without a good source, in looks. */
  readonly withoutSeconds = new Map<string, number>();
  excusedSeconds = 0;
  /** The same of clients whose resolver keeps saying that a name is missing, for as long as the zone's negative TTL lets it. */
  misledSeconds = 0;
  /** The same while sources that are all right again disagree by what they said before: until each is asked again. */
  unsettledSeconds = 0;
  /** The same while a server that was started again cannot be published. */
  keptOutSeconds = 0;
  mostWithout = 0;
  mostWithoutConfident = 0;
  /** Seconds from the time at which a replacement could be followed to the client's first answer from it. */
  readonly healedSeconds: number[] = [];
  /** Clients that did not follow: for how many seconds they were watched. */
  readonly unhealedSeconds: number[] = [];
  private readonly followings: Following[] = [];
  /** Clients that had a confident source at the last look, and whose daemon was still since. */
  private readonly well = new Set<string>();
  private readonly keptOutUntilMs = new Map<Instance, number>();

  constructor(
    private readonly world: World,
    /** When each host was last cycled. */
    private readonly acts: ReadonlyMap<string, readonly number[]>,
    private readonly weather: Weather,
  ) {}

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
    for (const server of this.world.hosts('boundary')) server.daemon?.live(nowMs);
    this.noteKeptOut();
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
      if (good.length > 0) continue;
      without += 1;
      const startMs = Math.max(this.acts.get(client.id)?.at(-1) ?? 0, daemon?.startedMs ?? 0);
      if (nowMs - startMs <= EXCUSED_AFTER_START_MS) this.excusedSeconds += LOOK_SECONDS;
      else if (daemon?.isMisled(nowMs)) this.misledSeconds += LOOK_SECONDS;
      else if (daemon !== null && this.isUnsettled(client, daemon)) this.unsettledSeconds += LOOK_SECONDS;
      else if (daemon !== null && this.isKeptFrom(client)) this.keptOutSeconds += LOOK_SECONDS;
      else this.withoutSeconds.set(client.id, (this.withoutSeconds.get(client.id) ?? 0) + LOOK_SECONDS);
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

  private noteKeptOut(): void {
    if (isFair(this.weather)) return;
    for (const server of this.world.hosts('boundary')) {
      const isBack = server.lastDeathMs !== null && server.daemon?.syncedSinceMs != null;
      const isServed = [server.ipv4, ...server.ipv6].some((address) => this.world.zone.isServed(address));
      if (isBack && !isServed) this.keptOutUntilMs.set(server, this.world.nowMs + KEPT_OUT_AFTER_MS);
    }
  }

  private isKeptFrom({ az }: Instance): boolean {
    return [...this.keptOutUntilMs].some(
      ([{ ipv4 }, untilMs]) => this.world.nowMs < untilMs && this.world.reply(az, ipv4).answered > 0,
    );
  }

  /**
   * Heard, true and selectable: it answers now, was heard since it does, is right, and is not voted out. A server that lies about
   * itself is not one that anybody can trust, however right its clock is.
   */
  private isGood(client: Instance, association: Association): boolean {
    const { tally } = association;
    return tally !== ' ' && tally !== 'x' && this.isRight(client, association);
  }

  private isUnsettled(client: Instance, { associations }: TimeDaemon): boolean {
    const voting = associations.filter(({ tally }) => tally !== ' ');
    return voting.length > 0 && voting.every((association) => this.isRight(client, association));
  }

  private isRight(client: Instance, { lastHeardMs, address, reach }: Association): boolean {
    if (reach === 0 || lastHeardMs === null) return false;
    if (this.world.serverAt(address)?.lie) return false;
    const { answered, sinceMs, errorMs, stratum } = this.world.reply(client.az, address);
    return answered > 0 && stratum < 16 && lastHeardMs >= sinceMs && Math.abs(errorMs) <= TRUE_WITHIN_MS;
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
