import { describe, expect, it } from '@jest/globals';
import { type PlanInput, plan, planOnDemandCycle } from '../../../src/plan/plan.ts';
import { memory } from '../../builders/plan-input.ts';
import { EVERYTHING } from '../../builders/plan-properties.ts';
import { rollOut } from '../../builders/roll-outs.ts';
import { clients, cycled, given, leftBehind, nth, refusalsOf, staleClients } from '../../builders/stale-clients.ts';

const ALL = clients(300);

/** EC2 describes the clients of some AZs alone. */
function partial(azs: readonly string[], overrides: Partial<PlanInput> = {}): PlanInput {
  const [seen, unseen] = [true, false].map((isSeen) => ALL.filter(({ az }) => azs.includes(az) === isSeen)) as [
    typeof ALL,
    typeof ALL,
  ];
  const unread = unseen.map(({ instanceId }) => instanceId);
  const unreadByTier = { boundary: 0, client: unread.length };
  return given(
    seen.map((host) => leftBehind(host)),
    { unread, unreadByTier, ...overrides },
  );
}

describe('hosts that EC2 did not describe', () => {
  it('are hosts that did not answer: with more than half of a tier unread nobody of it is cycled', () => {
    const made = plan(partial(['us-west-2a']));
    expect(cycled(made)).toEqual([]);
    expect(refusalsOf(made)).toEqual([
      'sampled: Nothing of the client tier is cycled: 100 of its 300 hosts answered, half are needed. Held back: 100 hosts.',
    ]);
    expect(cycled(plan(partial(['us-west-2a', 'us-west-2b'])))).toHaveLength(2);
  });

  it('are of the tier whose share may fail: a roll-out does not stop because they were unread', () => {
    const underWay = memory({ rollOuts: { client: rollOut({ failed: [nth(0), nth(3), nth(6)] }) } });
    const made = plan(partial(['us-west-2a', 'us-west-2b'], { memory: underWay }));
    expect(made.stoppedRollOuts).toEqual([]);
    expect(cycled(made)).toHaveLength(cycled(plan(staleClients(300, { memory: underWay }))).length);
  });

  it('count in what the next wave goes by', () => {
    expect(plan(partial(['us-west-2a', 'us-west-2b'])).memory.seen).toMatchObject({ running: 300, sampled: 200 });
  });

  it('are not said to be strangers where one is to be cycled by hand', () => {
    const request = { ...EVERYTHING, instanceIds: [nth(1), 'i-0123456789abcdef0'], force: false };
    const made = planOnDemandCycle(partial(['us-west-2a', 'us-west-2c']), request);
    expect(made.refusals[0]?.cause).toBe(
      'hosts are not cycled: EC2 did not describe them, and nobody knows how they stand',
    );
    expect(refusalsOf(made)).toEqual([
      `unread-instance: ${nth(1)} is not cycled: EC2 did not describe it, and nobody knows how it stands.`,
      'unknown-instance: i-0123456789abcdef0 is not cycled: it is no host of pod blue.',
    ]);
  });
});
