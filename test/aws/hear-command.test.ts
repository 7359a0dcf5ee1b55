import type { Command } from '@aws-sdk/client-ssm';
import { describe, expect, it } from '@jest/globals';
import { hostId } from '@podtime/aws-endpoint/testing';
import type { CommandList } from '../../src/aws/command-list.ts';
import { AwsCallError, NoTimeLeft } from '../../src/aws/errors.ts';
import { hearCommand } from '../../src/aws/hear-command.ts';
import type { CollectAnswer } from '../../src/watchdog/ports.ts';

const PER_PAGE = 50;

/** SSM's lists of one command, over hosts that are through at a second each; what was read of them is counted. */
class Lists implements CommandList {
  reads = { polls: 0, pages: 0, hosts: 0 };
  nowMs = 0;
  /** From when the lists show what the command counts. */
  lagSeconds = 0;
  /** How long a page takes. */
  pageMs = 20;
  fails: (read: 'poll' | 'page' | 'host', seconds: number) => unknown = () => null;

  /** `throughAt`: seconds, of each host; Infinity = silent. `endsAs`: how. */
  constructor(
    readonly throughAt: number[],
    readonly endsAs: (n: number) => string = () => 'Success',
  ) {}

  readonly time = {
    nowMs: () => this.nowMs,
    pause: async (ms: number) => {
      this.nowMs += ms;
    },
  };

  private isThrough(n: number, lagSeconds = 0): boolean {
    return (this.throughAt[n] ?? 0) <= this.nowMs / 1000 - lagSeconds;
  }

  private see(read: 'poll' | 'page' | 'host'): void {
    const error = this.fails(read, this.nowMs / 1000);
    if (error) throw error;
  }

  private answerOf(n: number): CollectAnswer {
    const through = this.isThrough(n, this.lagSeconds);
    return { instanceId: hostId(n), status: through ? this.endsAs(n) : 'InProgress', output: through ? `${n}` : null };
  }

  async command(commandId: string): Promise<Command> {
    this.reads.polls += 1;
    this.see('poll');
    const counted = this.throughAt.filter((_, n) => this.isThrough(n) && this.endsAs(n) !== 'AccessDenied').length;
    const ended = this.throughAt.every((_, n) => this.isThrough(n));
    const Status = ended ? 'Success' : 'InProgress';
    return { CommandId: commandId, Status, TargetCount: this.throughAt.length, CompletedCount: counted };
  }

  async *answers(): AsyncGenerator<CollectAnswer[]> {
    for (let start = 0; start < this.throughAt.length; start += PER_PAGE) {
      this.reads.pages += 1;
      this.nowMs += this.pageMs;
      this.see('page');
      const length = Math.min(PER_PAGE, this.throughAt.length - start);
      yield Array.from({ length }, (_, n) => this.answerOf(start + n));
    }
  }

  async answer(_: string, instanceId: string): Promise<CollectAnswer> {
    this.reads.hosts += 1;
    this.see('host');
    return this.answerOf(this.throughAt.findIndex((_, n) => hostId(n) === instanceId));
  }

  ofWave = async () => [];
}

/** Hosts of which all but some are through within a second. */
const hosts = (count: number, late: Record<number, number> = {}) =>
  Array.from({ length: count }, (_, n) => late[n] ?? 0.5);

async function heardFrom(lists: Lists, untilSeconds = 45, signal?: AbortSignal) {
  const answers: CollectAnswer[] = [];
  const firstAtSeconds: number[] = [];
  const wait = { time: lists.time, untilMs: untilSeconds * 1000, signal };
  const heard = await hearCommand(lists, 'c-1', wait, (page) => {
    firstAtSeconds.push(lists.nowMs / 1000);
    answers.push(...page);
  });
  const ids = answers.map(({ instanceId }) => instanceId);
  const succeeded = answers.filter(({ status }) => status === 'Success').length;
  return { heard, answers, succeeded, isEachOnce: new Set(ids).size === ids.length, firstAtSeconds: firstAtSeconds[0] };
}

const failing = (code: string, fault: 'client' | 'server') => {
  const cause = Object.assign(new Error('x'), {
    name: code,
    $fault: fault,
    $metadata: { httpStatusCode: fault === 'client' ? 400 : 500 },
  });
  return new AwsCallError('reading', `${code} (log entry t.1)`, code, { cause });
};

describe('the answers to a command', () => {
  it('are read once, page by page, when all hosts are through', async () => {
    const lists = new Lists(hosts(1200));
    const { heard, succeeded, isEachOnce } = await heardFrom(lists);
    expect({ heard, succeeded, isEachOnce }).toEqual({
      heard: { listed: true, unread: null, isWhole: true },
      succeeded: 1200,
      isEachOnce: true,
    });
    expect(lists.reads).toEqual({ polls: 1, pages: 24, hosts: 0 });
  });

  it('of a long list are read while silent hosts are waited for, and those not read for again', async () => {
    const silent = { 7: Number.POSITIVE_INFINITY, 900: Number.POSITIVE_INFINITY };
    const lists = new Lists(hosts(1200, silent));
    const { answers, succeeded, isEachOnce, firstAtSeconds } = await heardFrom(lists);
    expect(firstAtSeconds).toBeLessThan(2);
    expect([succeeded, answers.length, isEachOnce]).toEqual([1198, 1200, true]);
    expect(answers.filter(({ status }) => status !== 'Success')).toEqual(
      [7, 900].map((n) => ({ instanceId: hostId(n), status: 'InProgress', output: null })),
    );
    expect(lists.reads).toMatchObject({ pages: 24, hosts: 0 });
    // every second until the list is read, then every five
    expect(lists.reads.polls).toBeLessThanOrEqual(11);
    expect(lists.nowMs).toBe(45_000);
  });

  it('are not whole where those that came after the list was read are not read any more', async () => {
    // half come at once, the others after a quiet second, and each read of the list after the first fails
    const late = Object.fromEntries(Array.from({ length: 600 }, (_, n) => [n, 20]));
    const lists = new Lists(hosts(1200, late));
    lists.fails = (read, seconds) => (read === 'page' && seconds > 20 ? new NoTimeLeft('x') : null);
    const { heard, succeeded } = await heardFrom(lists);
    expect(heard).toEqual({ listed: true, unread: expect.any(NoTimeLeft), isWhole: false });
    expect(succeeded).toBe(600);
  });

  it('are whole though silent hosts were waited for in vain', async () => {
    const { heard } = await heardFrom(new Lists(hosts(1200, { 7: Number.POSITIVE_INFINITY })));
    expect(heard).toEqual({ listed: true, unread: null, isWhole: true });
  });

  it('of a short list are read once, at the end', async () => {
    const lists = new Lists(hosts(500, { 7: 20, 8: Number.POSITIVE_INFINITY }));
    expect((await heardFrom(lists)).succeeded).toBe(499);
    expect(lists.reads).toMatchObject({ pages: 10, hosts: 0 });
  });

  it('of a few that were late are read again host by host, as long as some are missing', async () => {
    const late = { 3: 20, 700: 10, 800: Number.POSITIVE_INFINITY, 900: Number.POSITIVE_INFINITY };
    const lists = new Lists(hosts(1200, late));
    const { succeeded, answers, isEachOnce } = await heardFrom(lists);
    expect([succeeded, answers.length, isEachOnce]).toEqual([1198, 1200, true]);
    expect(lists.reads).toMatchObject({ pages: 24, hosts: 2 });
  });

  it('of many that were late are read again by the whole list, once', async () => {
    // half are through at once, nobody in the next second, the others later
    const lists = new Lists(Array.from({ length: 1200 }, (_, n) => (n % 2 ? 0.5 : 20)));
    const { succeeded, isEachOnce } = await heardFrom(lists);
    expect([succeeded, isEachOnce]).toEqual([1200, true]);
    expect(lists.reads).toMatchObject({ pages: 48, hosts: 0 });
  });

  it('are not read while less than half have come', async () => {
    const lists = new Lists(Array.from({ length: 1200 }, (_, n) => (n < 500 ? 0.5 : 20)));
    expect((await heardFrom(lists)).succeeded).toBe(1200);
    expect(lists.reads).toMatchObject({ pages: 24, hosts: 0 });
  });

  it('are missed of nobody where the command counts some of the hosts that are through not', async () => {
    const lists = new Lists(hosts(1200, { 5: 20, 900: 3 }), (n) => (n < 5 ? 'AccessDenied' : 'Success'));
    const { succeeded, answers } = await heardFrom(lists);
    expect([succeeded, answers.length]).toEqual([1195, 1200]);
  });

  it('that the list shows later than the command counts them are waited for', async () => {
    const lists = new Lists(hosts(120));
    lists.lagSeconds = 3;
    expect((await heardFrom(lists)).succeeded).toBe(120);
    expect(lists.nowMs / 1000).toBeLessThan(8);
  });

  it('that the list never shows are waited for till the end, by ever fewer reads', async () => {
    const lists = new Lists(hosts(1200));
    lists.lagSeconds = 1000;
    const { answers, succeeded } = await heardFrom(lists);
    expect([answers.length, succeeded]).toEqual([1200, 0]);
    expect(lists.reads.pages).toBeLessThanOrEqual(24 * 7);
    expect(lists.nowMs / 1000).toBeLessThan(46);
  });

  it('stand when a later page cannot be read, and it is said', async () => {
    const lists = new Lists(hosts(1200));
    lists.fails = (read) =>
      read === 'page' && lists.reads.pages > 10 ? failing('InternalServerError', 'server') : null;
    const answers: CollectAnswer[] = [];
    const wait = { time: lists.time, untilMs: 45_000 };
    const hearing = hearCommand(lists, 'c-1', wait, (page) => void answers.push(...page));
    await expect(hearing).rejects.toThrow('InternalServerError');
    expect(answers).toHaveLength(500);
  });

  it('are read at the end where the list could not be read before', async () => {
    const lists = new Lists(hosts(1200, { 7: 20 }));
    lists.fails = (read, seconds) => (read === 'page' && seconds < 5 ? failing('InternalServerError', 'server') : null);
    const { heard, succeeded, isEachOnce } = await heardFrom(lists);
    expect([heard.unread, succeeded, isEachOnce]).toEqual([null, 1200, true]);
  });

  it('of a late one that cannot be read cost that one alone, and it is said', async () => {
    const lists = new Lists(hosts(1200, { 7: 20, 8: 20 }));
    const refusal = failing('AccessDeniedException', 'client');
    lists.fails = (read) => (read === 'host' ? refusal : null);
    const { heard, succeeded, answers } = await heardFrom(lists);
    expect([heard.unread, succeeded, answers.length]).toEqual([refusal, 1198, 1200]);
  });

  it('are not waited for when nobody wants them', async () => {
    const lists = new Lists(hosts(1200, { 7: Number.POSITIVE_INFINITY }));
    const stop = new AbortController();
    stop.abort();
    expect(await heardFrom(lists, 45, stop.signal)).toMatchObject({ heard: { unread: null }, answers: [] });
    expect(lists.reads.pages).toBe(0);
  });
});
