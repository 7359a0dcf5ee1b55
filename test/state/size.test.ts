import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { EMPTY_MEMORY, plan, rememberSent } from '../../src/plan/plan.ts';
import { splitRemembered } from '../../src/state/remembered.ts';
import { emptyState, type State } from '../../src/state/state.ts';
import { NOW } from '../builders/plan-input.ts';
import { OVER } from '../builders/roll-outs.ts';
import { A, B, staleClients } from '../builders/stale-clients.ts';

/** Of a pod of which every client is stale, with the largest wave under way. */
function stateOf(clients: number): { state: State; hostsLength: number } {
  const input = staleClients(clients, { memory: { ...EMPTY_MEMORY, rollOuts: { client: OVER } } });
  const { cycles, memory } = plan(input);
  expect(cycles.length).toBeGreaterThan(0);
  const sent = cycles.map(({ tier, instanceIds }) => ({ tier, commands: [{ commandId: randomUUID(), instanceIds }] }));
  const servers = new Set([A.instanceId, B.instanceId]);
  const parts = splitRemembered(
    {
      memory: rememberSent(memory, cycles, sent),
      known: input.hosts.map(({ instanceId, az }) => ({ instanceId, az })),
    },
    (id) => servers.has(id),
    { pod: 'blue', tickId: 'tick-1' },
  );
  const claim = { tickId: 'tick-1', startedAtMs: NOW, untilMs: NOW + 300_000 };
  const key = 'blue/memory/0123456789ab-0123456789ab.json.gz';
  const state = { ...emptyState('blue'), claim, servers: parts.servers, waves: parts.waves, memory: key };
  return { state, hostsLength: JSON.stringify(parts.hosts).length };
}

describe('the state of a pod whose clients are all stale', () => {
  const small = stateOf(1000);
  const large = stateOf(10_000);

  it('is a few KB at 10,000', () => {
    expect(JSON.stringify(large.state).length).toBeLessThan(4096);
    expect(large.hostsLength).toBeGreaterThan(1_000_000);
  });

  it('grows with no client, but by an id of SSM’s for each 50 of a wave', () => {
    const withoutCommands = ({ state }: typeof small) => {
      const { client } = state.waves;
      return JSON.stringify({ ...state, waves: { client: { ...client, commands: [] } } }).length;
    };
    expect(withoutCommands(large)).toBe(withoutCommands(small));
    expect(large.state.waves.client?.commands.length).toBeLessThanOrEqual(20);
  });
});
