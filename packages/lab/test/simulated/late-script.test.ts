import { SendCommandCommand } from '@aws-sdk/client-ssm';
import { expect, it } from '@jest/globals';
import { createScaledClock } from '@podtime/aws-endpoint';
import { addHost as addInstance, hostId, STACK, startBench } from '@podtime/aws-endpoint/testing';
import { addHost, createTestHosts } from './test-hosts.ts';

it('a script that a busy machine carries out later than simulated time allows ends in Success', async () => {
  const clock = createScaledClock(60);
  const bench = await startBench({ clock });
  const { hosts } = createTestHosts({ clock, graceRealMs: 5000 });
  try {
    const host = addHost(hosts, 'ntpd', 'server 169.254.169.123\n');
    addInstance(
      bench,
      hostId(1),
      {},
      {
        graceRealMs: host.agent.graceRealMs,
        // two real seconds, where delivery and document have 90 simulated ones: one and a half
        run: (_, timeoutSeconds) => host.run('sleep 120', timeoutSeconds),
      },
    );
    const [DocumentName] = Object.keys(STACK.documents);
    const { Command } = await bench.ssm.send(
      new SendCommandCommand({ DocumentName, InstanceIds: [hostId(1)], TimeoutSeconds: 30 }),
    );
    const end = () =>
      bench.events.find((event) => event.kind === 'invocation ended' && event.commandId === Command?.CommandId);
    while (end() === undefined) await new Promise((resolve) => setTimeout(resolve, 100));
    expect(end()).toMatchObject({ statusDetails: 'Success' });
  } finally {
    hosts.close();
    await bench.close();
  }
});
