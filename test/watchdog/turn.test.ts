import { describe, expect, it } from '@jest/globals';
import { hostId } from '@podtime/aws-endpoint/testing';
import type { Memory } from '../../src/plan/plan.ts';
import type { Claim, State } from '../../src/state/state.ts';
import { StateConflict } from '../../src/watchdog/ports.ts';
import { cycleOnDemand } from '../../src/watchdog/tick.ts';
import { addressOf, row, type TestedPod } from '../builders/endpoint-pod.ts';
import { podWithTurns } from '../builders/turns.ts';

let pod: TestedPod;
const { store, taken, putsOf, collects, isDue, turnFaults, onceAsked } = podWithTurns((started) => {
  pod = started;
});

const REQUEST = { tier: 'client' as const, az: null, instanceIds: null, force: false };

describe('a tick', () => {
  it('claims its turn before it asks anybody, and gives it back at its end', async () => {
    let claim: Claim | null | undefined;
    onceAsked(() => {
      claim = pod.state()?.claim;
    });
    const startedAtMs = pod.clock.nowMs();
    await pod.tick();
    expect(claim).toEqual({ tickId: 'tick-1', startedAtMs, untilMs: startedAtMs + 610_000 });
    expect(pod.state()).toMatchObject({ claim: null, again: false, last: { tickId: 'tick-1', startedAtMs } });
  });

  it('writes claim, history, memory, state and report, and nothing more', async () => {
    await pod.tick();
    expect(putsOf()).toEqual([
      'blue/state.json',
      expect.stringMatching(/^history\/ticks\/pod=blue\/day=[0-9-]{10}\/\d{6}Z-tick-1\.parquet$/),
      expect.stringMatching(/^blue\/memory\/tick-1-[0-9a-f]{12}\.json\.gz$/),
      'blue/state.json',
      'blue/report.json',
    ]);
  });

  it('that cycles writes what it is about to send before it does, and its hosts once', async () => {
    pod.addHost(22, 'client', 'us-west-2a', {
      sources: [row('*', addressOf(11, 'us-west-2b')), row(' ', '10.0.2.99')],
    });
    let intended: Memory | null = null;
    pod.endpoint.on((event) => {
      if (event.kind === 'command sent' && event.document.endsWith('cycle')) intended = pod.memory();
    });
    const { report } = await pod.tick();
    expect(report.cycles).toMatchObject([{ outcome: 'sent' }]);
    expect((intended as Memory | null)?.rollOuts.client?.commands).toEqual([
      { commandId: null, instanceIds: [hostId(22)] },
    ]);
    expect(putsOf().map((key) => key.replace(/tick-1-.*/, 'tick-1').replace(/day=.*Z/, 'day'))).toEqual([
      'blue/state.json',
      'blue/memory/tick-1',
      'blue/state.json',
      'history/ticks/pod=blue/day-tick-1.parquet',
      'blue/state.json',
      'blue/report.json',
    ]);
    expect(pod.state()?.waves.client?.commands).toEqual([
      { commandId: expect.any(String), hosts: 1, maxConcurrency: 1 },
    ]);
  });

  it('goes on from what it read a moment ago, and gives way where that has changed', async () => {
    const { read } = await isDue();
    expect((await pod.tick({ read })).gaveWay).toBeNull();
    const { report, gaveWay } = await pod.tick({ read, tickId: 'tick-2' });
    expect([report, gaveWay]).toEqual([
      null,
      'Another run of podtime wrote the state of pod blue first. This one gives way and changes nothing.',
    ]);
  });
});

describe('a run that finds the turn taken', () => {
  it('ends after that read, writes nothing and asks nobody', async () => {
    await taken();
    pod.events.length = 0;
    const before = collects().length;
    const { gaveWay } = await pod.tick();
    const until = new Date(pod.state()?.claim?.untilMs ?? 0).toISOString().slice(11, 19);
    expect(gaveWay).toBe(
      `Another run of podtime (tick tick-0) has the turn of pod blue, for 20 s now, until ${until} UTC at the latest. ` +
        'This one gives way and changes nothing.',
    );
    expect([putsOf(), collects().length - before]).toEqual([[], 0]);
    expect((await isDue()).due).toBe(false);
  });

  it('and brings news leaves it with the state, once', async () => {
    await taken();
    pod.events.length = 0;
    const { gaveWay } = await pod.tick({ bringsNews: true });
    expect(gaveWay).toMatch(/A tick follows as soon as that ends\.$/);
    await pod.tick({ bringsNews: true, tickId: 'tick-2' });
    expect(putsOf()).toEqual(['blue/state.json']);
    expect(pod.state()).toMatchObject({ again: true, claim: { tickId: 'tick-0' } });
  });

  it('to cycle by hand says so, and a tick follows', async () => {
    await taken();
    const run = { ...pod.run, tickId: 'tick-2' };
    const { report, gaveWay } = await cycleOnDemand(run, { dryRun: false, waitSeconds: 15 }, REQUEST);
    expect([report, gaveWay]).toEqual([null, expect.stringContaining('(tick tick-0) has the turn of pod blue, ')]);
    expect(pod.state()?.again).toBe(true);
  });

  it('looks all the same where it is a dry run', async () => {
    await taken();
    const { report } = await pod.tick({ dryRun: true });
    expect(report.summary.sampled).toBe(2);
  });
});

describe('a run that brings news', () => {
  const beaten = () => {
    const { states } = pod.run.ports;
    const writes: State[] = [];
    pod.run.ports.states = {
      ...states,
      write: async (state) => {
        writes.push(state);
        throw new StateConflict(state.pod, null);
      },
    };
    return writes;
  };

  it.each([
    ['to claim the turn', async () => {}],
    ['to tell the run that has it', () => taken()],
  ])('and is beaten each time that it tries %s fails, for it has told nobody', async (_, given) => {
    await given();
    const writes = beaten();
    await expect(pod.tick({ bringsNews: true })).rejects.toThrow(StateConflict);
    expect(writes).toHaveLength(5);
  });

  it.each([
    ['is the next that has the turn', async () => {}, null],
    ['finds another at work', () => taken(), 'tick-0'],
  ])(
    'while the state cannot be read leaves it there once it can, and a tick of the next minutes %s',
    async (_, given, holder) => {
      await pod.tick();
      await given();
      pod.events.length = 0;
      pod.endpoint.faults.next('GetObject', 'AccessDenied', { times: 1 });
      const { report } = await pod.tick({ bringsNews: true });
      expect(report.refusals).toMatchObject([{ rule: 'blind' }]);
      expect(pod.state()).toMatchObject({ again: true, claim: holder === null ? null : { tickId: holder } });
      expect(putsOf()).toEqual(['blue/state.json']);
      expect(await isDue()).toMatchObject({ due: holder === null });
    },
  );

  it('that no state takes says so: nobody else will', async () => {
    pod.endpoint.faults.next('GetObject', 'AccessDenied', { times: 9 });
    const { report } = await pod.tick({ bringsNews: true });
    const [first, last] = [report.faults.at(0), report.faults.at(-1)];
    expect([first, last]).toEqual(
      [1, 2].map((entry) => `reading the state of pod blue: AccessDenied (log entry tick-1.${entry}).`),
    );
  });

  it('of none leaves nothing where the state cannot be read', async () => {
    pod.endpoint.faults.next('GetObject', 'AccessDenied', { times: 1 });
    await pod.tick();
    expect([putsOf(), pod.state()?.again]).toEqual([[], false]);
  });
});

describe('news that comes while a tick is under way', () => {
  it('is no conflict: the tick ends, and the next is due at once', async () => {
    onceAsked(() => void store({ ...(pod.state() as State), again: true }));
    const { report, gaveWay } = await pod.tick();
    expect([gaveWay, turnFaults(report)]).toEqual([null, []]);
    const { again, dueAtMs, last, claim } = pod.state() as State;
    expect([again, claim, dueAtMs]).toEqual([false, null, last?.endedAtMs]);
    expect(await isDue()).toMatchObject({ due: true });
  });

  it('without it none is', async () => {
    await pod.tick();
    expect(await isDue()).toMatchObject({ due: false });
  });
});
