import type { Agent, Agents } from '../agents.ts';
import type { Delays } from '../delays.ts';
import type { Timers } from '../timers.ts';

/** What SSM last heard of the agents. */
export interface Pings {
  /** Real epoch ms of the last ping; null when it never came. */
  lastPingAtMs(instanceId: string): number | null;
  /** Still Online to SSM: true for minutes after an agent died. */
  online(instanceId: string): boolean;
}

/** How often agents are seen, in simulated milliseconds. */
const PING_EVERY_MS = 30_000;

export function createPings(agents: Agents, timers: Timers, delays: Delays): Pings {
  const seen = new Map<string, { simMs: number; realMs: number }>();
  const see = (agent: Agent | undefined) => {
    if (agent?.online) seen.set(agent.instanceId, { simMs: timers.nowMs(), realMs: Date.now() });
  };
  const seeAll = () => {
    for (const agent of agents.values()) see(agent);
    timers.after(PING_EVERY_MS, seeAll);
  };
  seeAll();
  const lastPing = (instanceId: string) => {
    see(agents.get(instanceId));
    return seen.get(instanceId);
  };
  return {
    lastPingAtMs: (instanceId) => lastPing(instanceId)?.realMs ?? null,
    online(instanceId) {
      const last = lastPing(instanceId);
      return last !== undefined && timers.nowMs() - last.simMs <= delays.pingLostMs;
    },
  };
}
