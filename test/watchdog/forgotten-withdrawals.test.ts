import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { BUCKET, hostId } from '@podtime/aws-endpoint/testing';
import type { Report } from '../../src/report/report.ts';
import { followInstances } from '../../src/watchdog/follow-instances.ts';
import { registerServers } from '../../src/watchdog/membership.ts';
import { scheduledTickDue } from '../../src/watchdog/schedule.ts';
import { cycleOnDemand } from '../../src/watchdog/tick.ts';
import { gaugeOf, givenServers, row, startPod, type TestedPod } from '../builders/endpoint-pod.ts';

// Who is withdrawn for its health stands in the state alone. Where that part of it is lost a bad clock must not come back into DNS.

const [ELEVEN, TWELVE, BAD, WELL] = [11, 12, 13, 14].map(hostId) as [string, string, string, string];
const UNSYNCHRONISED = { sources: [row(' ', '192.0.2.1', { stratum: 2, reach: '0' })] };
const MINUTE_MS = 60_000;

let pod: TestedPod;
beforeEach(async () => {
  pod = await startPod();
  await givenServers(pod);
  // as it is after its withdrawal: it runs, is no clock to follow, and has no record
  pod.addHost(13, 'boundary', 'us-west-2a', UNSYNCHRONISED);
});
afterEach(() => pod.close());

const put = (Body: string) => pod.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'blue/state.json', Body }));
const damaged = (servers: unknown) => JSON.stringify({ ...pod.state(), servers });
const owners = () =>
  pod.endpoint
    .records()
    .filter(({ name }) => name.startsWith('ntp.'))
    .map(({ setIdentifier }) => setIdentifier)
    .toSorted();
const register = async () => (await registerServers({ ports: pod.run.ports, tickId: 'register' }, pod.pod)).answer;

/** Every way in which a state forgets who is withdrawn. */
const FORGOTTEN: [string, () => string][] = [
  ['whose withdrawals cannot be read', () => damaged({ ...pod.state()?.servers, withdrawn: 5 })],
  ['that lacks them', () => damaged({ ...pod.state()?.servers, withdrawn: undefined })],
  ['whose servers cannot be read', () => damaged(5)],
  ['that lacks its servers', () => damaged(undefined)],
  ['that is none', () => 'rubbish'],
];

describe.each(FORGOTTEN)('a state %s', (_, text) => {
  beforeEach(() => put(text()));

  it('lets a tick register nobody, and the next register whoever is well: who is not stays out until it is', async () => {
    const well = pod.addHost(14, 'boundary', 'us-west-2a');
    const { report } = await pod.tick();
    expect([report.mode, report.changes, owners()]).toEqual(['hold', [], [ELEVEN, TWELVE]]);
    const next = await pod.tick({ tickId: 'tick-2' });
    expect([next.report.mode, owners()]).toEqual(['act', [ELEVEN, TWELVE, WELL]]);
    expect(next.report.refusals.map(({ sentence }) => sentence)).toContain(
      `${BAD} is not registered until it is confident again: who was withdrawn is forgotten, and it had no record then.`,
    );
    await pod.clock.advance(20 * MINUTE_MS);
    await pod.tick({ tickId: 'tick-3' });
    expect(owners()).toEqual([ELEVEN, TWELVE, WELL]);
    pod.agents.set(BAD, { ...well, instanceId: BAD });
    await pod.clock.advance(5 * MINUTE_MS);
    await pod.tick({ tickId: 'tick-4' });
    expect(owners()).toEqual([ELEVEN, TWELVE, BAD, WELL]);
  });

  it('lets `register` publish nobody, before the tick, while it has the turn, and after it died', async () => {
    const answers = [await register()];
    let during: Promise<unknown> = Promise.resolve();
    const collect = pod.run.ports.commands.collect;
    pod.run.ports.commands.collect = (...asked) => {
      during = register().then((answer) => answers.push(answer));
      return collect(...asked);
    };
    pod.run.ports.states = { ...pod.run.ports.states, write: dyingWrites() };
    await pod.tick().catch(() => {});
    await during;
    answers.push(await register());
    for (const { sentences, changes } of answers) {
      expect([sentences[0], changes]).toEqual([expect.stringMatching(/withdrawn/), []]);
    }
    expect([answers.length, owners()]).toEqual([3, [ELEVEN, TWELVE]]);
  });

  it('is due for a tick in the next minute after the one that wrote it anew', async () => {
    await pod.tick();
    const { states } = pod.run.ports;
    const turn = { states, pod: pod.pod, nowMs: pod.run.nowMs, pause: async () => {} };
    expect((await scheduledTickDue(turn, 0)).due).toBe(true);
  });

  it('keeps a bad clock out though a cycle by hand was the first to write it anew', async () => {
    const request = { tier: 'client' as const, az: null, instanceIds: null, force: false };
    await cycleOnDemand({ ...pod.run, tickId: 'by-hand' }, { dryRun: false, waitSeconds: 15 }, request);
    await register();
    await pod.tick({ tickId: 'tick-2' });
    expect(owners()).toEqual([ELEVEN, TWELVE]);
  });

  it('tells nothing of who is withdrawn while EC2 does not describe the whole pod', async () => {
    const instances = hideFromEc2(BAD);
    const well = pod.addHost(14, 'boundary', 'us-west-2a');
    const { report } = await pod.tick();
    expect([report.mode, report.faults]).toEqual(['hold', expect.arrayContaining([NOT_LISTED])]);
    expect(sentencesIn(report)).toContain(
      'In mode hold (because who is withdrawn is forgotten, and EC2 was not read whole) podtime does not register ' +
        `ntp.az-a.pod A 10.0.1.14, as it would in mode act: ${WELL} runs at 10.0.1.14.`,
    );
    expect(report.changes).toEqual([]);
    expect([pod.state()?.servers.withdrawn, await gaugeOf(pod, 'Blind')]).toEqual([null, 1]);
    pod.endpoint.instances.terminate(well.instanceId);
    pod.run.ports.instances = instances;
    expect((await register()).changes).toEqual([]);
    await pod.tick({ tickId: 'tick-2' });
    await pod.tick({ tickId: 'tick-3' });
    expect(owners()).toEqual([ELEVEN, TWELVE]);
  });
});

const NOT_LISTED = 'EC2 does not list pod blue by tag.';
const sentencesIn = ({ refusals }: Report) => refusals.map(({ sentence }) => sentence);

/** EC2 does not list the pod by its tag, and of its known hosts not this one either. Answers the reads as they were. */
function hideFromEc2(...ids: string[]): TestedPod['run']['ports']['instances'] {
  const { instances } = pod.run.ports;
  pod.run.ports.instances = {
    ...instances,
    async ofPod(ofPod, known) {
      const { hosts } = await instances.ofPod(ofPod, known);
      return {
        hosts: hosts.filter(({ instanceId }) => !ids.includes(instanceId)),
        refused: [],
        faults: [NOT_LISTED],
        unread: [],
      };
    },
  };
  return instances;
}

/** The claim is written; then the run dies. */
function dyingWrites(): TestedPod['run']['ports']['states']['write'] {
  const { write } = pod.run.ports.states;
  let writes = 0;
  return (state, etag) => {
    writes += 1;
    return writes === 1 ? write(state, etag) : Promise.reject(new Error('the function was ended'));
  };
}

describe('what the loss of who is withdrawn costs', () => {
  it('is said, and why the pod is only held', async () => {
    pod.addHost(14, 'boundary', 'us-west-2a');
    await put(damaged({ ...pod.state()?.servers, withdrawn: 5 }));
    const { report } = await pod.tick();
    expect(report.faults[0]).toBe(
      'The state of pod blue has lost withdrawn: it is damaged. Who is withdrawn for its health is forgotten: until a tick has seen the whole pod ' +
        'podtime does no more than in mode hold; then a server without a record stays out of DNS until it is confident.',
    );
    expect(report.refusals.map(({ sentence }) => sentence)).toContain(
      `In mode hold (because who is withdrawn is forgotten) podtime does not register ntp.az-a.pod A 10.0.1.14, ` +
        `as it would in mode act: ${WELL} runs at 10.0.1.14.`,
    );
  });

  it('is no tick each minute while EC2 does not list the pod: the next comes in its time', async () => {
    await put(damaged({ ...pod.state()?.servers, withdrawn: 5 }));
    hideFromEc2(BAD);
    await pod.tick();
    const isDue = async () => {
      const { states } = pod.run.ports;
      return (await scheduledTickDue({ states, pod: pod.pod, nowMs: pod.run.nowMs, pause: async () => {} }, 0)).due;
    };
    await pod.clock.advance(MINUTE_MS);
    expect(await isDue()).toBe(false);
    await pod.clock.advance(4 * MINUTE_MS);
    expect(await isDue()).toBe(true);
  });

  it('is no reason of its own where the operator lets podtime do less', async () => {
    pod.addHost(14, 'boundary', 'us-west-2a');
    pod.mode('observe');
    await put('rubbish');
    const { report } = await pod.tick();
    expect(report.mode).toBe('observe');
    expect(sentencesIn(report)).toContainEqual(expect.stringMatching(/^In mode observe podtime does not register /));
  });
});

describe('a server that EC2 says is gone, while who is withdrawn is forgotten', () => {
  beforeEach(async () => {
    await put(damaged({ ...pod.state()?.servers, withdrawn: 5 }));
    hideFromEc2(BAD);
    pod.endpoint.instances.terminate(TWELVE);
  });

  it('is withdrawn by the tick, though EC2 does not list the pod', async () => {
    const { report } = await pod.tick({ tickId: 'tick-2' });
    expect(report.changes).toMatchObject([{ action: 'DELETE', setIdentifier: TWELVE, outcome: 'done' }]);
    expect([owners(), pod.state()?.servers.withdrawn]).toEqual([[ELEVEN], null]);
  });

  it('is withdrawn when its event comes', async () => {
    const event = { eventId: 'event-1', instanceId: TWELVE, state: 'terminated', atMs: pod.clock.nowMs() };
    const { failed, sentences } = await followInstances({ ...pod.run, tickId: 'event' }, [event]);
    expect(sentences).toContainEqual(expect.stringMatching(/^Withdraw ntp.az-c.pod A 10.0.3.12 .*: done.$/));
    expect([failed, owners()]).toEqual([[], [ELEVEN]]);
  });

  it('stays where the operator says observe', async () => {
    pod.mode('observe');
    await pod.tick({ tickId: 'tick-2' });
    expect(owners()).toEqual([ELEVEN, TWELVE]);
  });
});
