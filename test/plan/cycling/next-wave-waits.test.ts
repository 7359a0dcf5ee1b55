import { describe, expect, it } from '@jest/globals';
import type { Seen } from '../../../src/plan/cycling/seen.ts';
import { type NextWaveInput, planNextWave } from '../../../src/plan/plan.ts';
import { NEXT, SEEN } from '../../builders/next-wave.ts';
import { MINUTE, memory, NOW, record, SECOND } from '../../builders/plan-input.ts';
import { answer, LAST, progress, rollOut } from '../../builders/roll-outs.ts';
import { A, nth, refusalsOf } from '../../builders/stale-clients.ts';

const WAITS = 'The next wave waits for a tick: ';
const remembering = (overrides: Partial<NextWaveInput['memory']>): NextWaveInput => ({
  ...NEXT,
  memory: { ...NEXT.memory, ...overrides },
});
const wave = (commands: typeof LAST.commands) =>
  remembering({ rollOuts: { client: { ...LAST, startedAtMs: NOW, commands } } });
const asked = (next: NextWaveInput) => planNextWave(next).cycles.flatMap(({ instanceIds }) => instanceIds);
const NOBODY_LEFT = remembering({ seen: { ...(NEXT.memory.seen as Seen), waiting: [] } });
const underWay = { ...NEXT, progress: [progress({ ended: false, answers: [answer(nth(0), 'cycled')] })] };

describe('the next wave waits for a tick', () => {
  it.each<[string, Partial<NextWaveInput>]>([
    ['seen-too-long-ago: hosts were last looked at 5 min ago, the limit is 5 min.', { nowMs: NOW + 301 * SECOND }],
    ['seen-too-long-ago: the last look at hosts lies 1 s in the future.', { nowMs: NOW - SECOND }],
    ["dns-changed: the zone's records have changed since the last one.", { records: [record(A)] }],
    [
      "dns-changed: the zone's records have changed since the last one.",
      { records: SEEN.records.map((listed) => ({ ...listed, addresses: ['10.0.9.9'] })) },
    ],
    ['nothing-to-go-on-with: the last left no host for it.', { memory: memory() }],
    ['nothing-to-go-on-with: it would begin a roll-out.', { memory: memory({ seen: NEXT.memory.seen }) }],
    ['nothing-to-go-on-with: it would begin a roll-out.', { mode: 'hold' }],
    ['nothing-to-go-on-with: SSM does not say how the last one stands.', { progress: [] }],
    [
      'nothing-to-go-on-with: SSM does not say how the last one stands.',
      { progress: [progress({ tier: 'boundary', ended: false })] },
    ],
  ])('%s', (refusal, overrides) => {
    const next = { ...NEXT, ...overrides };
    const made = planNextWave(next);
    expect(refusalsOf(made)).toEqual([refusal.replace(': ', `: ${WAITS}`)]);
    expect(made).toMatchObject({ cycles: [], memory: next.memory, underWay: false });
  });

  it('while a boundary server is cycled', () => {
    const boundary = rollOut({ tier: 'boundary', commands: [{ commandId: 'c-9', instanceIds: [A.instanceId] }] });
    const next = remembering({ rollOuts: { ...NEXT.memory.rollOuts, boundary } });
    expect(planNextWave(next).refusals).toEqual([
      { subject: 'blue', rule: 'server-asked', sentence: `${WAITS}a boundary server is being cycled.` },
    ]);
  });

  it('where SSM may not have taken one of the last wave’s commands', () => {
    const unsure = wave([
      { commandId: 'c-1', instanceIds: [nth(0)] },
      { commandId: null, instanceIds: [nth(1)] },
    ]);
    expect(planNextWave(unsure).refusals.map(({ rule }) => rule)).toEqual(['nothing-to-go-on-with']);
  });
});

describe('the next wave does not wait', () => {
  it.each([0, 300])('while hosts were looked at at most an interval ago: %i s', (seconds) => {
    expect(asked({ ...NEXT, nowMs: NOW + seconds * SECOND })).toHaveLength(2);
  });

  it('for what SSM says of a wave that is over, nor for a wave of boundary servers that is', () => {
    expect(asked({ ...wave([]), progress: [] })).toHaveLength(2);
    const boundary = progress({ tier: 'boundary', ended: false, answers: [answer(A.instanceId, 'failed')] });
    const made = planNextWave({ ...NEXT, progress: [boundary, progress()] });
    expect(made.memory.rollOuts.client).toMatchObject({ waves: 2, failed: [] });
  });
});

describe('while the last wave is under way', () => {
  it('says so, how many it holds back, and that it is looked at again', () => {
    const made = planNextWave(underWay);
    expect(made).toMatchObject({ cycles: [], underWay: true });
    expect(refusalsOf(made)).toEqual([
      'wave-under-way: The last wave of the client tier (2 hosts, 60 s ago) has not ended. Held back: 17 hosts.',
    ]);
  });

  it('says so too where it leaves nobody', () => {
    const made = planNextWave({ ...underWay, memory: NOBODY_LEFT.memory });
    expect(made.underWay).toBe(true);
    expect(made.refusals.map(({ rule }) => rule)).toEqual(['wave-under-way']);
  });

  it('is what makes it be looked at again, and not another rule', () => {
    const pod = { ...NEXT.pod, cycling: { ...NEXT.pod.cycling, floor: 9 } };
    const refused = planNextWave({ ...NEXT, pod });
    expect(refused.refusals.map(({ rule }) => rule)).toEqual(['floor']);
    expect(refused.underWay).toBe(false);
    expect(planNextWave(NEXT).underWay).toBe(false);
  });
});

describe('of those that waited at the tick', () => {
  const waiting = [{ az: 'us-west-2a', names: ['ntp.az-b.pod'], instanceIds: [nth(3)] }];
  const seen = { ...(NEXT.memory.seen as Seen), waiting };

  it.each<[string, Partial<NextWaveInput['memory']>, string[]]>([
    ['was cycled long before the tick', { cycles: { [nth(3)]: [NOW - 20 * MINUTE] } }, [nth(3)]],
    ['was cycled with the tick', { cycles: { [nth(3)]: [NOW] } }, []],
    ['was cycled since', { cycles: { [nth(3)]: [NOW + SECOND] } }, []],
    ['did nothing before the tick', { undone: { [nth(3)]: { answers: 1, atMs: NOW - 1, reason: '' } } }, [nth(3)]],
    ['did nothing since', { undone: { [nth(3)]: { answers: 1, atMs: NOW, reason: '' } } }, []],
  ])('one that %s', (_, remembered, expected) => {
    expect(asked(remembering({ ...remembered, seen }))).toEqual(expected);
  });

  it('says when the last wave is over and nobody is left', () => {
    expect(planNextWave(NOBODY_LEFT).refusals).toEqual([
      { subject: 'blue', rule: 'nobody-left', sentence: 'The last wave is over, and no other host is left for one.' },
    ]);
  });
});

describe('hosts that did nothing in the last wave', () => {
  const answers = [answer(nth(0), 'nothing', 'not-yet'), answer(nth(1), 'cycled')];
  const other = { answers: 2, atMs: NOW - 10 * MINUTE, reason: 'busy' };
  const undoneAfter = (records: string) => {
    const rollOuts = { client: { ...LAST, startedAtMs: NOW, records } };
    const next = remembering({ rollOuts, undone: { [nth(9)]: other } });
    return planNextWave({ ...next, progress: [progress({ answers })] }).memory.undone;
  };

  it('are remembered beside those of before', () => {
    expect(undoneAfter(LAST.records)).toEqual({
      [nth(9)]: other,
      [nth(0)]: { answers: 1, atMs: NOW, reason: 'not-yet' },
    });
  });

  it('begin anew with what DNS says now', () => {
    expect(undoneAfter('az-a=10.0.1.99')).toEqual({ [nth(9)]: other });
  });
});
