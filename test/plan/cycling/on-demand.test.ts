import { describe, expect, it } from '@jest/globals';
import { ask, GIVEN, STALE } from '../../builders/on-demand-cycle.ts';
import { HOUR, id, judged, MINUTE, memory, NOW, record, server } from '../../builders/plan-input.ts';
import { A, B } from '../../builders/stale-clients.ts';

describe('cycling on demand', () => {
  it('a tier: its stale hosts, and why the others not', () => {
    const { cycled, told } = ask({ tier: 'client' });
    expect(cycled).toEqual([id('1')]);
    expect(told).toEqual([
      'not-stale: 1 of 5 hosts asked for is not cycled: DNS has not left them behind.',
      `cool-down: ${id('3')} was cycled 60 s ago; the cool-down is 10 min.`,
      `held: ${id('4')} is not cycled: its tag ntp-hold says look, never touch.`,
      `unknown: ${id('5')} is not cycled, as nothing is known of it: SSM has no answer from it (DeliveryTimedOut).`,
    ]);
  });

  it.each(['us-west-2b', 'az-b', 'b'])('an AZ, as %s', (az) => {
    expect(ask({ az }).rules).toEqual(['blue not-stale', '3 cool-down']);
  });

  it('an AZ of a tier', () => {
    expect(ask({ az: 'b', tier: 'client' }).told[0]).toBe(
      'not-stale: 1 of 2 hosts asked for is not cycled: DNS has not left them behind.',
    );
  });

  it.each([
    [{ tier: 'boundary', az: 'c' }, ' of the boundary tier in us-west-2c'],
    [{ az: 'us-west-2c' }, ' in us-west-2c'],
    [{ tier: 'boundary' }, ' of the boundary tier'],
  ] as const)('nobody where no host is so, and says it: %j', (request, which) => {
    const { cycled, told } = ask(request, { hosts: [STALE] });
    expect(cycled).toEqual([]);
    expect(told).toEqual([`no-host: Nothing is cycled: no host of pod blue${which} runs, as far as EC2 tells.`]);
  });

  it('instances: each is answered, the unknown and those elsewhere too', () => {
    const { cycled, told } = ask({
      tier: 'client',
      az: 'a',
      instanceIds: [id('1'), id('2'), id('a'), id('99'), id('99')],
    });
    expect(cycled).toEqual([id('1')]);
    expect(told).toEqual([
      `not-asked-for: ${id('2')} is not cycled: it is of the client tier in us-west-2b, asked for was client, us-west-2a.`,
      `not-asked-for: ${id('a')} is not cycled: it is of the boundary tier in us-west-2a, asked for was client, us-west-2a.`,
      `unknown-instance: ${id('99')} is not cycled: it is no host of pod blue.`,
    ]);
    expect(ask({ instanceIds: [id('2')] }).told).toEqual([
      `not-stale: ${id('2')} is not cycled: DNS has not left it behind.`,
    ]);
  });

  it('an instance that does not run is told, one of a tier is passed over', () => {
    const hosts = GIVEN.hosts.map((host) => (host === STALE ? { ...host, state: 'stopped' as const } : host));
    expect(ask({ instanceIds: [id('1')] }, { hosts }).told).toEqual([
      `not-running: ${id('1')} is not cycled: EC2 says it is stopped.`,
    ]);
    expect(ask({ tier: 'client' }, { hosts }).rules).not.toContain('1 not-running');
  });

  it('an AZ that the pod does not have is told, with those that it has', () => {
    const { cycled, told } = ask({ az: 'us-west-2g', instanceIds: [id('1')] });
    expect(cycled).toEqual([]);
    expect(told).toEqual(['unknown-az: Nothing is cycled: pod blue has no AZ us-west-2g; it has az-a, az-b, az-c.']);
  });

  it('never changes DNS, and cycles nothing when DNS is due to change', () => {
    const { made, cycled, rules } = ask(
      { tier: 'client' },
      {
        records: [record(A), record(B), record(server('d', 'c', {}))],
        unknownIds: [id('d')],
        memory: memory({ unknownToEc2: { [id('d')]: NOW - HOUR } }),
      },
    );
    expect(made.changes).toEqual([]);
    expect(cycled).toEqual([]);
    expect(rules).toContain('blue dns-changing');
  });

  it('leaves the reckoning of records to the next tick, which is due at once', () => {
    const remembered = memory({
      unknownToEc2: { [id('d')]: NOW },
      withdrawn: { [id('e')]: { sinceMs: NOW - HOUR, sentence: 'unsynchronised', addresses: [] } },
    });
    const { made } = ask({ tier: 'client' }, { memory: remembered });
    expect(made.memory).toEqual({
      ...remembered,
      cycles: { [id('1')]: [NOW], [id('3')]: [NOW - MINUTE] },
      staleSinceMs: { [id('1')]: NOW, [id('3')]: NOW, [id('4')]: NOW },
      rollOuts: { client: expect.objectContaining({ startedAtMs: NOW }) },
    });
    expect(made.unfinished).toBe(true);
    expect(made.stale).toEqual([id('1'), id('3'), id('4')]);
  });

  it('remembers how hosts were seen to be, as a tick does: proof of a server that is well is gone, of one that is bad it grows', () => {
    const bad = { provenMs: MINUTE, seenMs: NOW - MINUTE };
    const remembered = memory({
      unhealthySinceMs: { [A.instanceId]: NOW - HOUR, [B.instanceId]: NOW - HOUR },
      unhealthy: { [A.instanceId]: bad, [B.instanceId]: bad },
    });
    const judgements = GIVEN.judgements.map((each) =>
      each.host === A ? judged(A, { state: 'unsynchronised', confident: false }) : each,
    );
    const { made } = ask({ tier: 'client' }, { memory: remembered, judgements });
    expect(made.memory).toMatchObject({
      unhealthySinceMs: { [A.instanceId]: NOW - HOUR },
      unhealthy: { [A.instanceId]: { provenMs: 2 * MINUTE, seenMs: NOW } },
    });
    expect(Object.keys(made.memory.unhealthy)).toEqual([A.instanceId]);
  });
});
