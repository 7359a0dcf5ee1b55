import { describe, expect, it } from '@jest/globals';
import type { Judgement } from '../../../src/diagnosis/judgement.ts';
import type { Memory, Plan, PlanInput, RollOut } from '../../../src/plan/plan.ts';
import { lostRollOut, plan } from '../../../src/plan/plan.ts';
import { adrift, client, HOUR, id, judged, memory, NOW, SECOND, server, stale } from '../../builders/plan-input.ts';
import {
  A,
  B,
  CLIENT_1,
  cycled,
  given,
  ID_1,
  leftBehind,
  NAME_A,
  NAME_B,
  NAME_C,
  RECORDS,
  refusalsOf,
} from '../../builders/stale-clients.ts';

const rollOut = (overrides: Partial<RollOut>): RollOut => ({
  ...lostRollOut('client', NOW - HOUR),
  records: RECORDS,
  commands: [],
  ...overrides,
});

/** Of many hosts at once; what is withdrawn is no refusal to cycle. */
const causesOf = ({ refusals }: Plan) => refusals.filter(({ rule }) => rule !== 'withdrawn').map(({ cause }) => cause);

const asked = (entry: Memory['undone'][string]) => ({
  memory: memory({ undone: { [ID_1]: entry }, rollOuts: { client: rollOut({}) } }),
});

/** Each rule of one host: what is given, what is refused, its cause, whether a whole tick is due at the next minute for it. */
const HOST_RULES: [string, Judgement[], Partial<PlanInput>, string, string, boolean][] = [
  [
    'not running',
    [leftBehind({ ...CLIENT_1, state: 'stopping' })],
    {},
    `not-running: ${ID_1} is not cycled: EC2 says it is stopping.`,
    'are not cycled: EC2 says they are stopping',
    false,
  ],
  [
    'unmanaged',
    [leftBehind(CLIENT_1, { unmanaged: true })],
    {},
    `unmanaged: ${ID_1} is not cycled: it polls no server of podtime's.`,
    "are not cycled: they poll no server of podtime's",
    false,
  ],
  [
    'held',
    [leftBehind({ ...CLIENT_1, held: true })],
    {},
    `held: ${ID_1} is not cycled: its tag ntp-hold says look, never touch.`,
    'are not cycled: their tag ntp-hold says look, never touch',
    false,
  ],
  [
    'held when it was asked, though no more',
    [leftBehind({ ...CLIENT_1, held: true })],
    { hosts: [A, B, CLIENT_1] },
    `held: ${ID_1} is not cycled: its tag ntp-hold says look, never touch.`,
    'are not cycled: their tag ntp-hold says look, never touch',
    false,
  ],
  [
    'unknown',
    // half of the tier must have answered, else that rule speaks
    [
      leftBehind(CLIENT_1, {
        state: 'unknown',
        sentence: 'SSM has no answer from it (NoAnswer).',
        cause: 'SSM has no answer from them (NoAnswer)',
      }),
      judged(client('2', 'a')),
    ],
    {},
    `unknown: ${ID_1} is not cycled, as nothing is known of it: SSM has no answer from it (NoAnswer).`,
    'are not cycled, as nothing is known of them: SSM has no answer from them (NoAnswer)',
    false,
  ],
  [
    'given up',
    [leftBehind()],
    { memory: memory({ cycles: { [ID_1]: [NOW - 3 * HOUR, NOW - 2 * HOUR, NOW - HOUR] } }) },
    `given-up: ${ID_1} is left alone: still stale after 3 cycles in 24 h, the limit is 3.`,
    'are left alone: still stale after as many cycles in 24 h as there may be, the limit is 3',
    false,
  ],
  [
    'failed in this roll-out',
    [leftBehind()],
    { memory: memory({ rollOuts: { client: rollOut({ failed: [ID_1] }) } }) },
    `failed: ${ID_1} is left out of the roll-out: it failed when it was cycled. It is asked again when DNS or the mode changes.`,
    'are left out of the roll-out until DNS or the mode changes: they failed when they were cycled',
    false,
  ],
  [
    'did nothing five times',
    [leftBehind()],
    asked({ answers: 5, atMs: NOW - HOUR, reason: 'already-right' }),
    `nothing-done: ${ID_1} is left alone: asked 5 times, it did nothing (already-right) and still looks stale. It is asked again when DNS or the mode changes, or its daemon restarts.`,
    'are left alone until DNS or the mode changes, or their daemons restart: asked often, they did nothing (already-right) and still look stale',
    false,
  ],
  [
    'did not see the name twelve times',
    [leftBehind()],
    asked({ answers: 12, atMs: NOW - HOUR, reason: 'not-yet' }),
    `nothing-done: ${ID_1} is left alone: asked 12 times, it did nothing (not-yet) and still looks stale. It is asked again when DNS or the mode changes, or its daemon restarts.`,
    'are left alone until DNS or the mode changes, or their daemons restart: asked often, they did nothing (not-yet) and still look stale',
    false,
  ],
  [
    'did nothing just now',
    [leftBehind()],
    asked({ answers: 1, atMs: NOW - 44 * SECOND, reason: 'busy' }),
    `asked-lately: ${ID_1} was asked 44 s ago and did nothing (busy); it is asked again after 45 s.`,
    'were asked lately and did nothing (busy); they are asked again after 45 s',
    true,
  ],
  [
    'did nothing several times',
    [leftBehind()],
    asked({ answers: 4, atMs: NOW - 299 * SECOND, reason: 'already-right' }),
    `asked-lately: ${ID_1} was asked 5 min ago and did nothing (already-right); it is asked again after 5 min.`,
    'were asked lately and did nothing (already-right); they are asked again after 5 min',
    true,
  ],
  [
    'announces a leap second, near the end of a month',
    [leftBehind(CLIENT_1, { leapAnnounced: 'add' })],
    { nowMs: Date.UTC(2026, 0, 31) },
    `leap-announced: ${ID_1} is not cycled: it announces a leap second, and the end of the month is near.`,
    'are not cycled: they announce a leap second, and the end of the month is near',
    false,
  ],
  [
    'looks young at every look',
    [leftBehind(CLIENT_1, { measures: { ...judged(CLIENT_1).measures, ageSeconds: 100 } })],
    { memory: memory({ staleSinceMs: { [ID_1]: NOW - HOUR } }) },
    `cool-down: ${ID_1} runs a daemon that is 100 s old; the cool-down is 10 min. It has been stale for 60 min and shows a young daemon at every look: it restarts by itself, or is mistaken.`,
    'have long been stale and show a young daemon at every look: they restart by themselves, or are mistaken',
    false,
  ],
  [
    'cooling by its own stamp',
    [leftBehind(CLIENT_1, { cycledSecondsAgo: 599 })],
    {},
    `cool-down: ${ID_1} was cycled 10 min ago; the cool-down is 10 min.`,
    'were cycled less than the cool-down of 10 min ago',
    false,
  ],
  [
    'cooling by its daemon’s age',
    [leftBehind(CLIENT_1, { measures: { ...judged(CLIENT_1).measures, ageSeconds: 599 } })],
    {},
    `cool-down: ${ID_1} runs a daemon that is 10 min old; the cool-down is 10 min.`,
    'run a daemon that is less than the cool-down of 10 min old',
    false,
  ],
  [
    'cooling by what podtime remembers',
    [leftBehind()],
    { memory: memory({ cycles: { [ID_1]: [NOW - 90 * SECOND] } }) },
    `cool-down: ${ID_1} was asked to cycle 90 s ago; the cool-down is 10 min.`,
    'were asked to cycle less than the cool-down of 10 min ago',
    false,
  ],
  [
    'left behind by a server withdrawn for its health, with two usable sources',
    [
      stale(CLIENT_1, [NAME_B], {
        stale: { rule: 'unjoined', names: [NAME_B], addresses: [], sentence: '' },
        polled: ['10.0.2.12'],
        measures: { ...judged(CLIENT_1).measures, usableSources: 2 },
      }),
      adrift(server('c', 'b')),
    ],
    {
      memory: memory({
        withdrawn: { [id('c')]: { sinceMs: NOW - HOUR, sentence: 'adrift.', addresses: ['10.0.2.12'] } },
      }),
    },
    `health-withdrawal: ${ID_1} is not cycled: it keeps 2 usable sources, 2 suffice. It was left behind by a server withdrawn for its health.`,
    'left behind by a server withdrawn for its health are not cycled: they keep enough usable sources, 2 suffice',
    false,
  ],
  [
    'of a name without a record',
    [stale(CLIENT_1, [NAME_C])],
    {},
    `no-confident-server: ${ID_1} waits: ntp.az-c.pod has no confident server published.`,
    'wait: ntp.az-c.pod has no confident server published',
    true,
  ],
  [
    'of a name whose servers are not confident',
    [leftBehind()],
    { judgements: [judged(A), judged(B, { confident: false }), leftBehind()] },
    `no-confident-server: ${ID_1} waits: no server published under ntp.az-b.pod is confident.`,
    'wait: no server published under ntp.az-b.pod is confident',
    true,
  ],
  [
    'of two names, one with servers that are not confident yet',
    [stale(CLIENT_1, [NAME_A, NAME_B])],
    { judgements: [judged(A), judged(B, { confident: false }), stale(CLIENT_1, [NAME_A, NAME_B])] },
    `no-confident-server: ${ID_1} waits: no server published under ntp.az-b.pod is confident.`,
    'wait: no server published under ntp.az-b.pod is confident',
    true,
  ],
  [
    'of no name at all',
    [stale(CLIENT_1, [])],
    {},
    `no-confident-server: ${ID_1} waits: no name of the zone has a confident server published.`,
    'wait: no name of the zone has a confident server published',
    true,
  ],
];

describe('a stale client is not cycled', () => {
  it.each(HOST_RULES)('%s', (_, judgements, overrides, sentence, cause, unfinished) => {
    const made = plan(given(judgements, overrides));
    expect(cycled(made)).toEqual([]);
    expect(refusalsOf(made).filter((line) => !line.startsWith('withdrawn:'))).toEqual([sentence]);
    expect(causesOf(made)).toEqual([`clients ${cause}`]);
    expect(made.stale).toEqual([ID_1]);
    expect(made.unfinished).toBe(unfinished);
  });

  it('and is cycled all the same when only', () => {
    const cycledWith = (judgement: Judgement, overrides: Partial<PlanInput> = {}) =>
      cycled(plan(given([judgement], overrides)));
    // its cool-down is just over
    expect(cycledWith(leftBehind(CLIENT_1, { cycledSecondsAgo: 600 }))).toEqual([ID_1]);
    // two cycles in a day, and one of the day before
    const times = [NOW - 24 * HOUR, NOW - 2 * HOUR, NOW - HOUR];
    expect(cycledWith(leftBehind(), { memory: memory({ cycles: { [ID_1]: times } }) })).toEqual([ID_1]);
    // one name has a confident server, the other no record
    expect(cycledWith(stale(CLIENT_1, [NAME_B, NAME_C]))).toEqual([ID_1]);
    // one name has a confident server, and the other's has had 45 minutes to become so
    const patient = memory({ staleSinceMs: { [ID_1]: NOW - 45 * 60 * SECOND } });
    const doubtful = { judgements: [judged(A), judged(B, { confident: false }), stale(CLIENT_1, [NAME_A, NAME_B])] };
    expect(cycledWith(leftBehind(), { ...doubtful, memory: patient })).toEqual([ID_1]);
    // its pause is just over, or another DNS state was what it said nothing of, or its daemon was restarted since
    expect(cycledWith(leftBehind(), asked({ answers: 1, atMs: NOW - 45 * SECOND, reason: 'busy' }))).toEqual([ID_1]);
    expect(cycledWith(leftBehind(), asked({ answers: 11, atMs: NOW - 300 * SECOND, reason: 'not-yet' }))).toEqual([
      ID_1,
    ]);
    const often = { answers: 12, atMs: NOW - HOUR, reason: 'already-right' };
    const earlier = { client: rollOut({ records: 'az-a=10.0.1.99', failed: [ID_1] }) };
    expect(cycledWith(leftBehind(), { memory: memory({ undone: { [ID_1]: often }, rollOuts: earlier }) })).toEqual([
      ID_1,
    ]);
    const restarted = leftBehind(CLIENT_1, { measures: { ...judged(CLIENT_1).measures, ageSeconds: 3540 } });
    expect(cycledWith(restarted, asked(often))).toEqual([]);
    expect(cycledWith(restarted, asked({ ...often, atMs: NOW - 3601 * SECOND }))).toEqual([ID_1]);
    // the host does not tell its daemon's age
    expect(cycledWith(leftBehind(CLIENT_1, { measures: { ...judged(CLIENT_1).measures, ageSeconds: null } }))).toEqual([
      ID_1,
    ]);
  });
});
