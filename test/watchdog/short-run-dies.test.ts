import { describe, expect, it } from '@jest/globals';
import type { ShortRun } from '../../src/watchdog/short-run.ts';
import type { TestedPod } from '../builders/endpoint-pod.ts';
import { podWithShortRuns, staleIds } from '../builders/short-runs.ts';

let pod: TestedPod;
const { addManyStale, shortRunOf, due, shortRun, nextMinute, scheduledRun, minutes, until, cycledIds } =
  podWithShortRuns((started) => {
    pod = started;
  });

describe('a short run that dies', () => {
  /** From this call on nothing of the run gets through: `port.operation`, and whether it still took effect. */
  const dyingAt = (at: string, nth: number, when: 'before' | 'after'): ShortRun['ports'] => {
    let isDead = false;
    let calls = 0;
    const dying = (name: string, port: object) =>
      new Proxy(port, {
        get: (target, key) => {
          const value = Reflect.get(target, key);
          if (typeof value !== 'function') return value;
          return async (...given: unknown[]) => {
            const isHere = `${name}.${String(key)}` === at && ++calls === nth;
            if (isHere && when === 'before') isDead = true;
            if (isDead) throw new Error('killed');
            const answer = await value.apply(target, given);
            if (!isHere) return answer;
            isDead = true;
            throw new Error('killed');
          };
        },
      });
    return Object.fromEntries(
      Object.entries(pod.run.ports).map(([name, port]) => [name, dying(name, port)]),
    ) as unknown as ShortRun['ports'];
  };

  it.each([
    ['after its claim', 'states.write', 1, 'after'],
    ['before its memory is written', 'memories.write', 1, 'before'],
    ['before its intent is written', 'states.write', 2, 'before'],
    ['after its intent', 'states.write', 2, 'after'],
    ['before it sends', 'commands.cycle', 1, 'before'],
    ['after it sent', 'commands.cycle', 1, 'after'],
    ['before it gives the turn back', 'states.write', 3, 'before'],
  ] as const)('%s is taken over, and no host is cycled twice', async (_, at, nth, when) => {
    addManyStale(8);
    await scheduledRun();
    await nextMinute();
    const turn = await due();
    expect(turn.due).toBe(false);
    pod.run.deadline = { leftMs: () => 170_000 };
    await shortRun(shortRunOf({ ports: dyingAt(at, nth, when) }), turn).catch(() => {});
    // three minutes until its claim has ended; a wave of which nobody knows whether it was sent lives for up to 21 more
    await until(() => cycledIds().length >= 8 && pod.state()?.waves.client?.commands.length === 0, 45);
    await minutes(2);
    expect(cycledIds()).toEqual(staleIds(8));
    expect(pod.state()).toMatchObject({ claim: null, waves: { client: { failed: 0, stopped: false } } });
  });
});
