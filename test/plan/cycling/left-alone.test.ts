import { describe, expect, it } from '@jest/globals';
import { countUndone } from '../../../src/plan/cycling/undone.ts';
import { plan } from '../../../src/plan/plan.ts';
import { HOUR, judged, MINUTE, memory, NOW, SECOND, silent } from '../../builders/plan-input.ts';
import { rollOut } from '../../builders/roll-outs.ts';
import { CLIENT_1, given, ID_1, leftBehind, policy, RECORDS } from '../../builders/stale-clients.ts';

const aged = (ageSeconds: number | null) => ({ measures: { ...judged(CLIENT_1).measures, ageSeconds } });

describe('a stale host that looks young for long', () => {
  /** Since when it is stale, the cool-down and the age of its daemon in seconds, when it was asked, whether a person must look. */
  it.each<[string, number, number, number | null, number[], boolean]>([
    ['an hour', HOUR, 600, 100, [], true],
    ['a little less', HOUR - 1, 600, 100, [], false],
    ['a minute', MINUTE, 600, 100, [], false],
    ['two cool-downs of an hour', 2 * HOUR, 3600, 100, [], true],
    ['nearly two cool-downs of an hour', 2 * HOUR - 1, 3600, 100, [], false],
    ['an hour, asked a cool-down ago', HOUR, 600, 100, [NOW - 600 * SECOND], true],
    ['an hour, asked less than a cool-down ago', HOUR, 600, 100, [NOW - 599 * SECOND], false],
    ['an hour, its daemon just out of the cool-down', HOUR, 600, 600, [], false],
    ['an hour, its daemon of unknown age', HOUR, 600, null, [], false],
  ])('%s: told to a person or not', (_, staleMs, coolDownSeconds, ageSeconds, asked, isTold) => {
    const remembered = memory({
      staleSinceMs: { [ID_1]: NOW - staleMs },
      cycles: asked.length ? { [ID_1]: asked } : {},
    });
    const made = plan(
      given([leftBehind(CLIENT_1, aged(ageSeconds))], { memory: remembered, pod: policy({ coolDownSeconds }) }),
    );
    expect(made.givenUp).toEqual(isTold ? [ID_1] : []);
  });
});

describe('that a host did nothing when it was asked', () => {
  const LAST_HOUR = rollOut({ startedAtMs: NOW - HOUR });
  const ENTRY = { answers: 2, atMs: NOW - 2 * HOUR, reason: 'busy' };
  const counted = (judgement = leftBehind(CLIENT_1, aged(9 * 3600)), last = LAST_HOUR, undone = { [ID_1]: ENTRY }) => {
    const answers = [{ instanceId: ID_1, kind: 'nothing' as const, reason: 'busy' }];
    const hosts = new Map([[ID_1, CLIENT_1]]);
    const context = { nowMs: NOW, mode: 'act' as const, records: RECORDS, hosts, unread: [] };
    const remembered = memory({ undone, rollOuts: { client: last } });
    return {
      kept: countUndone({ ...context, judgements: new Map([[ID_1, judgement]]) }, remembered, []),
      answered: countUndone({ ...context, judgements: new Map([[ID_1, judgement]]) }, remembered, [
        { tier: 'client', ended: true, isWhole: true, answers },
      ]),
    };
  };

  it('is kept in mind, and added to', () => {
    expect(counted()).toEqual({
      kept: { [ID_1]: ENTRY },
      answered: { [ID_1]: { answers: 3, atMs: NOW - HOUR, reason: 'busy' } },
    });
  });

  it.each([
    ['mode', { mode: 'hold' as const }],
    ['DNS state', { records: 'az-a=10.0.1.99' }],
  ])('is of no account in another %s, nor is an answer to a wave of it', (_, other) => {
    expect(counted(undefined, { ...LAST_HOUR, ...other })).toEqual({ kept: {}, answered: {} });
  });

  it('is kept in mind while the host is silent, or does not tell its daemon’s age', () => {
    expect(counted(silent(CLIENT_1)).kept).toEqual({ [ID_1]: ENTRY });
    // what a silent host showed before is no news
    const cut = judged(CLIENT_1, { ...aged(60), state: 'unknown', confident: false });
    expect(counted(cut).kept).toEqual({ [ID_1]: ENTRY });
    expect(counted(leftBehind(CLIENT_1, aged(null))).kept).toEqual({ [ID_1]: ENTRY });
  });
});
