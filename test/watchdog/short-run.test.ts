import { describe, expect, it } from '@jest/globals';
import { hostId } from '@podtime/aws-endpoint/testing';
import type { Claim, State } from '../../src/state/state.ts';
import type { ShortRun } from '../../src/watchdog/short-run.ts';
import type { TestedPod } from '../builders/endpoint-pod.ts';
import { podWithShortRuns, staleIds } from '../builders/short-runs.ts';

let pod: TestedPod;
const { addManyStale, shortRunOf, due, shortRun, nextMinute, scheduledRun, minutes, until, cycledIds } =
  podWithShortRuns((started) => {
    pod = started;
  });

describe('a roll-out', () => {
  it('goes on between two ticks, each host once, and a tick follows when it is through', async () => {
    addManyStale(16);
    await scheduledRun();
    const { last, dueAtMs } = pod.state() as State;
    const sentences = await minutes(3);
    expect(cycledIds()).toEqual(staleIds(16));
    expect(sentences.filter((sentence) => sentence === 'tick')).toEqual([]);
    expect(sentences).toContain('The last wave is over, and no other host is left for one.');
    expect(sentences.filter((sentence) => sentence.startsWith('Cycle '))).toHaveLength(13);
    // the last tick is the last still, and the next is due now
    const after = pod.state() as State;
    expect(after).toMatchObject({ claim: null, again: false, last });
    expect(after.dueAtMs).toBeLessThan(dueAtMs);
    expect(await minutes(1)).toEqual(['tick']);
    expect(pod.state()?.waves.client).toMatchObject({ commands: [], failed: 0 });
    expect(await minutes(1)).toEqual([expect.stringMatching(/^No tick of pod blue is due/)]);
    expect(cycledIds()).toEqual(staleIds(16));
  });

  it('is looked at by one call, and without the turn', async () => {
    addManyStale(3);
    await scheduledRun();
    const calls: string[] = [];
    const { commands, states, memories, modes, zone } = pod.run.ports;
    const counted = <P extends object>(name: string, port: P): P =>
      new Proxy(port, {
        get: (target, key) => {
          const value = Reflect.get(target, key);
          return typeof value !== 'function'
            ? value
            : (...given: unknown[]) => {
                calls.push(`${name}.${String(key)}`);
                return value.apply(target, given);
              };
        },
      });
    const ports = {
      ...pod.run.ports,
      commands: counted('commands', { ...commands, findWave: async () => [] }),
      states: counted('states', states),
      memories: counted('memories', memories),
      modes: counted('modes', modes),
      zone: counted('zone', zone),
    };
    await nextMinute();
    const sentences = await shortRun(shortRunOf({ ports }), await due());
    expect(sentences).toEqual([
      'Wave tick-1-client of pod blue is under way: 0 of 1 through. SSM does not list all of its commands.',
    ]);
    expect(calls).toEqual(Array<string>(12).fill('commands.findWave'));
  });

  it('that is not open costs no call more than the one read', async () => {
    await scheduledRun();
    const turn = await due();
    pod.events.length = 0;
    const refuse = new Proxy({}, { get: (_, port) => expect(port).toBe('none') }) as ShortRun['ports'];
    expect(await shortRun(shortRunOf({ ports: refuse }), turn)).toEqual([turn.sentence]);
  });

  it('remembers between two runs since when the last hosts have been silent, and goes on without them', async () => {
    addManyStale(12);
    // the last in the first wave, whose other hosts are through
    const silent = pod.agents.get(hostId(23));
    const run = silent?.run;
    if (silent && run) {
      silent.run = (script, ...rest) => (script.includes('collect') ? run(script, ...rest) : new Promise(() => {}));
    }
    const notedMs = new Set<number>();
    pod.endpoint.on((event) => {
      const { waveId, allBegunAtMs } = (event.kind === 'object put' && pod.state()?.waves.client) || {};
      if (waveId === 'tick-1-client' && allBegunAtMs !== undefined) notedMs.add(allBegunAtMs);
    });
    await scheduledRun();
    const startedMs = pod.clock.nowMs();
    await until(() => cycledIds().length === 11, 6);
    expect(notedMs.size).toBe(1);
    expect(Math.min(...notedMs) - startedMs).toBeLessThan(70_000);
    expect(pod.memory().rollOuts.client?.failed).toEqual([hostId(23)]);
    expect(cycledIds()).toEqual(staleIds(12).filter((id) => id !== hostId(23)));
  });
});

describe('what hosts said', () => {
  /** Host 22 does nothing when it is asked to cycle, and says why. */
  const sayNotYet = () => {
    const deciding = pod.agents.get(hostId(22));
    const run = deciding?.run;
    if (!deciding || !run) return;
    deciding.run = async (script, ...rest) => {
      const result = await run(script, ...rest);
      return script.includes('collect') ? result : { ...result, stdout: 'verdict nothing not-yet ntp.az-c.pod\n' };
    };
  };

  it('of a wave that a short run leaves to a tick is told by that, once', async () => {
    addManyStale(12);
    sayNotYet();
    await scheduledRun();
    await nextMinute();
    const { zone } = pod.run.ports;
    const records: typeof zone.records = async (...given) => (await zone.records(...given)).slice(1);
    const ports = { ...pod.run.ports, zone: { ...zone, records } };
    const sentences = await shortRun(shortRunOf({ ports }), await due());
    expect(sentences.filter((sentence) => sentence.includes('is over') || sentence.includes('did nothing'))).toEqual(
      [],
    );
    expect((await due()).due).toBe(true);
    const { report } = await pod.tick({ tickId: 'tick-9' });
    expect(report.verdicts).toMatchObject([{ hosts: 1, instanceIds: [hostId(22)], reason: 'not-yet' }]);
  });

  it('of a wave that a short run concluded stands in its answer, and in the next tick’s report', async () => {
    addManyStale(12);
    sayNotYet();
    await scheduledRun();
    const sentence = `${hostId(22)} did nothing when asked to cycle: its resolver does not see ntp.az-c.pod yet.`;
    expect(await minutes(1)).toContain(sentence);
    let sentences: string[] = [];
    for (let minute = 0; minute < 4 && !sentences.includes('tick'); minute += 1) sentences = await minutes(1);
    expect(sentences).toEqual(['tick', sentence]);
    expect(pod.report()?.verdicts).toMatchObject([{ hosts: 1, instanceIds: [hostId(22)], reason: 'not-yet' }]);
    // told once
    await pod.clock.advance(10_000);
    const { report } = await pod.tick({ tickId: 'tick-99' });
    expect(report.verdicts).toEqual([]);
  });
});

describe('a short run', () => {
  it('sends nothing while another run has the turn, and says so', async () => {
    addManyStale(12);
    await scheduledRun();
    await nextMinute();
    const turn = await due();
    const nowMs = pod.clock.nowMs();
    const claim: Claim = { tickId: 'other', startedAtMs: nowMs, untilMs: nowMs + 60_000 };
    const { states } = pod.run.ports;
    const read = await states.read('blue');
    await states.write({ ...read.state, claim }, read.etag);
    pod.events.length = 0;
    expect(await shortRun(shortRunOf(), turn)).toContain(
      'Wave tick-1-client of pod blue is under way; another run (tick other) has the turn.',
    );
    expect(pod.events.filter(({ kind }) => kind === 'object put' || kind === 'command sent')).toEqual([]);
  });

  it('waits while a tick has the turn that began late, and then goes on', async () => {
    addManyStale(12);
    await scheduledRun();
    await nextMinute();
    const { states } = pod.run.ports;
    const read = await states.read('blue');
    const startedAtMs = pod.clock.nowMs();
    const claim: Claim = { tickId: 'tick-late', startedAtMs: startedAtMs - 50_000, untilMs: startedAtMs + 130_000 };
    const etag = await states.write({ ...read.state, claim }, read.etag);
    let isOver = false;
    const pause = async (ms: number) => {
      await pod.clock.advance(ms);
      if (isOver || pod.clock.nowMs() - startedAtMs < 10_000) return;
      isOver = true;
      await states.write(read.state, etag);
    };
    const sentences = await shortRun(shortRunOf({ pause }), await due());
    expect(sentences).toContain('Wave tick-1-client of pod blue is over: 3 of 3 cycled.');
    expect(cycledIds().length).toBeGreaterThan(3);
  });

  it('leaves a run that died with the turn to a tick, which names it', async () => {
    addManyStale(12);
    await scheduledRun();
    await nextMinute();
    const turn = await due();
    const nowMs = pod.clock.nowMs();
    const claim: Claim = { tickId: 'dead', startedAtMs: nowMs - 60_000, untilMs: nowMs - 1 };
    const { states } = pod.run.ports;
    const read = await states.read('blue');
    await states.write({ ...read.state, claim }, read.etag);
    await shortRun(shortRunOf(), turn);
    expect([pod.state()?.claim, pod.cycled.length]).toEqual([claim, 3]);
    const { report } = await pod.tick({ tickId: 'tick-9' });
    expect(report.faults.join(' ')).toContain('Tick dead of pod blue began');
  });

  it('beside another sends no wave twice', async () => {
    addManyStale(12);
    await scheduledRun();
    await nextMinute();
    const turn = await due();
    await Promise.all([shortRun(shortRunOf(), turn), shortRun(shortRunOf(), turn)]);
    await minutes(2);
    expect(cycledIds()).toEqual(staleIds(12));
  });

  it('sends nothing where the mode changes, and leaves the rest to a tick', async () => {
    addManyStale(12);
    await scheduledRun();
    const before = cycledIds().length;
    const off = pod.endpoint.on((event) => {
      if (event.kind === 'object put' && event.key.startsWith('blue/memory/short')) pod.mode('hold');
    });
    const sentences = await minutes(1);
    off();
    expect(sentences).toContain('The mode of pod blue went from act to hold. The next wave is not sent.');
    expect(cycledIds()).toHaveLength(Math.max(before, 3));
    expect((await due()).due).toBe(true);
    expect(Object.values(pod.memory().cycles).flat()).toHaveLength(3);
  });

  it('does not touch who has been held since the tick, and says so', async () => {
    addManyStale(12);
    await scheduledRun();
    const held = hostId(27);
    expect(pod.memory().seen?.waiting.flatMap(({ instanceIds }) => instanceIds)).toContain(held);
    pod.endpoint.instances.tag(held, { 'ntp-hold': 'at work on it' });
    const sentences = await minutes(3);
    expect(sentences).toContain(`${held} is not cycled: its tag ntp-hold says look, never touch.`);
    await until(() => cycledIds().length === 11, 6);
    expect(cycledIds()).toEqual(staleIds(12).filter((id) => id !== held));
  });

  it('sends nothing where EC2 does not say who is held, and leaves the rest to a tick', async () => {
    addManyStale(12);
    await scheduledRun();
    const before = pod.state()?.waves;
    await nextMinute();
    const { instances } = pod.run.ports;
    const heldOf = async () => {
      throw new Error('reading who of pod blue is held from EC2: Unavailable');
    };
    const ports = { ...pod.run.ports, instances: { ...instances, heldOf } };
    expect(await shortRun(shortRunOf({ ports }), await due())).toContain(
      'reading who of pod blue is held from EC2: Unavailable.',
    );
    expect([pod.state()?.claim, pod.state()?.waves, cycledIds().length]).toEqual([null, before, 3]);
    expect((await due()).due).toBe(true);
  });

  it('waits for a tick where DNS has changed since the last, which is due at once', async () => {
    addManyStale(12);
    await scheduledRun();
    const { zone } = pod.run.ports;
    const records = async (...given: Parameters<typeof zone.records>) => (await zone.records(...given)).slice(1);
    await nextMinute();
    const sentences = await shortRun(
      shortRunOf({ ports: { ...pod.run.ports, zone: { ...zone, records } } }),
      await due(),
    );
    expect(sentences).toContain("The next wave waits for a tick: the zone's records have changed since the last one.");
    expect((await due()).due).toBe(true);
    expect(cycledIds()).toHaveLength(3);
  });

  it('keeps news that came while it had the turn: the next tick is due at once', async () => {
    addManyStale(12);
    await scheduledRun();
    const off = pod.endpoint.on((event) => {
      if (event.kind !== 'command sent') return;
      off();
      void pod.tick({ tickId: 'news', bringsNews: true });
    });
    await minutes(1);
    expect((await due()).due).toBe(true);
  });

  it('that cannot remember what it sent takes nothing back: no other wave starts beside it', async () => {
    addManyStale(12);
    await scheduledRun();
    const { memories } = pod.run.ports;
    let writes = 0;
    const write: typeof memories.write = async (hosts) => {
      writes += 1;
      if (writes > 1) throw new Error('writing the memory of pod blue: SlowDown');
      return memories.write(hosts);
    };
    await nextMinute();
    const run = shortRunOf({ ports: { ...pod.run.ports, memories: { ...memories, write } } });
    await expect(shortRun(run, await due())).rejects.toThrow('SlowDown');
    const { claim, waves } = pod.state() as State;
    // SSM's list of answers may be behind its counts: then it is sent at the next look
    expect([claim, waves.client?.waveId]).toEqual([null, expect.stringMatching(/^short-\d+(-\d+)?-client$/)]);
    expect(waves.client?.commands.map(({ commandId }) => commandId)).toEqual(waves.client?.commands.map(() => null));
    expect((await due()).due).toBe(true);
    await minutes(6);
    expect(cycledIds()).toEqual(staleIds(12));
  });
});
