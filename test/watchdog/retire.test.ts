import { ChangeResourceRecordSetsCommand } from '@aws-sdk/client-route-53';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { BUCKET, hostId, ZONE_ID } from '@podtime/aws-endpoint/testing';
import { retirePod } from '../../src/watchdog/membership.ts';
import { startPod, type TestedPod } from '../builders/endpoint-pod.ts';

let pod: TestedPod;
const putState = (Body: string) => pod.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'blue/state.json', Body }));
const retire = (dryRun = false) => retirePod(pod.run, pod.pod, dryRun);
const published = () =>
  pod.endpoint
    .records()
    .filter(({ name }) => name.startsWith('ntp.'))
    .map(({ name, type, setIdentifier }) => `${name} ${type} ${setIdentifier}`);

describe('retiring a pod', () => {
  const foreign = { Name: 'ntp.az-a.pod.', Type: 'A' as const, TTL: 60, ResourceRecords: [{ Value: '10.0.1.99' }] };
  beforeEach(async () => {
    pod = await startPod();
    await pod.route53.send(
      new ChangeResourceRecordSetsCommand({
        HostedZoneId: ZONE_ID,
        ChangeBatch: { Changes: [{ Action: 'CREATE', ResourceRecordSet: foreign }] },
      }),
    );
    pod.mode('act');
    pod.addHost(1, 'boundary', 'us-west-2b');
    pod.addHost(2, 'boundary', 'us-west-2c');
    pod.addHost(3, 'boundary', 'us-west-2c');
    await pod.clock.advance(60_000);
    await pod.tick();
    await pod.clock.advance(60_000);
    pod.endpoint.instances.terminate(hostId(1));
    pod.endpoint.instances.terminate(hostId(2));
    // EC2 has forgotten both
    await pod.clock.advance(2 * 3_600_000);
  });
  afterEach(() => pod.close());

  const withdrawal = (n: number, az: string, outcome: string) =>
    `Withdraw ntp.${az}.pod A 10.0.${az === 'az-b' ? 2 : 3}.${n} (${hostId(n)}), pod blue is retired and EC2 names no ${hostId(n)} among its hosts: ${outcome}.`;
  const lives = `ntp.az-c.pod A stays: ${hostId(3)} is running and would be registered again. Stop it, or tag it as a client.`;

  it.each(['act', 'hold'])('in mode %s withdraws what is podtime’s, but for a server that runs', async (value) => {
    pod.mode(value);
    const { sentences } = await retire();
    expect(sentences).toEqual([withdrawal(1, 'az-b', 'done'), withdrawal(2, 'az-c', 'done'), lives]);
    expect(published()).toEqual(['ntp.az-a.pod. A null', `ntp.az-c.pod. A ${hostId(3)}`]);
  });

  it('is complete once no server lives, though EC2 names nobody of the pod, and then says so', async () => {
    pod.endpoint.instances.terminate(hostId(3));
    await pod.clock.advance(2 * 3_600_000);
    await retire();
    await pod.clock.advance(60_000);
    expect(published()).toEqual(['ntp.az-a.pod. A null']);
    const again = await retire();
    expect(again.sentences).toEqual(["Pod blue has no record of podtime's: nothing is to be withdrawn."]);
  });

  it('ends what is remembered of it: no tick asks for its hosts by id any more', async () => {
    const known = () => pod.state()?.servers.known.map(({ instanceId }) => instanceId);
    pod.endpoint.instances.terminate(hostId(3));
    await pod.clock.advance(2 * 3_600_000);
    await pod.tick({ tickId: 'tick-2' });
    expect(known()?.toSorted()).toEqual([1, 2, 3].map((n) => hostId(n)));
    await retire();
    await pod.clock.advance(60_000);
    await pod.tick({ tickId: 'tick-3' });
    expect(known()).toEqual([]);
  });

  it('tried dry changes nothing', async () => {
    const before = published();
    const { sentences, dryRun } = await retire(true);
    expect(sentences).toEqual([withdrawal(1, 'az-b', 'planned'), withdrawal(2, 'az-c', 'planned'), lives]);
    expect([dryRun, published()]).toEqual([true, before]);
  });

  it('keeps the record of a server that lives, though EC2 lists no host at all', async () => {
    const { run } = pod;
    const ofPod = async () => ({ hosts: [], refused: [], faults: [], unread: [] });
    const ports = { ...run.ports, instances: { ...run.ports.instances, ofPod } };
    const { sentences } = await retirePod({ ...run, ports }, pod.pod, false);
    expect(sentences).toContain(
      `ntp.az-c.pod A stays: ${hostId(3)} is running, though EC2 does not list it among the pod's hosts. Stop it first.`,
    );
    expect(published()).toEqual(['ntp.az-a.pod. A null', `ntp.az-c.pod. A ${hostId(3)}`]);
  });

  it('empties a pod whose state was lost, and the next tick knows who is withdrawn: nobody', async () => {
    pod.endpoint.instances.terminate(hostId(3));
    await pod.clock.advance(2 * 3_600_000);
    await putState('rubbish');
    const { report } = await pod.tick({ tickId: 'tick-2' });
    expect(report.refusals).toMatchObject([{ rule: 'blind' }]);
    expect(pod.state()?.servers.withdrawn).toBeNull();
    const { refusals } = await retire();
    expect([refusals, published()]).toEqual([[], ['ntp.az-a.pod. A null']]);
    await pod.clock.advance(60_000);
    await pod.tick({ tickId: 'tick-3' });
    expect(pod.state()?.servers.withdrawn).toEqual({});
  });

  it('changes nothing beside the state of a newer podtime, and says so', async () => {
    const before = published();
    await putState(JSON.stringify({ version: 2, pod: 'blue' }));
    const { sentences } = await retire();
    expect(sentences).toContainEqual(
      expect.stringMatching(/^In mode observe \(because the state is of a newer podtime\) podtime does not withdraw /),
    );
    expect(published()).toEqual(before);
  });

  it('changes nothing in mode observe, and says so', async () => {
    pod.mode('observe');
    const before = published();
    const { refusals } = await retire();
    expect(refusals.map(({ rule }) => rule).sort()).toEqual(['lives', 'mode', 'mode']);
    expect(published()).toEqual(before);
  });
});
