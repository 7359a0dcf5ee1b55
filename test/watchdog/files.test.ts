import { DeleteObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { BUCKET, hostId } from '@podtime/aws-endpoint/testing';
import { s3ServedFiles } from '../../src/aws/served-files.ts';
import { render } from '../../src/config/files.ts';
import type { FileStates } from '../../src/config/trials/file-states.ts';
import { MOST_PERMITS } from '../../src/config/trials/permits.ts';
import type { Fleet } from '../../src/fleet/fleet.ts';
import { loggedCalls } from '../builders/aws-call.ts';
import { BLUE, FLEET } from '../builders/endpoint-fleet.ts';
import { givenServers, type Printed, row, startPod, type TestedPod } from '../builders/endpoint-pod.ts';

const AZ = 'us-west-2b';
const NAME = `client ${AZ} ntp.conf`;
/** The next deployment: a line more of the operator's own. */
const CHANGED = { ...BLUE, extra: { ...BLUE.extra, ntpd: ['tinker stepback 0'] } };
const CHANGED_FLEET: Fleet = { ...FLEET, pods: FLEET.pods.map((pod) => (pod.name === 'blue' ? CHANGED : pod)) };
const fileOf = (fleet: Fleet, pod: typeof BLUE) => render('ntp.conf', { fleet, pod, tier: 'client', az: AZ });
const OLD = fileOf(FLEET, BLUE).revision;
const NEW = fileOf(CHANGED_FLEET, CHANGED).revision;

let pod: TestedPod;
/** What the hosts 21 and 22 print, as it changes. */
let printed: Record<number, Printed>;
const sources = ['*10.0.2.11', '+10.0.3.12'].map((text) => row(text.charAt(0), text.slice(1), { stratum: 3 }));

beforeEach(async () => {
  pod = await startPod();
  await givenServers(pod);
  printed = { 21: { sources }, 22: { sources } };
  for (const n of [21, 22]) pod.addHost(n, 'client', AZ, printed[n]);
  await ticked(BLUE);
});
afterEach(() => pod.close());

/** A tick of this fleet, five minutes after the one before. */
async function ticked(deployed: typeof BLUE, settle: string | null = null) {
  const fleet = deployed === CHANGED ? CHANGED_FLEET : FLEET;
  await pod.clock.advance(300_000);
  pod.run.pod = deployed;
  return (await pod.tick({ fleet, settle })).report;
}

const file = () => filesOf(pod)?.[NAME];
/** As the function that serves files is told. */
function filesOf({ endpoint }: TestedPod): FileStates | null {
  const stored = endpoint.object(BUCKET, 'blue/files.json');
  return stored && JSON.parse(Buffer.from(stored.body).toString());
}
const told = (rule: string) => pod.report()?.refusals.filter((refusal) => refusal.rule === rule) ?? [];
const stopped = () =>
  pod.endpoint.metrics().find(({ name, dimensions }) => name === 'RollOutsStopped' && dimensions.Tier === 'client');

describe('a changed file', () => {
  it('is the settled one once a first host was confident on it, with its text', () => {
    expect(file()).toEqual({ settled: OLD });
    expect(pod.endpoint.object(BUCKET, `blue/files/${OLD}`)?.body.toString()).toBe(fileOf(FLEET, BLUE).text);
  });

  it('settles when the host that tries it is confident for two intervals, and no tick calls its hosts old', async () => {
    Object.assign(printed[21] as Printed, { revision: NEW, ageSeconds: 60, leap: '11' });
    printed[22] = Object.assign(printed[22] as Printed, { revision: OLD });
    const begun = await ticked(CHANGED);
    expect(file()).toMatchObject({ settled: OLD, trial: { revision: NEW, instanceId: hostId(21) } });
    expect(told('file-on-trial').map(({ sentence }) => sentence)).toEqual([
      expect.stringContaining(
        `ntp.conf of clients in ${AZ}: revision ${NEW} is on trial on ${hostId(21)}, which is not confident yet`,
      ),
    ]);
    Object.assign(printed[21] as Printed, { ageSeconds: 7200, leap: '00' });
    await ticked(CHANGED);
    await ticked(CHANGED);
    expect(file()?.settled).toBe(OLD);
    const ended = await ticked(CHANGED);
    expect(file()).toEqual({ settled: NEW });
    expect(pod.endpoint.object(BUCKET, `blue/files/${NEW}`)?.body.toString()).toBe(fileOf(CHANGED_FLEET, CHANGED).text);
    expect(told('file-on-trial')).toEqual([]);
    expect(JSON.stringify(begun)).not.toContain('old file');
    // until it has settled
    expect(JSON.stringify(ended)).not.toContain('old file');
    expect(JSON.stringify(await ticked(CHANGED))).toContain('old file');
    expect(stopped()?.maximum).toBe(0);
  });

  it('is refused when that host does not become confident, told, and settled by an operator all the same', async () => {
    Object.assign(printed[21] as Printed, { revision: NEW, leap: '11' });
    Object.assign(printed[22] as Printed, { revision: OLD });
    for (let tick = 0; tick < 6; tick += 1) await ticked(CHANGED);
    expect(file()?.refused).toBeUndefined();
    await ticked(CHANGED);
    expect(file()).toMatchObject({ settled: OLD, refused: { revision: NEW } });
    const [refused] = told('file-refused');
    expect(refused?.sentence).toContain(`revision ${NEW} is refused: ${hostId(21)} has run on it for 30 min`);
    expect(refused?.sentence).toContain(`-d '{"pod":"blue","settle":"${NEW}"}'`);
    await pod.clock.advance(10_000);
    expect(stopped()?.maximum).toBe(1);
    // the host is to go back
    expect(JSON.stringify(await ticked(CHANGED))).toContain(`podtime serves ${OLD}`);
    await ticked(CHANGED, NEW);
    expect(file()).toEqual({ settled: NEW });
    expect(told('file-refused')).toEqual([]);
  });

  it('is refused when it was given in vain, and forgotten when the fleet file goes back', async () => {
    for (const n of [21, 22]) Object.assign(printed[n] as Printed, { revision: OLD });
    const atMs = pod.clock.nowMs();
    const permit = { revision: NEW, givenAtMs: atMs, by: 'r', given: { [NEW]: { times: MOST_PERMITS, atMs } } };
    await s3ServedFiles(pod.s3, BUCKET, loggedCalls().call).give('blue', `client-${AZ}-ntp.conf`, permit, null);
    for (let tick = 0; tick < 3; tick += 1) await ticked(CHANGED);
    expect(file()?.refused).toBeUndefined();
    await ticked(CHANGED);
    expect(file()?.refused?.finding).toContain('none was seen to run on it');
    await ticked(BLUE);
    expect(file()).toEqual({ settled: OLD });
  });

  it('is known by what was told, where the memory is lost', async () => {
    for (const n of [21, 22]) Object.assign(printed[n] as Printed, { revision: OLD });
    const { Contents = [] } = await pod.s3.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: 'blue/memory/' }));
    for (const { Key } of Contents) await pod.s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key }));
    await ticked(CHANGED);
    expect(file()).toEqual({ settled: OLD });
    expect(JSON.stringify(await ticked(CHANGED))).not.toContain('old file');
  });

  it('says so where an operator names a revision that does not wait', async () => {
    const report = await ticked(BLUE, NEW);
    expect(report.faults).toContain(`Revision ${NEW} is none that waits: no file of pod blue is changed by it.`);
  });
});
