import { describe, expect, it } from '@jest/globals';
import { plan, type RollOut } from '../../../src/plan/plan.ts';
import { judged, MINUTE, memory, NOW } from '../../builders/plan-input.ts';
import { given, leftBehind, nth, RECORDS, refusalsOf, staleClients } from '../../builders/stale-clients.ts';

const IDS = [0, 1, 2, 3, 4, 5, 6].map(nth);

const last = (given: Partial<RollOut> = {}): RollOut => ({
  tier: 'client',
  waveId: 'tick-0-client',
  startedAtMs: NOW - 20 * MINUTE,
  records: RECORDS,
  mode: 'act',
  commands: [{ commandId: 'c-1', instanceIds: IDS }],
  failed: [],
  waves: 1,
  stopped: false,
  sentence: null,
  ...given,
});

const failing = (...ids: string[]) => [
  {
    tier: 'client' as const,
    ended: true,
    isWhole: true,
    answers: ids.map((instanceId) => ({ instanceId, kind: 'failed' as const, reason: 'not-healed' })),
  },
];

/** What is said of a roll-out of which these hosts failed, and the others have cycled. */
function sentenceOf(...failed: string[]): string | undefined {
  const answers = IDS.map((instanceId) => ({ instanceId, kind: 'cycled' as const, reason: '' }));
  const [wave] = failing(...failed);
  const all = answers.map(
    (answer) => wave?.answers.find(({ instanceId }) => instanceId === answer.instanceId) ?? answer,
  );
  const progress = [{ tier: 'client' as const, ended: true, isWhole: true, answers: all }];
  const made = plan(staleClients(7, { memory: memory({ rollOuts: { client: last() } }), progress }));
  return refusalsOf(made).find((refusal) => refusal.startsWith('roll-out-stopped'));
}

describe('a roll-out that stopped', () => {
  it('names five of the hosts that failed, and counts the others', () => {
    const end = 'the limit is 1. It is not repeated until DNS or the mode changes.';
    const named = IDS.slice(0, 5).join(', ');
    const begin = 'roll-out-stopped: The roll-out of the client tier stopped:';
    expect(sentenceOf(...IDS.slice(0, 5))).toContain(`${begin} 5 hosts failed (${named}), ${end}`);
    expect(sentenceOf(...IDS.slice(0, 6))).toContain(`${begin} 6 hosts failed (${named} and 1 more), ${end}`);
    expect(sentenceOf(...IDS)).toContain(`${begin} 7 hosts failed (${named} and 2 more), ${end}`);
  });

  it('says so even when it is not remembered why', () => {
    const rollOuts = { client: last({ commands: [], stopped: true, sentence: null }) };
    expect(refusalsOf(plan(staleClients(2, { memory: memory({ rollOuts }) })))).toContain(
      'roll-out-stopped: The roll-out of the client tier stopped. Held back: 2 hosts.',
    );
  });
});

describe('a host that gave no answer to a wave that is over', () => {
  const silentWave = { commands: [{ commandId: null, instanceIds: [nth(0)] }], startedAtMs: NOW - 60 * MINUTE };
  const failedOf = (input: ReturnType<typeof given>) =>
    plan({ ...input, memory: memory({ rollOuts: { client: last(silentWave) } }) }).memory.rollOuts.client?.failed;
  const host = leftBehind().host;
  const first = { ...host, instanceId: nth(0) };

  it.each(['unknown', 'no-daemon', 'unsynchronised', 'holdover'] as const)('failed, when it is %s now', (state) => {
    expect(failedOf(given([judged(first, { state }), leftBehind()]))).toEqual([nth(0)]);
  });

  it('failed, when nobody has seen it, or EC2 does not name it', () => {
    const input = given([leftBehind()]);
    expect(failedOf({ ...input, hosts: [...input.hosts, first] })).toEqual([nth(0)]);
    expect(failedOf(input)).toEqual([nth(0)]);
  });

  it('did not, when it is healthy, or does not run any more', () => {
    expect(failedOf(given([judged(first), leftBehind()]))).toEqual([]);
    const input = given([leftBehind()]);
    expect(failedOf({ ...input, hosts: [...input.hosts, { ...first, state: 'terminated' }] })).toEqual([]);
  });
});
