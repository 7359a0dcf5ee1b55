import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { hostId } from '@podtime/aws-endpoint/testing';
import type { Claim, State } from '../../src/state/state.ts';
import type { Due } from '../../src/watchdog/schedule.ts';
import { scheduledTickDue } from '../../src/watchdog/schedule.ts';
import { scheduledRun as deployedRun } from '../../src/watchdog/scheduled-run.ts';
import { type ShortRun, shortRun as wholeShortRun } from '../../src/watchdog/short-run.ts';
import {
  addressOf,
  givenServers,
  type HostMore,
  type Printed,
  row,
  startPod,
  type TestedPod,
} from '../builders/endpoint-pod.ts';

const AZS = ['us-west-2a', 'us-west-2b', 'us-west-2c'];
const SERVERS = [row('*', addressOf(11, 'us-west-2b')), row('+', addressOf(12, 'us-west-2c'))];
const HOUR_MS = 3_600_000;

let pod: TestedPod;
let runs = 0;
beforeEach(async () => {
  pod = await startPod();
  runs = 0;
  // the endpoint stamps commands by the machine's clock, which the pod's is ahead of
  const { findWave } = pod.run.ports.commands;
  pod.run.ports.commands.findWave = (of, waveId, sinceMs) => findWave(of, waveId, sinceMs - HOUR_MS);
  await givenServers(pod);
});
afterEach(() => pod.close());

/** A client that polls an address which DNS has left, until it is cycled. */
function addStale(n: number, more: HostMore = {}): void {
  const printed: Printed = { sources: [row('*', addressOf(11, 'us-west-2b')), row(' ', '10.0.2.99', { reach: '0' })] };
  const agent = pod.addHost(n, 'client', AZS[n % 3] ?? '', printed, more);
  const { run } = agent;
  agent.run = async (...given) => {
    const before = pod.cycled.length;
    const result = await run(...given);
    if (pod.cycled.length > before && more.verdict === undefined) printed.sources = SERVERS;
    return result;
  };
}
const addManyStale = (count: number) => {
  for (let n = 21; n < 21 + count; n += 1) addStale(n);
};

const shortRunOf = (overrides: Partial<ShortRun> = {}): ShortRun => {
  runs += 1;
  return { ...pod.run, tickId: `short-${runs}`, pause: (ms) => pod.clock.advance(ms), ...overrides };
};
const due = () =>
  scheduledTickDue({ states: pod.run.ports.states, pod: pod.pod, nowMs: pod.run.nowMs, pause: async () => {} }, 0);
const shortRun = async (run: ShortRun, turn: Due) => (await wholeShortRun(run, turn)).sentences;
const nextMinute = async () => {
  const leftMs = 60_000 - (pod.clock.nowMs() % 60_000);
  await pod.clock.advance(leftMs);
};

/** As a scheduled run: a tick where one is due, else a short run; what it said. */
async function scheduledRun(overrides: Partial<ShortRun> = {}): Promise<string[]> {
  const turn = await due();
  if (!turn.due) return shortRun(shortRunOf(overrides), turn);
  runs += 1;
  const { report } = await pod.tick({ tickId: `tick-${runs}` });
  return ['tick', ...(report?.verdicts.map(({ sentence }) => sentence) ?? [])];
}

async function minutes(count: number): Promise<string[]> {
  const said: string[] = [];
  for (let minute = 0; minute < count; minute += 1) {
    await nextMinute();
    said.push(...(await scheduledRun()));
  }
  return said;
}
/** Runs until it is so; at most for so many minutes. */
async function until(isThere: () => boolean, most: number): Promise<void> {
  for (let minute = 0; minute < most && !isThere(); minute += 1) await minutes(1);
}
const cycledIds = () => pod.cycled.map(({ instanceId }) => instanceId).sort();
const staleIds = (count: number) => Array.from({ length: count }, (_, index) => hostId(21 + index)).sort();

describe('a roll-out', () => {
  it('goes on between two ticks, each host once, and a tick follows when it is through', async () => {
    addManyStale(16);
    await scheduledRun();
    const { last, dueAtMs } = pod.state() as State;
    const said = await minutes(3);
    expect(cycledIds()).toEqual(staleIds(16));
    expect(said.filter((sentence) => sentence === 'tick')).toEqual([]);
    expect(said).toContain('The last wave is over, and no other host is left for one.');
    expect(said.filter((sentence) => sentence.startsWith('Cycle '))).toHaveLength(13);
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
    const said = await shortRun(shortRunOf({ ports }), await due());
    expect(said).toEqual([
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

describe('SSM’s lists behind its counts', () => {
  const SILENT = hostId(23);
  const BEHIND = "SSM's list of answers to the last wave of pod blue is behind its counts: the next wave waits.";

  /** A first wave of three, one of which says nothing: it is over by silence. */
  async function givenSilent(): Promise<void> {
    addManyStale(12);
    const silent = pod.agents.get(SILENT);
    const run = silent?.run;
    if (silent && run) {
      silent.run = (script, ...rest) => (script.includes('collect') ? run(script, ...rest) : new Promise(() => {}));
    }
    await scheduledRun();
  }
  /** Until it is called SSM's list of what a wave's hosts answered is empty. */
  function givenEmptyList(): () => void {
    const { commands } = pod.run.ports;
    const { progress } = commands;
    commands.progress = (...given) => {
      pod.endpoint.faults.next('ListCommandInvocations', 'InvalidCommandId');
      return progress(...given);
    };
    return () => {
      commands.progress = progress;
    };
  }

  it('make no host of a wave that ends by silence a failed one: it waits, and goes on when they are listed', async () => {
    await givenSilent();
    const list = givenEmptyList();
    const said = await minutes(4);
    expect(said).toContain(BEHIND);
    expect(pod.state()?.waves.client).toMatchObject({ waveId: 'tick-1-client', failed: 0 });
    list();
    await until(() => cycledIds().length === 11, 6);
    expect(pod.memory().rollOuts.client).toMatchObject({ failed: [SILENT], stopped: false });
    expect(cycledIds()).toEqual(staleIds(12).filter((id) => id !== SILENT));
  });

  it('make a tick wait as well', async () => {
    await givenSilent();
    const list = givenEmptyList();
    await minutes(3);
    const { report } = await pod.tick({ tickId: 'tick-9' });
    expect(report.cycles).toEqual([]);
    expect(pod.memory().rollOuts.client).toMatchObject({ waveId: 'tick-1-client', failed: [] });
    list();
    await pod.tick({ tickId: 'tick-10' });
    expect(pod.memory().rollOuts.client).toMatchObject({ waveId: 'tick-10-client', failed: [SILENT] });
  });

  it('and a command that they do not show: its hosts are not said to be silent', async () => {
    // as many as may run at one time: no count shows that SSM has begun with them
    addManyStale(3);
    await scheduledRun();
    const { commands } = pod.run.ports;
    const ports = { ...pod.run.ports, commands: { ...commands, findWave: async () => [] } };
    pod.events.length = 0;
    for (let minute = 0; minute < 3; minute += 1) {
      await nextMinute();
      expect(await scheduledRun({ ports })).toEqual([
        'Wave tick-1-client of pod blue is under way: 0 of 1 through. SSM does not list all of its commands.',
      ]);
    }
    expect(pod.events.filter(({ kind }) => kind === 'object put')).toEqual([]);
  });
});

describe('what hosts said', () => {
  it('of a wave that a short run concluded stands in its answer, and in the next tick’s report', async () => {
    addManyStale(12);
    const deciding = pod.agents.get(hostId(22));
    const run = deciding?.run;
    if (deciding && run) {
      deciding.run = async (script, ...rest) => {
        const result = await run(script, ...rest);
        return script.includes('collect') ? result : { ...result, stdout: 'verdict nothing not-yet ntp.az-c.pod\n' };
      };
    }
    await scheduledRun();
    const sentence = `${hostId(22)} did nothing when asked to cycle: its resolver does not see ntp.az-c.pod yet.`;
    expect(await minutes(1)).toContain(sentence);
    let said: string[] = [];
    for (let minute = 0; minute < 4 && !said.includes('tick'); minute += 1) said = await minutes(1);
    expect(said).toEqual(['tick', sentence]);
    expect(pod.report()?.verdicts).toMatchObject([{ hosts: 1, instanceIds: [hostId(22)], reason: 'not-yet' }]);
    // told once
    await pod.clock.advance(10_000);
    const { report } = await pod.tick({ tickId: 'tick-99' });
    expect(report.verdicts).toEqual([]);
  });
});

describe('a short run', () => {
  it('gives way to a run that has the turn', async () => {
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
      'Another run of podtime (tick other) has the turn of pod blue. This one gives way and changes nothing.',
    );
    expect(pod.events.filter(({ kind }) => kind === 'object put' || kind === 'command sent')).toEqual([]);
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
    const said = await minutes(1);
    off();
    expect(said).toContain('The mode of pod blue went from act to hold. The next wave is not sent.');
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
    const said = await minutes(3);
    expect(said).toContain(`${held} is not cycled: its tag ntp-hold says look, never touch.`);
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
    const said = await shortRun(shortRunOf({ ports: { ...pod.run.ports, zone: { ...zone, records } } }), await due());
    expect(said).toContain("The next wave waits for a tick: the zone's records have changed since the last one.");
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

  const dueIn = async (seconds: number) => {
    const { states } = pod.run.ports;
    const read = await states.read('blue');
    await states.write({ ...read.state, dueAtMs: pod.clock.nowMs() + seconds * 1000 }, read.etag);
  };

  /** A short run while which, at its first command, a tick comes due; and what a scheduled run finds then. */
  const dueWhileSending = () => {
    const { commands } = pod.run.ports;
    let turnedAway: Due | null = null;
    const cycle: typeof commands.cycle = async (...given) => {
      if (turnedAway === null) {
        await dueIn(0);
        turnedAway = await due();
      }
      return commands.cycle(...given);
    };
    const run = shortRunOf({ ports: { ...pod.run.ports, commands: { ...commands, cycle } } });
    return { run, turnedAway: () => turnedAway };
  };

  it('begins no wave where a tick is due', async () => {
    addManyStale(12);
    await scheduledRun();
    await nextMinute();
    const turn = await due();
    await dueIn(0);
    const { sentences, next } = await wholeShortRun(shortRunOf(), turn);
    expect([sentences, next, cycledIds().length]).toEqual([[turn.sentence], null, 3]);
  });

  it('that sends a wave while a tick comes due does that tick, for the run that came for it found the turn taken', async () => {
    addManyStale(12);
    await scheduledRun();
    await nextMinute();
    const { run, turnedAway } = dueWhileSending();
    const { sentences, next } = await wholeShortRun(run, await due());
    expect(turnedAway()).toMatchObject({ due: false, sentence: expect.stringContaining('is under way') });
    expect(sentences.filter((sentence) => sentence.startsWith('Cycle '))).toHaveLength(1);
    expect(next).toMatchObject({ tickId: expect.stringMatching(/^short-2-\d$/), read: { state: { claim: null } } });
    expect((await due()).due).toBe(true);
  });

  it('begins no wave where a tick is due in a moment, and there is no time for both', async () => {
    addManyStale(12);
    await scheduledRun();
    await nextMinute();
    const turn = await due();
    await dueIn(15);
    const said = await shortRun(shortRunOf({ deadline: { leftMs: () => 75_000 } }), turn);
    expect([said, cycledIds().length]).toEqual([[turn.sentence], 3]);
  });

  it('is nothing that a dry run does: it would send', async () => {
    addManyStale(12);
    await scheduledRun();
    await nextMinute();
    const before = pod.state();
    const { report, sentences } = await deployedRun(shortRunOf(), { dryRun: true, waitSeconds: 15 }, 0);
    expect([report, sentences]).toEqual([null, [expect.stringMatching(/^No tick of pod blue is due/)]]);
    expect(pod.state()).toEqual(before);
  });

  it('is followed by that tick in the same scheduled run', async () => {
    addManyStale(12);
    await scheduledRun();
    await nextMinute();
    const { run } = dueWhileSending();
    const { sentences, report } = await deployedRun(run, { dryRun: false, waitSeconds: 15 }, 0);
    expect(report?.tickId).toMatch(/^short-2-\d$/);
    expect(sentences).toContain('Wave tick-1-client of pod blue is over: 3 of 3 cycled.');
    expect(pod.state()).toMatchObject({ claim: null, last: { tickId: report?.tickId } });
    expect(report?.cycles).toEqual([]);
    await minutes(6);
    expect(cycledIds()).toEqual(staleIds(12));
  });
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
