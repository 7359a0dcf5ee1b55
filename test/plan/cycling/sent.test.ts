import { describe, expect, it } from '@jest/globals';
import { type CycleCommand, rememberSent, type SentWave } from '../../../src/plan/plan.ts';
import { HOUR, memory, NOW } from '../../builders/plan-input.ts';
import { rollOut } from '../../builders/roll-outs.ts';
import { A, nth, RECORDS } from '../../builders/stale-clients.ts';

const planned = (tier: CycleCommand['tier'], instanceIds: string[], maxConcurrency: number): CycleCommand => ({
  tier,
  instanceIds,
  maxConcurrency,
  maxErrors: 1,
  records: RECORDS,
  force: false,
  coolDownSeconds: 900,
  waveId: `tick-1-${tier}`,
  reason: 'asked for',
});

const FIRST = [nth(0), nth(1), nth(2)];
const SECOND_COMMAND = [nth(3), nth(4)];
const SERVER = [A.instanceId];
const PLANNED = [planned('client', FIRST, 2), planned('client', SECOND_COMMAND, 1), planned('boundary', SERVER, 1)];
const EARLIER = NOW - 3 * HOUR;
const IDS = [...FIRST, ...SECOND_COMMAND, ...SERVER];

/** As a tick leaves it that has planned a wave of each tier: no command of them has an id yet. */
const BEFORE = memory({
  cycles: Object.fromEntries(IDS.map((id) => [id, [EARLIER, NOW]])),
  rollOuts: {
    client: rollOut({
      startedAtMs: NOW,
      commands: [
        { commandId: null, instanceIds: FIRST },
        { commandId: null, instanceIds: SECOND_COMMAND },
      ],
    }),
    boundary: rollOut({ tier: 'boundary', startedAtMs: NOW, commands: [{ commandId: null, instanceIds: SERVER }] }),
  },
});

const client = (...commands: SentWave['commands']): SentWave => ({ tier: 'client', commands });
const SENT_SERVER: SentWave = { tier: 'boundary', commands: [{ commandId: 'c-9', instanceIds: SERVER }] };
const cycledNow = ({ cycles }: typeof BEFORE) => IDS.filter((id) => cycles[id]?.includes(NOW));

describe('what was sent', () => {
  it('is remembered with how many hosts it takes at one time, where SSM took the command as it was planned', () => {
    const sent = [
      client({ commandId: 'c-1', instanceIds: FIRST }),
      client({ commandId: 'c-2', instanceIds: SECOND_COMMAND.toReversed() }),
      SENT_SERVER,
    ];
    const { rollOuts, cycles } = rememberSent(BEFORE, PLANNED, sent);
    expect(rollOuts).toEqual({
      client: {
        ...BEFORE.rollOuts.client,
        commands: [
          { commandId: 'c-1', instanceIds: FIRST, maxConcurrency: 2 },
          { commandId: 'c-2', instanceIds: SECOND_COMMAND.toReversed(), maxConcurrency: 1 },
        ],
      },
      boundary: {
        ...BEFORE.rollOuts.boundary,
        commands: [{ commandId: 'c-9', instanceIds: SERVER, maxConcurrency: 1 }],
      },
    });
    expect(cycles).toEqual(BEFORE.cycles);
  });

  it('in parts, is remembered without: nobody knows how many of a part run at one time', () => {
    const parts = [
      { commandId: 'c-1', instanceIds: [nth(0), nth(1)] },
      { commandId: null, instanceIds: [nth(2)] },
    ];
    const after = rememberSent(BEFORE, PLANNED, [client(...parts), client(), SENT_SERVER]);
    expect(after.rollOuts.client?.commands).toEqual(parts);
    expect(cycledNow(after)).toEqual([...FIRST, ...SERVER]);
  });

  it('not, is no cycle of its hosts, whose earlier cycles stay', () => {
    const after = rememberSent(BEFORE, PLANNED, [client({ commandId: 'c-2', instanceIds: SECOND_COMMAND })]);
    expect(cycledNow(after)).toEqual(SECOND_COMMAND);
    for (const id of [...FIRST, ...SERVER]) expect(after.cycles[id]).toEqual([EARLIER]);
    expect(after.rollOuts.boundary?.commands).toEqual([]);
  });

  it('to one tier leaves the other as it was', () => {
    const [server] = PLANNED.slice(-1);
    const after = rememberSent(BEFORE, server ? [server] : [], [SENT_SERVER]);
    expect(after.rollOuts.client).toEqual(BEFORE.rollOuts.client);
    expect(after.cycles).toEqual(BEFORE.cycles);
  });

  it('of a tier that has no roll-out is not remembered', () => {
    const none = { ...BEFORE, rollOuts: {} };
    expect(rememberSent(none, PLANNED, [SENT_SERVER])).toEqual(none);
  });
});
