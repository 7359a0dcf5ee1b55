import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { type Seen, waitingHosts } from '../../../src/plan/cycling/seen.ts';
import { type NextWaveInput, type PlanInput, plan, planNextWave, planOnDemandCycle } from '../../../src/plan/plan.ts';
import { expectWithin } from '../../builders/expectations.ts';
import { NEXT, SEEN } from '../../builders/next-wave.ts';
import { MINUTE, memory, NOW, SECOND } from '../../builders/plan-input.ts';
import { EVERYTHING } from '../../builders/plan-properties.ts';
import { answer, LAST, progress } from '../../builders/roll-outs.ts';
import { A, clients, leftBehind, nth, policy, staleClients } from '../../builders/stale-clients.ts';

const ids = ({ cycles }: { cycles: { instanceIds: string[] }[] }) => cycles.flatMap(({ instanceIds }) => instanceIds);
const rules = (next: NextWaveInput) => planNextWave(next).refusals.map(({ rule }) => rule);

describe('between two ticks', () => {
  it('the next wave starts when the last is over, of hosts that were not asked since', () => {
    const made = planNextWave(NEXT);
    // round the AZs of those that are left
    expect(ids(made)).toEqual([nth(3), nth(4)]);
    expect(made.cycles.map(({ force }) => force)).toEqual([false]);
    expect(made.memory.rollOuts.client).toMatchObject({ waveId: 'look-1-client', startedAtMs: NOW + MINUTE, waves: 2 });
    expect(made.memory.cycles[nth(3)]).toEqual([NOW + MINUTE]);
  });

  it('remembers when hosts were asked before, those of this wave and others', () => {
    const before = { ...NEXT.memory.cycles, [nth(3)]: [NOW - 2 * 3600 * SECOND], [nth(9)]: [NOW - 3600 * SECOND] };
    const { cycles } = planNextWave({ ...NEXT, memory: { ...NEXT.memory, cycles: before } }).memory;
    const asked = { [nth(3)]: [...(before[nth(3)] ?? []), NOW + MINUTE], [nth(4)]: [NOW + MINUTE] };
    expect(cycles).toEqual({ ...before, ...asked });
  });

  it('a wave under way is remembered with when SSM had begun with all its hosts, and ends 90 s after that', () => {
    const some = { ...NEXT, progress: [progress({ ended: false, answers: [answer(nth(0), 'cycled')] })] };
    const first = planNextWave(some);
    expect(ids(first)).toEqual([]);
    expect(first.memory.rollOuts.client?.allBegunAtMs).toBe(NEXT.nowMs);
    const later = (seconds: number) =>
      planNextWave({ ...some, memory: first.memory, nowMs: NEXT.nowMs + seconds * SECOND });
    expect(ids(later(89))).toEqual([]);
    expect(later(90).memory.rollOuts.client?.failed).toEqual([nth(1)]);
    expect(ids(later(90))).toHaveLength(2);
  });

  it('measures what a host takes where the wave was seen to end, and not where it may have ended long before', () => {
    const commands = [{ commandId: 'c-1', instanceIds: [nth(0), nth(1)], maxConcurrency: 1 }];
    const rollOuts = { client: { ...LAST, startedAtMs: NOW, commands } };
    const measured = (isEndSeen: boolean) =>
      planNextWave({ ...NEXT, isEndSeen, memory: { ...NEXT.memory, rollOuts } }).memory.rollOuts.client?.secondsPerHost;
    expect(measured(true)).toBe(30);
    expect(measured(false)).toBeUndefined();
  });

  it('keeps to the maintenance window of now', () => {
    const pod = { ...policy({}), maintenance: [{ days: [4], startMinute: 0, endMinute: 12 * 60 + 1 }] };
    const next = { ...NEXT, pod };
    expect(ids(planNextWave({ ...next, nowMs: NOW + 59 * SECOND }))).toHaveLength(2);
    expect(rules(next)).toEqual(['maintenance']);
  });

  it.each<[string, number, boolean]>([
    ['leap-second', Date.UTC(2026, 0, 31, 12), true],
    ['none', Date.UTC(2026, 0, 20, 12), true],
    ['none', Date.UTC(2026, 0, 31, 12), false],
  ])('keeps to %s where, at %i, the servers announce a leap second: %p', (rule, atMs, leapAnnounced) => {
    const announced = SEEN.judgements.map((each) =>
      each.host.tier === 'boundary' ? { ...each, leapAnnounced: leapAnnounced && ('add' as const) } : each,
    );
    const before = Date.UTC(2026, 0, 20, 12);
    const seen = plan({ ...SEEN, nowMs: before, judgements: announced }).memory.seen as Seen;
    const remembered = { ...NEXT.memory, seen: { ...seen, atMs: atMs - MINUTE } };
    const made = planNextWave({ ...NEXT, nowMs: atMs, memory: remembered });
    expect(made.refusals[0]?.rule === 'leap-second' ? 'leap-second' : 'none').toBe(rule);
  });

  it('keeps to the floor, and waits for DNS that is changing, as the tick saw them', () => {
    const seen = NEXT.memory.seen as Seen;
    const since = (overrides: Partial<Seen>) => ({
      ...NEXT,
      memory: { ...NEXT.memory, seen: { ...seen, ...overrides } },
    });
    expect(rules(since({ confidentServers: 0 }))).toEqual(['floor']);
    expect(rules(since({ dnsChanges: 1 }))).toEqual(['dns-changing']);
    expect(rules(since({ sampled: 9 }))).toEqual(['sampled']);
  });

  it('leaves out who has been held since, and says so; others take their places', () => {
    const made = planNextWave({ ...NEXT, held: [nth(3), A.instanceId, nth(0)] });
    expect(ids(made)).toEqual([nth(6), nth(4)]);
    expect(made.refusals.filter(({ rule }) => rule === 'held')).toEqual([
      {
        subject: nth(3),
        rule: 'held',
        sentence: `${nth(3)} is not cycled: its tag ntp-hold says look, never touch.`,
        cause: 'clients are not cycled: their tag ntp-hold says look, never touch',
      },
    ]);
    const again = planNextWave({ ...NEXT, memory: { ...NEXT.memory, seen: made.memory.seen } });
    expect(ids(again)).toEqual([nth(3), nth(4)]);
  });

  it('sends no wave where all that are left are held', () => {
    const made = planNextWave({ ...NEXT, held: SEEN.hosts.map(({ instanceId }) => instanceId) });
    expect(made).toMatchObject({ cycles: [], underWay: false });
    expect(made.refusals.map(({ rule }) => rule)).toEqual(['nobody-left', ...Array<string>(17).fill('held')]);
  });

  it('says that nobody is left when the last wave is over', () => {
    const seen = { ...(NEXT.memory.seen as Seen), waiting: [] };
    const made = planNextWave({ ...NEXT, memory: { ...NEXT.memory, seen } });
    expect(made.refusals.map(({ rule }) => rule)).toEqual(['nobody-left']);
    expect(made.memory.rollOuts.client).toMatchObject({ commands: [], waves: 2 });
  });

  it('does not count a host as silent that the tick saw gone', () => {
    const silent = [progress({ ended: false, answers: [answer(nth(0), 'cycled')] })];
    const seen = { ...(NEXT.memory.seen as Seen), gone: [nth(1)] };
    const allBegunAtMs = NEXT.nowMs - 90 * SECOND;
    const rollOuts = { client: { ...LAST, startedAtMs: NOW, allBegunAtMs } };
    const made = planNextWave({ ...NEXT, progress: silent, memory: { ...NEXT.memory, seen, rollOuts } });
    expect(made.memory.rollOuts.client?.failed).toEqual([]);
    expect(ids(made)).toHaveLength(2);
  });

  it('asks nobody whom a wave had that was under way at the tick', () => {
    const commands = [{ commandId: 'c-0', instanceIds: [nth(2), nth(3)] }];
    const open = { ...LAST, startedAtMs: NOW - 12 * MINUTE, commands };
    const { seen } = plan({ ...SEEN, memory: memory({ rollOuts: { client: open } }) }).memory;
    const left = waitingHosts(seen as Seen).map(({ instanceId }) => instanceId);
    expect(left).toHaveLength(18);
    expect(left).not.toContain(nth(2));
  });
});

describe('what a tick leaves for the next wave', () => {
  it('is nothing where no wave is under way, where nobody knows whether it was sent, and beside a boundary server’s', () => {
    const seenBy = (rollOuts: PlanInput['memory']['rollOuts'], overrides: Partial<PlanInput> = {}) =>
      plan({ ...SEEN, ...overrides, memory: memory({ rollOuts }) }).memory.seen;
    expect(seenBy({})).toBeDefined();
    expect(seenBy({}, { mode: 'hold' })).toBeUndefined();
    expect(seenBy({ client: { ...LAST, commands: [{ commandId: null, instanceIds: [nth(0)] }] } })).toBeUndefined();
    expect(seenBy({ client: LAST })).toBeDefined();
    expect(seenBy({ client: { ...LAST, records: 'az-a=10.0.1.99' } })).toBeUndefined();
    const boundary = {
      ...LAST,
      tier: 'boundary' as const,
      commands: [{ commandId: 'c-9', instanceIds: [A.instanceId] }],
    };
    expect(seenBy({ client: LAST, boundary })).toBeUndefined();
    expect(
      planOnDemandCycle({ ...SEEN, memory: NEXT.memory }, { ...EVERYTHING, force: false }).memory.seen,
    ).toBeUndefined();
  });

  it('is less than 60 bytes a host', () => {
    const tier = staleClients(10_000);
    const random = clients(10_000).map((host, index) => ({
      ...host,
      instanceId: `i-0${createHash('sha256').update(`${index}`).digest('hex').slice(0, 16)}`,
    }));
    const judgements = [...tier.judgements.slice(0, 2), ...random.map((host) => leftBehind(host))];
    const { seen } = plan({ ...tier, hosts: [...tier.hosts.slice(0, 2), ...random], judgements }).memory;
    const bytes = gzipSync(JSON.stringify(seen)).length;
    expectWithin(bytes / 10_000, 5, 15);
  });
});
