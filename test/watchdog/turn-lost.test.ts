import { describe, expect, it } from '@jest/globals';
import { hostId } from '@podtime/aws-endpoint/testing';
import type { State, Waves } from '../../src/state/state.ts';
import { StateConflict } from '../../src/watchdog/ports.ts';
import { tick } from '../../src/watchdog/tick.ts';
import { addressOf, gaugeOf, row, type TestedPod } from '../builders/endpoint-pod.ts';
import { podWithTurns } from '../builders/turns.ts';

let pod: TestedPod;
const { taken, putsOf, collects, isDue, turnFaults, onceAsked } = podWithTurns((started) => {
  pod = started;
});

describe('a tick that is beaten to its claim', () => {
  const STALE = { sources: [row('*', addressOf(11, 'us-west-2b')), row(' ', '10.0.2.99')] };
  /** Another run writes the state between what the tick read and its claim. */
  const beatenBy = async (write: (state: State) => State) => {
    const { read } = await isDue();
    const { states } = pod.run.ports;
    const now = await states.read('blue');
    await states.write(write(now.state), now.etag);
    return read;
  };

  it('by a short run’s note reads again and goes on: nobody had the turn', async () => {
    const agent = pod.addHost(22, 'client', 'us-west-2a', STALE);
    const { run } = agent;
    agent.run = (script, ...rest) => (script.includes('collect') ? run(script, ...rest) : new Promise(() => {}));
    await pod.tick();
    await pod.clock.advance(20_000);
    const notedAtMs = pod.clock.nowMs() - 1;
    const read = await beatenBy(({ waves, ...state }) => {
      return { ...state, waves: { ...waves, client: { ...(waves.client as Waves), allBegunAtMs: notedAtMs } } };
    });
    const before = collects().length;
    const { gaveWay } = await pod.tick({ read, tickId: 'tick-2' });
    expect([gaveWay, collects().length - before]).toEqual([null, 1]);
    expect(pod.state()).toMatchObject({ claim: null, last: { tickId: 'tick-2' } });
    expect(pod.state()?.waves.client).toMatchObject({ waveId: 'tick-1-client', allBegunAtMs: notedAtMs });
  });

  it('by news that was left does what it asks for', async () => {
    await pod.tick();
    const read = await beatenBy((state) => ({ ...state, again: true }));
    expect((await pod.tick({ read, tickId: 'tick-2' })).gaveWay).toBeNull();
    expect(pod.state()).toMatchObject({ again: false, last: { tickId: 'tick-2' } });
  });

  it('by another’s claim gives way', async () => {
    const nowMs = pod.clock.nowMs();
    const claim = { tickId: 'tick-0', startedAtMs: nowMs, untilMs: nowMs + 60_000 };
    const read = await beatenBy((state) => ({ ...state, claim }));
    const before = collects().length;
    expect((await pod.tick({ read })).gaveWay).toContain('(tick tick-0) has the turn of pod blue, ');
    expect([pod.state()?.claim, collects().length]).toEqual([claim, before]);
  });

  it('and cannot read why gives way', async () => {
    const read = await beatenBy((state) => ({ ...state, again: true }));
    // the conflict is looked into first, by reading back what stands there
    pod.endpoint.faults.next('GetObject', 'AccessDenied', { times: 2 });
    const { report, gaveWay } = await pod.tick({ read });
    expect([report, gaveWay]).toEqual([null, expect.stringContaining('wrote the state of pod blue first')]);
  });

  it('each time gives way at last: nothing is lost, for the next is due', async () => {
    const { states } = pod.run.ports;
    let writes = 0;
    pod.run.ports.states = {
      ...states,
      write: async () => {
        writes += 1;
        throw new StateConflict('blue', null);
      },
    };
    const { report, gaveWay } = await pod.tick();
    expect([report, gaveWay]).toEqual([null, expect.stringContaining('wrote the state of pod blue first')]);
    expect(writes).toBe(5);
  });
});

describe('a tick that died with the turn', () => {
  it('is named and counted by the one that takes over, which does its work', async () => {
    await taken({ tickId: 'tick-dead', untilMs: pod.clock.nowMs() - 1 });
    const { report, gaveWay } = await pod.tick();
    expect(gaveWay).toBeNull();
    expect(turnFaults(report)).toEqual([
      expect.stringMatching(/^Tick tick-dead of pod blue began 2\d s ago and never ended; this one takes over\.$/),
    ]);
    expect(await gaugeOf(pod, 'TicksTakenOver')).toBe(1);
    expect(pod.state()).toMatchObject({ claim: null, last: { tickId: 'tick-1' } });
  });

  it('while it sent a wave still owes what short runs heard of hosts: the one that takes over reports it', async () => {
    const { commands, memories } = pod.run.ports;
    const { state, etag } = await pod.run.ports.states.read('blue');
    const { hosts } = await memories.read('blue', state.memory ?? '');
    const verdict = {
      tier: 'client' as const,
      kind: 'nothing' as const,
      reason: 'not-yet',
      hosts: 1,
      instanceIds: [hostId(21)],
      sentence: 'It did nothing.',
    };
    const heard = await memories.write({ ...hosts, verdicts: [verdict] });
    await pod.run.ports.states.write({ ...state, memory: heard }, etag);
    pod.addHost(22, 'client', 'us-west-2a', {
      sources: [row('*', addressOf(11, 'us-west-2b')), row(' ', '10.0.2.99')],
    });
    const dead = new Promise<never>(() => {});
    let isSending = () => {};
    const sending = new Promise<void>((resolve) => {
      isSending = resolve;
    });
    const cycle = () => {
      isSending();
      return dead;
    };
    const dying = { ...commands, cycle };
    void tick(
      { ...pod.run, tickId: 'tick-dead', ports: { ...pod.run.ports, commands: dying } },
      { dryRun: false, waitSeconds: 20 },
    );
    await sending;
    expect(pod.state()?.claim?.tickId).toBe('tick-dead');
    await pod.clock.advance(700_000);
    expect((await pod.tick()).report.verdicts).toMatchObject([verdict]);
  });

  it('is left to the next tick by a run that only looks', async () => {
    await taken({ tickId: 'tick-dead', untilMs: pod.clock.nowMs() - 1 });
    const { report } = await pod.tick({ dryRun: true });
    expect(turnFaults(report)).toEqual([
      expect.stringMatching(/^Tick tick-dead of pod blue began 2\d s ago and never ended; the next tick takes over\.$/),
    ]);
    expect(pod.state()?.claim?.tickId).toBe('tick-dead');
  });

  it('is taken over, whatever end it claims, when no run can have so long', async () => {
    await taken({ tickId: 'tick-dead', startedAtMs: pod.clock.nowMs() + 10_900_000, untilMs: Number.MAX_VALUE });
    expect(await isDue()).toMatchObject({ due: true });
    const { report, gaveWay } = await pod.tick();
    expect(gaveWay).toBeNull();
    expect(turnFaults(report)).toEqual([
      'Tick tick-dead of pod blue began 3 h in the future and never ended; this one takes over.',
    ]);
  });

  it('is taken over at once by a repeat of its own event', async () => {
    await taken({ tickId: 'tick-1' });
    const { report, gaveWay } = await pod.tick();
    expect(gaveWay).toBeNull();
    expect(turnFaults(report)).toEqual([
      expect.stringMatching(/^Tick tick-1 of pod blue began 2\d s ago and never ended; this one takes over\.$/),
    ]);
  });
});

describe('a tick whose turn was taken over', () => {
  const takenOver = () => taken({ tickId: 'tick-2' });

  it.each([
    ['a record', 3, true],
    ['no record', 2, false],
  ])(
    'finds it out by a write of its claim: with %s to change the state is written %i times',
    async (_, writes, isChanged) => {
      await pod.tick({ tickId: 'tick-0' });
      if (isChanged) pod.addHost(13, 'boundary', 'us-west-2a');
      pod.events.length = 0;
      await pod.tick();
      expect(putsOf().filter((key) => key === 'blue/state.json')).toHaveLength(writes);
    },
  );

  it('before it sent a wave sends none', async () => {
    pod.addHost(22, 'client', 'us-west-2a', {
      sources: [row('*', addressOf(11, 'us-west-2b')), row(' ', '10.0.2.99')],
    });
    onceAsked(() => void takenOver());
    const { report, gaveWay } = await pod.tick();
    expect([report, gaveWay]).toEqual([
      null,
      'Another run of podtime took over the turn of pod blue; this one gives way and changes nothing more.',
    ]);
    expect([pod.cycled, pod.state()?.claim?.tickId]).toEqual([[], 'tick-2']);
  });

  it('before it changed DNS changes nothing', async () => {
    await pod.tick({ tickId: 'tick-0' });
    pod.addHost(13, 'boundary', 'us-west-2a');
    const { commands } = pod.run.ports;
    const collect: typeof commands.collect = async (...given) => {
      await takenOver();
      return commands.collect(...given);
    };
    pod.run.ports.commands = { ...commands, collect };
    const { report, gaveWay } = await pod.tick();
    expect([report, gaveWay]).toEqual([
      null,
      'Another run of podtime took over the turn of pod blue; this one gives way and changes nothing more.',
    ]);
    expect(pod.endpoint.records().filter(({ setIdentifier }) => setIdentifier === hostId(13))).toEqual([]);
    expect(pod.state()?.claim?.tickId).toBe('tick-2');
  });

  it('at its end leaves state and report to the other, and says so', async () => {
    const before = pod.report();
    onceAsked(() => void takenOver());
    const { report } = await pod.tick();
    expect(turnFaults(report)).toEqual([
      'Another run of podtime took over the turn of pod blue; this one gives way and changes nothing more.',
    ]);
    expect([pod.report(), pod.state()?.claim?.tickId]).toEqual([before, 'tick-2']);
  });

  it('also by a repeat of its own event', async () => {
    onceAsked(() => void taken({ tickId: 'tick-1', startedAtMs: 1 }));
    expect(turnFaults((await pod.tick()).report)).toHaveLength(1);
  });
});
