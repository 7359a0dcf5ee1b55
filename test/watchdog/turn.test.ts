import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { BUCKET, hostId } from '@podtime/aws-endpoint/testing';
import type { Memory } from '../../src/plan/plan.ts';
import type { Claim, State, Waves } from '../../src/state/state.ts';
import { StateConflict } from '../../src/watchdog/ports.ts';
import { scheduledTickDue } from '../../src/watchdog/schedule.ts';
import { cycleOnDemand, tick } from '../../src/watchdog/tick.ts';
import { addressOf, gaugeOf, givenServers, row, startPod, type TestedPod } from '../builders/endpoint-pod.ts';

let pod: TestedPod;
beforeEach(async () => {
  pod = await startPod();
  await givenServers(pod);
});
afterEach(() => pod.close());

const store = (state: object) =>
  pod.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'blue/state.json', Body: JSON.stringify(state) }));
const taken = async (claim: Partial<Claim> = {}) => {
  const nowMs = pod.clock.nowMs();
  const holder = { tickId: 'tick-0', startedAtMs: nowMs - 20_000, untilMs: nowMs + 60_000, ...claim };
  await store({ ...(pod.state() as State), claim: holder });
};
const putsOf = () => pod.events.flatMap((event) => (event.kind === 'object put' ? [event.key] : []));
const collects = () => pod.endpoint.commands().filter(({ comment }) => comment.includes(' collect '));
const isDue = async () => {
  const { states } = pod.run.ports;
  return scheduledTickDue({ states, pod: pod.pod, nowMs: pod.run.nowMs, pause: async () => {} }, 0);
};
const WAITING = { dryRun: false, waitSeconds: 20 };
/** What is wrong with the zone as the endpoint makes it is not of the turn. */
const turnFaults = ({ faults }: { faults: string[] }) => faults.filter((fault) => !fault.startsWith('Zone pod '));
const REQUEST = { tier: 'client' as const, az: null, instanceIds: null, force: false };

/** The first command that a run sends, after which something happens. */
const onceAsked = (happen: () => void) => {
  const off = pod.endpoint.on((event) => {
    if (event.kind !== 'command sent') return;
    off();
    happen();
  });
};

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

  it('writes claim, memory, state and report, and nothing more', async () => {
    await pod.tick();
    expect(putsOf()).toEqual([
      'blue/state.json',
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
    expect(putsOf().map((key) => key.replace(/tick-1-.*/, 'tick-1'))).toEqual([
      'blue/state.json',
      'blue/memory/tick-1',
      'blue/state.json',
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
    expect((await pod.tick({ read })).gaveWay).toContain('(tick tick-0) has the turn of pod blue.');
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

describe('a run that finds the turn taken', () => {
  it('ends after that read, writes nothing and asks nobody', async () => {
    await taken();
    pod.events.length = 0;
    const before = collects().length;
    const { gaveWay } = await pod.tick();
    expect(gaveWay).toBe(
      'Another run of podtime (tick tick-0) has the turn of pod blue. This one gives way and changes nothing.',
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
    expect([report, gaveWay]).toEqual([null, expect.stringContaining('(tick tick-0) has the turn of pod blue.')]);
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
    void tick({ ...pod.run, tickId: 'tick-dead', ports: { ...pod.run.ports, commands: dying } }, WAITING);
    await sending;
    expect(pod.state()?.claim?.tickId).toBe('tick-dead');
    await pod.clock.advance(700_000);
    expect((await pod.tick()).report.verdicts).toMatchObject([verdict]);
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

describe('the first tick after an older podtime', () => {
  const older = (more: object = {}) => {
    const memory = {
      ...pod.memory(),
      withdrawn: { [hostId(11)]: { sinceMs: 1, sentence: 'It is adrift.', addresses: [] } },
      cycles: { [hostId(22)]: [pod.clock.nowMs() - 60_000] },
    };
    return { ...pod.report(), version: 3, unfinished: false, untilMs: pod.clock.nowMs() - 1, memory, ...more };
  };
  const deployedOver = async (report: object) => {
    pod.addHost(22, 'client', 'us-west-2a');
    const Body = JSON.stringify(report);
    await pod.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'blue/report.json', Body }));
    const { states } = pod.run.ports;
    // the endpoint has no deletion of objects: the state is hidden until it is written
    const stored = pod.state();
    const { etag: hiddenEtag } = await states.read('blue');
    pod.run.ports.states = {
      ...states,
      read: async (name) => {
        const { stateOfReport } = await import('../../src/state/of-report.ts');
        const read = await states.read(name);
        return JSON.stringify(read.state) === JSON.stringify(stored)
          ? { ...stateOfReport(Body, name), etag: null }
          : read;
      },
      write: (state, etag) => states.write(state, etag ?? hiddenEtag),
    };
  };

  it('remembers all that its report does, also when it dies after its claim', async () => {
    const report = older();
    await deployedOver(report);
    onceAsked(() => expect(pod.memory()).toEqual(report.memory));
    await pod.tick();
    expect(pod.memory().cycles).toEqual(report.memory.cycles);
    expect(pod.report()?.version).toBe(5);
    expect.assertions(3);
  });

  it.each([false, true])(
    'waits for a tick of the older one that may still run, and stores no state beside it: news or not (%s)',
    async (bringsNews) => {
      const running = older({ endedAtMs: null, tickId: 'tick-0', untilMs: pod.clock.nowMs() + 60_000 });
      await deployedOver(running);
      pod.events.length = 0;
      expect((await pod.tick({ bringsNews })).gaveWay).toContain('(tick tick-0) has the turn');
      expect(putsOf()).toEqual([]);
      expect(await isDue()).toMatchObject({ due: false });
    },
  );

  it('is due as soon as the older one’s has ended: it may have been told of news', async () => {
    const nowMs = pod.clock.nowMs();
    await deployedOver(older({ tickId: 'tick-0', startedAtMs: nowMs - 20_000, endedAtMs: nowMs - 1 }));
    expect(await isDue()).toMatchObject({ due: true });
  });
});
