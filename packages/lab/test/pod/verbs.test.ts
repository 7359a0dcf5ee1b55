import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Bench, startBench } from '@podtime/aws-endpoint/testing';
import { loadFleet } from '../../../../src/fleet/load.ts';
import { HostDirectory, PodError } from '../../src/pod/host-directory.ts';
import { inventoryOf } from '../../src/pod/inventory.ts';
import type { LocalPod } from '../../src/pod/pod.ts';
import { runVerb, usage } from '../../src/pod/verbs.ts';
import { createSimulatedHosts, type SimulatedHosts } from '../../src/simulated/simulated-hosts.ts';
import { createTestZone } from '../simulated/test-hosts.ts';

// The verbs on a pod's directory, endpoint and simulated hosts, without podtime itself.

const fleet = loadFleet(readFileSync('packages/lab/fleet.yml', 'utf8'), 'packages/lab/fleet.yml');
const UPSTREAM = 'us-west-2b.stratum-2.invalid';

let bench: Bench;
let backend: SimulatedHosts;
let directory: HostDirectory;

beforeEach(async () => {
  bench = await startBench();
  directory = new HostDirectory(fleet);
  const folder = mkdtempSync(join(tmpdir(), 'podtime-verbs-'));
  backend = createSimulatedHosts({ clock: bench.clock, folder, zoneOf: () => createTestZone() });
  for (const host of inventoryOf(fleet)) {
    const { instanceId, pod, az, ipv4 } = host;
    directory.add(host);
    bench.endpoint.instances.adopt({ instanceId, vpc: directory.pod(pod).vpc, az, ipv4, tags: { 'ntp-pod': pod } });
    backend.add({ ...host, id: instanceId, config: `server ${UPSTREAM} iburst\n`, bootSeconds: 0 });
  }
  await bench.clock.advance(60_000);
});
afterEach(async () => {
  backend.close();
  await bench.close();
});

function verb(...args: string[]): Promise<string[]> {
  return runVerb({ directory, backend, endpoint: bench.endpoint } as unknown as LocalPod, args);
}

async function stateOf(name: string): Promise<string> {
  return (await verb('hosts')).find((line) => line.startsWith(`${name} `)) ?? '';
}

function tagsOf(name: string) {
  return bench.endpoint.instances.find(directory.host(name).instanceId)?.tags;
}

describe('a held host', () => {
  beforeEach(async () => {
    expect(await verb('hold', 'blue-client-d1')).toEqual([
      'blue-client-d1 is held: podtime looks and never touches it. To let it go: npm run pod -- mend blue-client-d1',
    ]);
  });

  it('is shown among the hosts, and no other', async () => {
    expect(tagsOf('blue-client-d1')).toEqual({ 'ntp-pod': 'blue', 'ntp-hold': 'by hand' });
    expect(await stateOf('blue-client-d1')).toMatch(/, held \(tag ntp-hold\)$/);
    expect((await verb('hosts')).filter((line) => line.includes('held'))).toHaveLength(1);
  });

  it.each([
    [['blue-client-d1'], ['blue-client-d1 is mended.', 'blue-client-d1 is no longer held.']],
    [[], ['Everything is mended.', 'blue-client-d1 is no longer held.']],
  ])('is let go by mend %j', async (args, lines) => {
    expect(await verb('mend', ...args)).toEqual(lines);
    expect(tagsOf('blue-client-d1')).toEqual({ 'ntp-pod': 'blue' });
    expect(await stateOf('blue-client-d1')).not.toContain('held');
  });

  it.each(['blue-client-e1', 'az-d', UPSTREAM])('stays held when %s is mended', async (other) => {
    expect(await verb('mend', other)).toEqual([expect.stringMatching(/ is mended\.$/)]);
    expect(tagsOf('blue-client-d1')).toHaveProperty('ntp-hold');
  });
});

describe('a pod that is named beside', () => {
  it.each([
    ['blue-client-a1', 'red', 'There is no pod red. The pods are blue, green.'],
    ['blue-client-a1', 'green', 'blue-client-a1 is a host of pod blue, not of green.'],
    ['time-service', 'green', 'time-service stands outside the pods, for all of them: leave green out.'],
    ['nobody', 'blue', /^There is no host or server nobody\. /],
  ])('%s %s cannot be cut off or mended', async (what, pod, sentence) => {
    await expect(verb('cut', what, pod)).rejects.toThrow(sentence);
    await expect(verb('mend', what, pod)).rejects.toThrow(sentence);
    expect((await verb('hosts')).join()).not.toContain('cut off');
  });

  it('may be that of the host, and says whose AZ it is', async () => {
    expect(await verb('cut', 'blue-client-a1', 'blue')).toEqual(['blue-client-a1 is cut off.']);
    expect(await verb('mend', 'blue-client-a1', 'blue')).toEqual(['blue-client-a1 is mended.']);
    expect(await verb('cut', 'az-a', 'green')).toEqual(['us-west-2a of pod green is cut off.']);
    expect(await stateOf('green-client-a1')).toContain('cut off');
    expect(await stateOf('blue-client-a1')).not.toContain('cut off');
  });
});

describe('a server outside the pods', () => {
  it.each([
    ['drift', '169.254.169.123', '3s'],
    ['cut', '169.254.169.123'],
    ['mend', '169.254.169.123'],
  ])('is named where %s knows no such name', async (...args) => {
    await expect(verb(...args)).rejects.toThrow(
      /^There is no host or server 169\.254\.169\.123\. The hosts are blue-boundary-b, .*, green-client-c1\. The servers outside the pods are us-west-2b\.stratum-2\.invalid, us-west-2c\.stratum-2\.invalid, time-service\.$/,
    );
  });

  it('is named in the usage as it is called', async () => {
    const [, example = ''] = /^SERVER +time-service, or .* such as (\S+)$/m.exec(usage()) ?? [];
    expect(await verb('drift', example, '3s')).toEqual([`The clock of ${example} is held 3000 ms off.`]);
    expect(await verb('mend', example)).toEqual([`${example} is mended.`]);
  });
});

it.each([
  ['blue-client-a1', 'nonsense', 'The text is no output of ntpq or chronyc.'],
  ['blue-client-a1', 'MS Name/IP address\n', 'The text is an output of chronyc sources, but the host runs ntpd.'],
])('play %s with %j gets a sentence', async (name, text, sentence) => {
  const pod = { directory, backend } as unknown as LocalPod;
  await expect(runVerb(pod, ['play', name, 'capture.txt'], text)).rejects.toThrow(new PodError(sentence));
});

describe('a drift', () => {
  it.each(['3600.1s', '-3601s', '999999999999s'])('of %s is too much', async (by) => {
    await expect(verb('drift', 'blue-client-a1', by)).rejects.toThrow(
      `'${by}' is too much: a clock is held 3600 s (an hour) off at most.`,
    );
    expect(await stateOf('blue-client-a1')).not.toContain('held');
  });

  it('of an hour is what a clock is held off, as hosts shows', async () => {
    expect(await verb('drift', 'blue-client-a1', '-3600s')).toEqual([
      'The clock of blue-client-a1 is held -3600000 ms off.',
    ]);
    expect(await stateOf('blue-client-a1')).toMatch(/ -3600000\.000 ms .*, clock held -3600000 ms off$/);
  });
});
