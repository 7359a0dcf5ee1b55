import { describe, expect, it } from '@jest/globals';
import { isSentWave, type PlanInput, plan } from '../../../src/plan/plan.ts';
import { judged, MINUTE, memory, NOW, record, server, stale } from '../../builders/plan-input.ts';
import { LAST, progress, rollOut } from '../../builders/roll-outs.ts';
import { A, B, NAME_B, nth, staleClients } from '../../builders/stale-clients.ts';

const C = server('c', 'c');
const GIVEN = staleClients(20);

describe('short runs follow a wave', () => {
  const sent = { commandId: 'c-1' };
  const perhaps = { commandId: null };

  it.each([
    ['there is none', undefined, false],
    ['it has no command out', { stopped: false, commands: [] }, false],
    ['SSM took each of its commands', { stopped: false, commands: [sent, sent] }, true],
    ['SSM may not have taken one of them', { stopped: false, commands: [sent, perhaps] }, false],
    ['its roll-out has stopped', { stopped: true, commands: [sent] }, false],
  ])('%s: %j: %s', (_, wave, expected) => {
    expect(isSentWave(wave)).toBe(expected);
  });
});

describe('what a tick leaves to the short runs after it', () => {
  const underWay: Partial<PlanInput> = {
    memory: memory({ rollOuts: { client: { ...LAST, startedAtMs: NOW - MINUTE } } }),
    progress: [progress({ ended: false, answers: [] })],
  };

  it('names the hosts of the wave that EC2 says run no more, not those that it does not show', () => {
    const hosts = GIVEN.hosts
      .filter(({ instanceId }) => instanceId !== nth(1))
      .map((host) => (host.instanceId === nth(0) ? { ...host, state: 'stopped' as const } : host));
    expect(plan({ ...GIVEN, ...underWay }).memory.seen?.gone).toEqual([]);
    expect(plan({ ...GIVEN, ...underWay, hosts }).memory.seen?.gone).toEqual([nth(0)]);
  });

  it('is nothing beside a wave of a boundary server that starts as well', () => {
    const servers = [stale(A, [NAME_B]), judged(B), judged(C)];
    const made = plan({
      ...GIVEN,
      hosts: [...GIVEN.hosts, C],
      records: [...GIVEN.records, record(C)],
      judgements: [...servers, ...GIVEN.judgements.filter(({ host }) => host.tier === 'client')],
    });
    expect(Object.keys(made.memory.rollOuts).sort()).toEqual(['boundary', 'client']);
    expect(made.memory.seen).toBeUndefined();
  });

  it('is nothing where what podtime may do is limited: a tick looks again', () => {
    const made = plan({
      ...GIVEN,
      ...underWay,
      limit: { mode: 'hold', reason: 'because who is withdrawn is forgotten' },
    });
    expect(made.memory.seen).toBeUndefined();
    expect(made.unfinished).toBe(true);
    expect(plan({ ...GIVEN, ...underWay }).unfinished).toBe(false);
  });

  it('is no wave of a boundary server: a tick is due for it', () => {
    const commands = [{ commandId: 'c-1', instanceIds: [A.instanceId] }];
    const boundary = rollOut({ tier: 'boundary', startedAtMs: NOW - MINUTE, commands });
    const waves = [progress({ tier: 'boundary', ended: false, answers: [] })];
    const made = plan({ ...staleClients(0), memory: memory({ rollOuts: { boundary } }), progress: waves });
    expect(made.unfinished).toBe(true);
  });
});
