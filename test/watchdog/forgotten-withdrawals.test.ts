import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { BUCKET, hostId } from '@podtime/aws-endpoint/testing';
import { registerServers } from '../../src/watchdog/membership.ts';
import { scheduledTickDue } from '../../src/watchdog/schedule.ts';
import { cycleOnDemand } from '../../src/watchdog/tick.ts';
import { givenServers, row, startPod, type TestedPod } from '../builders/endpoint-pod.ts';

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

  it('lets a tick change nothing, and the next register whoever is well: who is not stays out until it is', async () => {
    const well = pod.addHost(14, 'boundary', 'us-west-2a');
    const { report } = await pod.tick();
    expect([report.mode, report.changes, owners()]).toEqual(['observe', [], [ELEVEN, TWELVE]]);
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

  it('lets `register` change nothing, before the tick, while it has the turn, and after it died', async () => {
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
    const { instances } = pod.run.ports;
    pod.run.ports.instances = {
      ...instances,
      async ofPod(ofPod, known) {
        const { hosts } = await instances.ofPod(ofPod, known);
        const faults = ['EC2 does not list pod blue by tag.'];
        return { hosts: hosts.filter(({ instanceId }) => instanceId !== BAD), refused: [], faults, unread: [] };
      },
    };
    const { report } = await pod.tick();
    expect(report.refusals.map(({ sentence }) => sentence)).toEqual([
      'Nothing is registered, withdrawn or cycled in pod blue: who is withdrawn could not be read.',
    ]);
    pod.run.ports.instances = instances;
    expect((await register()).changes).toEqual([]);
    await pod.tick({ tickId: 'tick-2' });
    await pod.tick({ tickId: 'tick-3' });
    expect(owners()).toEqual([ELEVEN, TWELVE]);
  });
});

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
  it('is said, and why the pod is only observed', async () => {
    pod.addHost(14, 'boundary', 'us-west-2a');
    await put(damaged({ ...pod.state()?.servers, withdrawn: 5 }));
    const { report } = await pod.tick();
    expect(report.faults[0]).toBe(
      'The state of pod blue has lost withdrawn: it is damaged. Who is withdrawn for its health is forgotten: nothing is changed until ' +
        'a tick has seen the whole pod; then a server without a record stays out of DNS until it is confident.',
    );
    expect(report.refusals.map(({ sentence }) => sentence)).toContain(
      `In mode observe (because who is withdrawn is forgotten) podtime does not register ntp.az-a.pod A 10.0.1.14, ` +
        `as it would in mode act: ${WELL} runs at 10.0.1.14.`,
    );
  });
});
