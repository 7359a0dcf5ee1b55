import { describe, expect, it } from '@jest/globals';
import type { Judgement } from '../../../src/diagnosis/judgement.ts';
import { forgetUndone, SLACK_MS } from '../../../src/plan/cycling/attempts.ts';
import { longestLifeSeconds } from '../../../src/plan/cycling/progress.ts';
import type { HostAnswer, RollOut } from '../../../src/plan/plan.ts';
import { client, HOUR, id, judged, memory, NOW } from '../../builders/plan-input.ts';

const LIFE = 6 * HOUR;
const ONE = { ...client('1', 'a'), launchedAtMs: NOW - LIFE };
const ID = id('1');
const OTHER = id('2');
const BEGAN = NOW - 2 * HOUR;
const EARLIER = BEGAN - HOUR;

const rollOut = (commandId: string | null, given: Partial<RollOut> = {}): RollOut => ({
  tier: 'client',
  waveId: 'tick-0-client',
  startedAtMs: BEGAN,
  records: '',
  mode: 'act',
  commands: [{ commandId, instanceIds: [ID] }],
  failed: [],
  waves: 0,
  stopped: false,
  sentence: null,
  ...given,
});

/** A host whose daemon is so old, and that was cycled so long ago. */
const shows = (ageMs: number | null, cycledMs: number | null, given: Partial<Judgement> = {}) =>
  judged(ONE, {
    measures: { ...judged(ONE).measures, ageSeconds: ageMs === null ? null : ageMs / 1000 },
    cycledSecondsAgo: cycledMs === null ? null : cycledMs / 1000,
    ...given,
  });

const CYCLES = { [ID]: [EARLIER, BEGAN], [OTHER]: [BEGAN] };

function kept(last: RollOut, answers: HostAnswer[], judgement?: Judgement, tier: RollOut['tier'] = 'client') {
  const before = memory({ cycles: CYCLES, rollOuts: { client: last } });
  const judgements = new Map(judgement ? [[ID, judgement]] : []);
  return forgetUndone(before, [{ tier, ended: true, isWhole: true, answers }], judgements, NOW);
}

const FORGOTTEN = { [ID]: [EARLIER], [OTHER]: [BEGAN] };
const answer = (kind: HostAnswer['kind'], reason = ''): HostAnswer[] => [{ instanceId: ID, kind, reason }];
const OLD = 5 * HOUR;
const before = NOW - BEGAN + SLACK_MS;

describe('the cycle of a host of a wave', () => {
  it.each([
    ['nothing', 'not-yet', FORGOTTEN],
    ['not-begun', 'Terminated', FORGOTTEN],
    ['nothing', 'same-wave', CYCLES],
    ['failed', 'not-healed', CYCLES],
    ['cycled', '', CYCLES],
    ['no-verdict', 'Success', CYCLES],
  ] as const)('of which SSM brings "%s %s"', (kind, reason, expected) => {
    expect(kept(rollOut('c-1'), answer(kind, reason))).toEqual(expected);
  });

  it('is not that of another tier', () => {
    expect(kept(rollOut('c-1'), answer('nothing', 'busy'), undefined, 'boundary')).toEqual(CYCLES);
  });
});

describe('the cycle of a host that was perhaps sent a command', () => {
  it.each<[string, Judgement | undefined, typeof CYCLES]>([
    ['its daemon is older, no stamp', shows(OLD, null), FORGOTTEN],
    ['its daemon and its stamp are older', shows(OLD, OLD), FORGOTTEN],
    ['its daemon is older by more than the slack', shows(before + 1000, null), FORGOTTEN],
    ['its daemon is older by the slack', shows(before, null), CYCLES],
    ['its stamp is older by the slack', shows(OLD, before), CYCLES],
    ['its stamp is younger', shows(OLD, HOUR), CYCLES],
    ['its daemon is younger', shows(HOUR, null), CYCLES],
    ['its daemon is as old as the host, and the slack', shows(LIFE + SLACK_MS, null), FORGOTTEN],
    ['its daemon is older than the host, it says', shows(LIFE + SLACK_MS + 1000, null), CYCLES],
    ['its daemon is 136 years old, it says, and so is its stamp', shows(2 ** 32 * 1000, 2 ** 32 * 1000), CYCLES],
    ['its daemon is of unknown age', shows(null, null), CYCLES],
    ['nothing is known of it', shows(OLD, null, { state: 'unknown' }), CYCLES],
    ['nobody has seen it', undefined, CYCLES],
  ])('%s', (_, judgement, expected) => {
    expect(kept(rollOut(null), [], judgement)).toEqual(expected);
  });

  it('counts when SSM took the command, and when it did answer', () => {
    expect(kept(rollOut('c-1'), [], shows(OLD, null))).toEqual(CYCLES);
    expect(kept(rollOut(null), answer('failed', 'no-answer'), shows(OLD, null))).toEqual(CYCLES);
  });

  it('counts while the wave may be at work', () => {
    const last = rollOut(null);
    const lifeMs = longestLifeSeconds(last.commands) * 1000;
    const at = (startedAtMs: number) => {
      const cycles = { [ID]: [startedAtMs] };
      const client = rollOut(null, { startedAtMs });
      return forgetUndone(memory({ cycles, rollOuts: { client } }), [], new Map([[ID, shows(OLD, null)]]), NOW)[ID];
    };
    expect(at(NOW - lifeMs + 1000)).toEqual([NOW - lifeMs + 1000]);
    expect(at(NOW - lifeMs - 1000)).toEqual([]);
  });
});
