import { describe, expect, it } from '@jest/globals';
import { assessRollOut } from '../../../src/plan/cycling/roll-outs.ts';
import { type PlanInput, plan, type RollOut } from '../../../src/plan/plan.ts';
import { MINUTE, memory, NOW, SECOND } from '../../builders/plan-input.ts';
import { answer, LAST, progress, rollOut } from '../../builders/roll-outs.ts';
import { nth, RECORDS, staleClients } from '../../builders/stale-clients.ts';

const SILENT = [progress({ ended: false, answers: [answer(nth(0), 'cycled')] })];
const begun = (secondsAgo: number): RollOut => ({ ...LAST, allBegunAtMs: NOW - secondsAgo * SECOND });
const planWith = (client: RollOut, overrides: Partial<PlanInput> = {}) =>
  plan(staleClients(6, { memory: memory({ rollOuts: { client } }), progress: SILENT, ...overrides }));

describe('a host that says nothing', () => {
  it('fails 90 s after SSM was seen to have begun with all hosts of its wave, and the next wave goes on without it', () => {
    const early = planWith(begun(89));
    expect(early.cycles).toEqual([]);
    expect(early.memory.rollOuts.client).toEqual(begun(89));
    const made = planWith(begun(90));
    expect(made.cycles.flatMap(({ instanceIds }) => instanceIds)).toEqual([nth(0)]);
    expect(made.memory.rollOuts.client).toMatchObject({ failed: [nth(1)], waves: 1 });
    expect(made.memory.rollOuts.client?.allBegunAtMs).toBeUndefined();
    expect(made.refusals.map(({ rule, subject }) => `${rule} ${subject}`)).toContain(`failed ${nth(1)}`);
  });

  it.each([
    // hosts at one time, those that answered: begun with all
    [2, 0, true],
    [1, 0, false],
    [1, 1, true],
    // not known: the fewest that a command of two may have
    [undefined, 0, false],
    [undefined, 1, true],
  ])('with %s at one time and %i answered: its wave has begun with all is %s', (maxConcurrency, answered, isBegun) => {
    const [command] = LAST.commands;
    const commands = [
      { commandId: 'c-1', instanceIds: command?.instanceIds ?? [], ...(maxConcurrency && { maxConcurrency }) },
    ];
    const answers = [answer(nth(0), 'cycled')].slice(0, answered);
    const made = planWith({ ...LAST, commands }, { progress: [progress({ ended: false, answers })] });
    expect(made.memory.rollOuts.client?.allBegunAtMs).toBe(isBegun ? NOW : undefined);
  });

  it('is waited for as long as it may be at work where SSM did not say that it took the wave, or says nothing now', () => {
    const commands = [{ commandId: null, instanceIds: [nth(0), nth(1)] }];
    expect(planWith({ ...begun(600), commands }).cycles).toEqual([]);
    expect(planWith(begun(600), { progress: [] }).cycles).toEqual([]);
  });

  it('is waited for as long where SSM’s lists are behind its counts: it may have answered', () => {
    const behind = { progress: [progress({ ended: false, isWhole: false, answers: [] })] };
    const made = planWith(begun(600), behind);
    expect(made.cycles).toEqual([]);
    expect(made.memory.rollOuts.client).toEqual(begun(600));
    expect(made.refusals.map(({ sentence }) => sentence)).toContain(
      "The last wave of the client tier (2 hosts, 2 min ago) has not ended: SSM's lists are behind its counts. " +
        'It counts as running for 14 min more. Held back: 6 hosts.',
    );
    const life = { startedAtMs: NOW - 960 * SECOND };
    expect(planWith({ ...begun(600), ...life }, behind).memory.rollOuts.client?.failed).toEqual([nth(0), nth(1)]);
  });

  it('is waited for so of the boundary tier too', () => {
    const server = { ...begun(600), tier: 'boundary' as const };
    const context = { nowMs: NOW, mode: 'act' as const, records: RECORDS, hosts: new Map(), judgements: new Map() };
    const assessed = (isWhole: boolean) =>
      assessRollOut(
        { ...context, mostFailures: 1 },
        server,
        progress({ tier: 'boundary', ended: false, isWhole, answers: [] }),
      );
    expect(assessed(false)).toMatchObject({ state: 'under-way', rollOut: { failed: [] } });
    expect(assessed(true)).toMatchObject({ state: 'stopped', rollOut: { failed: [nth(0), nth(1)] } });
  });

  it('is not counted from a moment at which SSM did not list it', () => {
    const commands = [{ commandId: 'c-1', instanceIds: [nth(0), nth(1)], maxConcurrency: 2 }];
    const made = planWith(
      { ...LAST, commands },
      { progress: [progress({ ended: false, isWhole: false, answers: [] })] },
    );
    expect(made.memory.rollOuts.client?.allBegunAtMs).toBeUndefined();
  });

  it('is waited for as long when DNS changed meanwhile: a new roll-out might ask it again', () => {
    const changed = { records: 'az-a=10.0.1.99' };
    expect(planWith({ ...begun(600), ...changed }).cycles).toEqual([]);
    const over = { ...rollOut({ ...changed, failed: [nth(1)] }), atWorkUntilMs: NOW + MINUTE };
    const made = planWith(over);
    expect(made.cycles).toEqual([]);
    expect(made.unfinished).toBe(true);
    expect(made.refusals.map(({ sentence }) => sentence)).toContain(
      'Hosts of the last wave of the client tier that said nothing may be at work for 60 s more. Held back: 5 hosts.',
    );
    expect(planWith({ ...over, atWorkUntilMs: NOW }).cycles).toHaveLength(1);
  });

  it('may be at work 330 s after its start, through all waves of the roll-out', () => {
    const until = (client: RollOut) => planWith(client).memory.rollOuts.client?.atWorkUntilMs;
    expect(until(begun(90))).toBe(NOW + 240 * SECOND);
    expect(until({ ...begun(90), atWorkUntilMs: NOW + 300 * SECOND })).toBe(NOW + 300 * SECOND);
    expect(until({ ...rollOut({}), atWorkUntilMs: NOW + 300 * SECOND })).toBe(NOW + 300 * SECOND);
  });

  it('is nobody of a wave of which SSM brought all answers: none of its hosts may be at work', () => {
    const made = planWith(begun(90), { progress: [progress()] });
    expect(made.memory.rollOuts.client).toMatchObject({ failed: [], waves: 2 });
    expect(made.memory.rollOuts.client?.atWorkUntilMs).toBeUndefined();
  });
});

describe('seconds a host', () => {
  const commands = [{ commandId: 'c-1', instanceIds: [nth(0), nth(1)], maxConcurrency: 1 }];
  const measured = (client: Partial<RollOut>, overrides: Partial<PlanInput> = {}) =>
    planWith({ ...LAST, commands, ...client }, { progress: [progress()], ...overrides }).memory.rollOuts.client
      ?.secondsPerHost;

  it('are measured where a wave ends well, the fastest of them', () => {
    expect(measured({})).toBe(60);
    expect(measured({ secondsPerHost: 40 })).toBe(40);
    expect(measured({ secondsPerHost: 80 })).toBe(60);
    expect(measured({ commands: LAST.commands })).toBeUndefined();
    expect(
      measured({
        commands: [
          { commandId: 'c-1', instanceIds: [nth(0)], maxConcurrency: 1 },
          { commandId: 'c-2', instanceIds: [nth(1)] },
        ],
      }),
    ).toBeUndefined();
    expect(
      measured({}, { progress: [progress({ answers: [answer(nth(0), 'cycled'), answer(nth(1), 'failed')] })] }),
    ).toBeUndefined();
  });

  it('are those of one turn', () => {
    const instanceIds = [nth(0), nth(1), nth(2), nth(3)];
    const answers = instanceIds.map((each) => answer(each, 'cycled'));
    const four = (maxConcurrency: number) =>
      measured(
        { commands: [{ commandId: 'c-1', instanceIds, maxConcurrency }] },
        { progress: [progress({ answers })] },
      );
    expect([1, 2, 3, 4].map(four)).toEqual([30, 60, 60, 120]);
    expect(four(0)).toBeUndefined();
  });

  it.each([0, 1])('are not measured by a command whose hosts are not known, %i at one time', (maxConcurrency) => {
    expect(measured({ commands: [{ commandId: 'c-1', instanceIds: [], maxConcurrency }] })).toBeUndefined();
  });

  it('stand in the sentence of the next wave', () => {
    const made = planWith({ ...LAST, commands }, { progress: [progress()] });
    expect(made.refusals.find(({ rule }) => rule === 'wave')?.sentence).toBe(
      '1 of 6 stale clients is to be cycled now, 1 at one time; at 60 s a host all are through in about 7 min, 6 waves, or in 10 min where hosts say nothing.',
    );
  });
});
