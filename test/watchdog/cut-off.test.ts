import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { BUCKET, hostId } from '@podtime/aws-endpoint/testing';
import { caller, keepingBack } from '../../src/aws/call.ts';
import { ssmCommands } from '../../src/aws/commands.ts';
import { evenPace } from '../../src/aws/pace.ts';
import type { CycleRequest } from '../../src/plan/plan.ts';
import type { Report } from '../../src/report/report.ts';
import { sentencesOf } from '../../src/report/sentences.ts';
import { BY_HAND_TIMEOUT_SECONDS, byHandWaitSeconds, KEPT_BACK_MS } from '../../src/watchdog/budget.ts';
import { collectCutOffSentence } from '../../src/watchdog/cut-off.ts';
import { ANSWER_RESERVE_MS, type Deadline } from '../../src/watchdog/deadline.ts';
import { look } from '../../src/watchdog/look.ts';
import { observe } from '../../src/watchdog/observe.ts';
import { cycleOnDemand, type Ticked, type TickOptions, type TickRun, tick } from '../../src/watchdog/tick.ts';
import { standingOf } from '../../src/watchdog/turn.ts';
import { leaving } from '../builders/aws-call.ts';
import { addressOf, gaugeOf, givenServers, row, startPod, type TestedPod } from '../builders/endpoint-pod.ts';
import { ssmClients } from '../builders/ssm-clients.ts';

// 200 hosts are four reads of SSM's list, and as many reads a second as are given: of a function's time, in the endpoint's clock.

let pod: TestedPod;
beforeEach(async () => {
  pod = await startPod();
  await givenServers(pod);
  const left = { sources: [row('*', addressOf(11, B)), row(' ', '10.0.2.99', { reach: '0' })] };
  const servers = { sources: [row('*', addressOf(11, B)), row('+', addressOf(12, 'us-west-2c'))] };
  for (let n = 21; n <= 218; n += 1) pod.addHost(n, 'client', 'us-west-2a', n < 100 ? left : servers);
  for (const agent of pod.agents.values()) {
    const { run } = agent;
    agent.run = async (...given) => {
      const result = await run(...given);
      ran += 1;
      return result;
    };
  }
});
afterEach(() => pod.close());

/** How many times hosts have run a document since the run began. */
let ran = 0;

const B = 'us-west-2b';
const ANY: CycleRequest = { tier: null, az: null, instanceIds: null, force: false };
/** Two looks at the command and three pages come in the 70 s of a look by hand. */
const SLOW = 1 / 16;
const FAST = 2;

const realPause = () => new Promise((resolve) => setTimeout(resolve, 30));

/** The run as a function by hand has it, over SSM that gives so many reads a second; so many hosts answer. */
function runOf(perSecond: number, answering = 200): TickRun {
  ran = 0;
  const reachedAtMs = pod.clock.nowMs() + 10_000;
  const endsAtMs = pod.clock.nowMs() + BY_HAND_TIMEOUT_SECONDS * 1000 - ANSWER_RESERVE_MS;
  const deadline: Deadline = { leftMs: () => Math.max(0, endsAtMs - pod.clock.nowMs()) };
  const call = caller({ deadline, tickId: 'hand-1', log: () => {} });
  const time = {
    nowMs: () => pod.clock.nowMs(),
    pause: async (ms: number) => {
      await pod.clock.advance(ms);
      // SSM reaches hosts within ten seconds of the endpoint's clock, and they answer in real time
      for (let waits = 0; waits < 100 && pod.clock.nowMs() > reachedAtMs && ran < answering; waits += 1)
        await realPause();
      await realPause();
    },
  };
  const names = { collect: 'podtime-test-collect', cycle: 'podtime-test-cycle' };
  const commandsOf = (keptBackMs: number) =>
    ssmCommands(ssmClients(pod), names, keepingBack(call, deadline, keptBackMs), time, () => evenPace(perSecond, time));
  const commands = { ...commandsOf(KEPT_BACK_MS.afterLook), cycle: commandsOf(KEPT_BACK_MS.afterRepair).cycle };
  return { ...pod.run, tickId: 'hand-1', deadline, ports: { ...pod.run.ports, commands } };
}

async function cycle(perSecond: number, options: Partial<TickOptions> = {}): Promise<Ticked> {
  const waitSeconds = byHandWaitSeconds(pod.pod);
  return cycleOnDemand(runOf(perSecond), { dryRun: false, waitSeconds, ...options }, ANY);
}
/** Without that of the zone's SOA record. */
const faultsOf = (report: Report | null) => report?.faults.filter((fault) => !fault.startsWith('Zone pod '));
const kinds = () => pod.events.map(({ kind }) => kind);

const CUT_OFF =
  'The time of this run was up before its look was: the answers of 150 of 200 hosts were read in 81 s, 50 a read, and it came to 0.037 ' +
  'reads a second.';
const NOTHING = `${CUT_OFF} So nothing is cycled, published or reported. Function watchdog has more time for it.`;

describe('a cycle by hand that has no time to look at the whole pod', () => {
  it('cycles, publishes and reports nothing, and says so in one sentence; what it read is in its answer', async () => {
    const before = { report: pod.report(), state: pod.state(), memory: pod.memory() };
    pod.events.length = 0;
    const { report, gaveWay } = await cycle(SLOW);
    expect([gaveWay, report?.cycles, faultsOf(report)]).toEqual([null, [], [NOTHING]]);
    expect(report?.summary).toMatchObject({ expected: 200, sampled: 150, unknown: 50 });
    const sentences = report ? sentencesOf(report) : [];
    expect(sentences.slice(0, 2)).toEqual([expect.stringContaining('150 hosts of 200 answered'), NOTHING]);
    expect(sentences).toContainEqual(
      expect.stringMatching(/^50 clients are unknown: their answers were not read: the time of the look was up \(/),
    );
    expect([pod.cycled, kinds().includes('metrics put')]).toEqual([[], false]);
    expect([pod.report(), pod.memory()]).toEqual([before.report, before.memory]);
  });

  it('gives its turn back: the last tick stays the last, and the next is due at once', async () => {
    const before = pod.state();
    await cycle(SLOW);
    const { claim, last, waves, memory, dueAtMs } = pod.state() ?? {};
    expect({ claim, last, waves, memory }).toEqual({
      claim: null,
      last: before?.last,
      waves: before?.waves,
      memory: before?.memory,
    });
    expect(dueAtMs).toBeLessThanOrEqual(pod.clock.nowMs());
  });

  it('does the same where it had no time to ask anybody', async () => {
    pod.events.length = 0;
    const run = { ...pod.run, deadline: leaving(KEPT_BACK_MS.afterLook) };
    const { report } = await cycleOnDemand(run, { dryRun: false, waitSeconds: 15 }, ANY);
    expect(faultsOf(report)).toEqual([expect.stringContaining('the answers of 0 of 200 hosts were read in 0 s')]);
    expect([pod.report()?.tickId, pod.state()?.claim, kinds().includes('metrics put')]).toEqual([
      'tick-1',
      null,
      false,
    ]);
  });

  it('counts the tick that died before it, whose claim no other run sees any more, and nothing of the hosts', async () => {
    const state = pod.state();
    const claim = { tickId: 'tick-dead', startedAtMs: pod.clock.nowMs() - 200_000, untilMs: pod.clock.nowMs() - 1 };
    const Body = JSON.stringify({ ...state, claim });
    await pod.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'blue/state.json', Body }));
    const samplesOfHosts = () =>
      pod.endpoint.metrics().reduce((sum, { dimensions, sampleCount }) => sum + (dimensions.Tier ? sampleCount : 0), 0);
    await pod.clock.advance(10_000);
    const samples = samplesOfHosts();
    const run = { ...pod.run, deadline: leaving(KEPT_BACK_MS.afterLook) };
    const { report } = await cycleOnDemand(run, { dryRun: false, waitSeconds: 15 }, ANY);
    expect(faultsOf(report)).toContainEqual(expect.stringContaining('Tick tick-dead of pod blue began'));
    expect(await gaugeOf(pod, 'TicksTakenOver')).toBe(1);
    expect(samplesOfHosts()).toBe(samples);
  });

  it('plans nothing in a dry run either, and takes no turn', async () => {
    const before = pod.state();
    const { report } = await cycle(SLOW, { dryRun: true });
    expect([report?.cycles, faultsOf(report)]).toEqual([[], [NOTHING]]);
    expect(pod.state()).toEqual(before);
  });

  it('leaves the news to the next tick where the state could not be read', async () => {
    const { states } = pod.run.ports;
    let reads = 0;
    pod.run.ports.states = {
      ...states,
      read: async (name) => {
        reads += 1;
        if (reads === 1) throw new Error('reading the state of pod blue: TimeoutError');
        return states.read(name);
      },
    };
    const { report } = await cycle(SLOW);
    expect(faultsOf(report)).toEqual([NOTHING, 'reading the state of pod blue: TimeoutError.']);
    expect(pod.state()?.again).toBe(true);
  });

  it('fails where nobody knows whether it has the turn', async () => {
    pod.endpoint.faults.next('PutObject', 'InternalError', { times: 3 });
    await expect(cycle(SLOW)).rejects.toThrow(/^writing the state of pod blue: /);
    expect([pod.cycled, pod.state()?.claim]).toEqual([[], null]);
  });
});

describe('the same look, where there is time for it', () => {
  it('cycles, publishes and reports', async () => {
    pod.events.length = 0;
    const { report } = await cycle(FAST);
    expect(report?.summary).toMatchObject({ expected: 200, sampled: 200 });
    expect(report?.cycles).toMatchObject([{ tier: 'client', outcome: 'sent' }]);
    expect([pod.report()?.tickId, kinds().includes('metrics put')]).toEqual(['hand-1', true]);
  });

  it('is not cut off by an answer that SSM refuses', async () => {
    pod.events.length = 0;
    pod.endpoint.faults.next('ListCommandInvocations', 'AccessDeniedException', { times: 99 });
    const { report } = await cycle(FAST);
    expect(faultsOf(report)).toEqual([expect.stringMatching(/could not be read: AccessDeniedException/)]);
    expect([pod.report()?.tickId, kinds().includes('metrics put')]).toEqual(['hand-1', true]);
  });

  it('is a tick that goes on with what it saw, as it always did', async () => {
    pod.events.length = 0;
    const { report } = await tick(runOf(SLOW), { dryRun: false, waitSeconds: 15 });
    expect(faultsOf(report)).toEqual([expect.stringMatching(/could not be read: NoTimeLeft/)]);
    expect(report?.hosts.filter(({ sentence }) => sentence === 'SSM has no answer from it (NoAnswer).')).toHaveLength(
      50,
    );
    expect([pod.report()?.tickId, kinds().includes('metrics put')]).toEqual(['hand-1', true]);
  });
});

describe('a collect by hand', () => {
  const collect = async (perSecond: number, ids: string[] | null = null, answering = 200) => {
    const run = runOf(perSecond, answering);
    const observed = await observe(run, await standingOf(run));
    return { run, seen: await look(run, observed, ids, byHandWaitSeconds(pod.pod)) };
  };

  it('that has no time for the whole pod says how much it read, and tells hosts it did not read from silent ones', async () => {
    const { run, seen } = await collect(SLOW);
    expect(seen.cutOff && collectCutOffSentence(run, seen.cutOff)).toBe(`${CUT_OFF} Name fewer hosts by instanceIds.`);
    const unread = seen.judgements.filter(({ state }) => state === 'unknown');
    expect([unread.length, seen.outputs.size]).toEqual([50, 150]);
    expect(new Set(unread.map(({ sentence }) => sentence))).toEqual(
      new Set(['its answer was not read: the time of the look was up.']),
    );
  });

  it('has time for some hosts by their ids, in a pod of any size', async () => {
    const { seen } = await collect(SLOW, [hostId(21), hostId(218)], 2);
    expect([seen.cutOff, seen.judgements.length, seen.outputs.size]).toEqual([null, 2, 2]);
  });

  it('is not cut off where hosts are silent', async () => {
    const agent = pod.agents.get(hostId(218));
    if (agent) agent.online = false;
    const { seen } = await collect(FAST, null, 199);
    expect([seen.cutOff, seen.outputs.size]).toEqual([null, 199]);
  });
});

describe('what is said of a look that was cut off', () => {
  it('names the share of ssm.readsPerSecond where one is set', () => {
    const { run, pod: blue } = pod;
    const fleet = { ...run.fleet, ssm: { readsPerSecond: 2.2 } };
    const sentence = collectCutOffSentence({ fleet, pod: blue }, { read: 7000, asked: 10_000, seconds: 70.4 });
    expect(sentence).toContain(
      '7000 of 10000 hosts were read in 70 s, 50 a read, and ssm.readsPerSecond leaves the pod 2.2 reads a second.',
    );
  });

  it('divides by no time that there was not', () => {
    expect(collectCutOffSentence(pod.run, { read: 0, asked: 3, seconds: 0 })).toContain(
      '0 of 3 hosts were read in 0 s, 50 a read, and it came to 0 reads a second.',
    );
  });
});
