import type { Command } from '@aws-sdk/client-ssm';
import { ANSWERS_PER_PAGE } from '../fleet/aws-limits.ts';
import { isUnderWay } from '../host/verdict.ts';
import type { CollectAnswer } from '../watchdog/ports.ts';
import { type CommandList, hasEnded, isCounted, isForNextLook } from './command-list.ts';

const POLL_MS = 1000;
/** Once the list was read, a poll only tells that the last hosts are through. */
const LATE_POLL_MS = 5000;
/** A list of so many pages is read within a second or two: reading it before all hosts are through wins nothing. */
const SHORT_LIST_PAGES = 10;

/** How the adapter waits. */
export interface Time {
  nowMs(): number;
  pause(ms: number): Promise<void>;
}

/** How long a command's hosts are waited for. */
export interface Wait {
  time: Time;
  untilMs: number;
  /** Nobody wants the answers any more. */
  signal?: AbortSignal;
}

/**
 * `listed`: whether SSM listed the command by then; `unread`: why the last look at it was not answered, null where it was;
 * `isWhole`: whether as many answers were read as SSM counts hosts that are through.
 */
export interface Heard {
  listed: boolean;
  unread: unknown;
  isWhole: boolean;
}

/**
 * Hands on what each host of a command answers, once, as its page comes; at the end also those that are still under way.
 *
 * Reading a long list takes longer than most hosts need, and SSM's reads are scarce. So the list is read once: while the last
 * hosts are waited for, when no more of them are open than it has pages, or when nobody has come for a second and half are
 * through. Who comes after that is read again at the end: host by host where that takes fewer reads, else by the whole list,
 * and not at all where the command counts nobody more. SSM documents no order and no filter by which only new ones are listed.
 * Decision 0060.
 *
 * Throws when the list could not be read at all; what was handed on before stands.
 */
export async function hearCommand(
  list: CommandList,
  commandId: string,
  { time, untilMs, signal }: Wait,
  hear: (answers: CollectAnswer[]) => void,
): Promise<Heard> {
  const hosts = new Hosts(hear);
  let command = null as Command | null;
  let unread: unknown = null;
  let isRead = false;
  const hasTime = () => time.nowMs() < untilMs && signal?.aborted !== true;
  const pause = async (ms: number) => {
    if (ms > 0) await time.pause(Math.min(ms, untilMs - time.nowMs()));
  };
  const missing = () => (command?.CompletedCount ?? 0) - hosts.counted;
  const readList = async () => {
    for await (const page of list.answers(commandId)) hosts.take(page);
    isRead = true;
  };
  /** Whether another look may bring more. */
  const attempt = async (step: () => Promise<void>): Promise<boolean> => {
    try {
      await step();
      unread = null;
    } catch (error) {
      unread = error;
    }
    return unread === null || isForNextLook(unread);
  };

  while (hasTime() && !(command && hasEnded(command))) {
    const before = command?.CompletedCount ?? 0;
    await pause(isRead ? LATE_POLL_MS : POLL_MS);
    const goesOn = await attempt(async () => {
      command = (await list.command(commandId)) ?? command;
    });
    if (!goesOn) throw unread;
    if (!isRead && command && isWorthReading(command, before)) await attempt(readList);
  }
  if (signal?.aborted) return { listed: true, unread: null, isWhole: true };
  // of a list that was read before, the late ones; then, as the list lags behind the command that counts them, once more
  let pauseMs = isRead ? 0 : POLL_MS;
  if (!isRead) await readList();
  while (missing() > 0 && (pauseMs === 0 || hasTime())) {
    await pause(pauseMs);
    const goesOn = await attempt(async () => {
      if (hosts.areFewerReads(missing())) await hosts.readOpen(list, commandId, () => missing() > 0);
      else await readList();
    });
    if (!goesOn) break;
    pauseMs = Math.max(POLL_MS, pauseMs * 2);
  }
  hosts.end();
  return { listed: command !== null || hosts.listed > 0, unread, isWhole: missing() <= 0 };
}

/** Whether the list is long, and few of its pages will have to be read again. */
function isWorthReading({ TargetCount = 0, CompletedCount = 0 }: Command, completedBefore: number): boolean {
  const pages = Math.ceil(TargetCount / ANSWERS_PER_PAGE);
  const open = TargetCount - CompletedCount;
  const isQuiet = CompletedCount === completedBefore && CompletedCount >= open;
  return pages > SHORT_LIST_PAGES && open > 0 && (open <= pages || isQuiet);
}

/** The hosts of a command, as far as its list has shown them. */
class Hosts {
  /** Those in the command's CompletedCount. */
  counted = 0;
  private readonly through = new Set<string>();
  private readonly open = new Map<string, CollectAnswer>();

  constructor(private readonly hear: (answers: CollectAnswer[]) => void) {}

  get listed(): number {
    return this.through.size + this.open.size;
  }

  /** A page may show a host again that an earlier one showed. */
  take(answers: readonly CollectAnswer[]): void {
    const news: CollectAnswer[] = [];
    for (const answer of answers) {
      const { instanceId } = answer;
      if (this.through.has(instanceId)) continue;
      if (isUnderWay(answer.status)) this.open.set(instanceId, answer);
      else {
        this.open.delete(instanceId);
        this.through.add(instanceId);
        if (isCounted(answer)) this.counted += 1;
        news.push(answer);
      }
    }
    if (news.length > 0) this.hear(news);
  }

  /** Whether all that are missing are known by id, and asking for each of the open ones takes no more reads than the list. */
  areFewerReads(missing: number): boolean {
    return this.open.size >= missing && this.open.size <= Math.ceil(this.listed / ANSWERS_PER_PAGE);
  }

  async readOpen(list: CommandList, commandId: string, goOn: () => boolean): Promise<void> {
    for (const instanceId of [...this.open.keys()]) {
      if (!goOn()) return;
      const answer = await list.answer(commandId, instanceId);
      if (answer) this.take([answer]);
    }
  }

  end(): void {
    if (this.open.size > 0) this.hear([...this.open.values()]);
  }
}
