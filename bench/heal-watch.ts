import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { readScript } from '../infra/script-files.ts';
import { PROJECT } from '../packages/lab/test/real-pod/product.ts';
import type { Launch, RealPod } from '../packages/lab/test/real-pod/real-pod.ts';
import { judgeAll } from '../src/diagnosis/judge.ts';
import { canonicalAddress } from '../src/fleet/addresses.ts';
import type { Host } from '../src/fleet/fleet.ts';
import { parseCollected } from '../src/host/collect.ts';
import { parseCycleOutcome } from '../src/host/verdict.ts';
import { type PodPlan, spareOf } from './heal-pods.ts';

const COLLECT = readScript(PROJECT, 'collect');

/** Whether podtime would call the host confident by what it tells now. */
export async function confidentNow(pod: RealPod, podName: string, id: string): Promise<boolean> {
  const plan = pod.pod(podName);
  const { stdout } = await pod.hosts.run(id, COLLECT);
  const host: Host = {
    instanceId: id,
    pod: podName,
    tier: 'boundary',
    az: plan.azs[1] as string,
    state: 'running',
    vpc: plan.vpc,
    ipv4: null,
    ipv6: [],
    held: false,
    launchedAtMs: 0,
  };
  const [judgement] = judgeAll([{ host, collected: parseCollected(stdout), status: 'Success' }], {
    pod: plan,
    hosts: [host],
    records: [],
    unjoinedBefore: {},
    expectedRevision: () => null,
  });
  return judgement?.confident ?? false;
}

/** Whether the pod's hosts resolve the replaced name to the new server and nothing else. */
export async function resolves(pod: RealPod, plan: PodPlan): Promise<boolean> {
  const { ipv4, ipv6, id } = spareOf(plan);
  const { stdout } = await pod.hosts.run(id, `getent ahosts ntp.az-b.${plan.zone}`);
  const found = new Set(
    stdout
      .split('\n')
      .map((line) => line.split(/\s+/)[0] ?? '')
      .filter(Boolean)
      .map(canonical),
  );
  return found.size === 2 && found.has(canonical(ipv4)) && found.has(canonical(ipv6 ?? ''));
}

/** Hears each answer that leaves the server `id`; `heard` gets the client and the time. Costs the clients nothing. */
export function listenAt(
  pod: RealPod,
  id: string,
  clients: readonly Launch[],
  heard: (clientId: string, atMs: number) => void,
): { stop(): void } {
  const host = pod.hosts.get(id);
  if (!host) throw new Error(`there is no host ${id}`);
  const byAddress = new Map(
    clients.flatMap((client) => [client.ipv4, client.ipv6 ?? ''].map((address) => [canonical(address), client.id])),
  );
  const filter = ['-i', 'eth0', '-Q', 'out', '-n', '-l', '-tt', 'udp', 'src', 'port', '123'];
  const [command = '', ...args] = [...host.container.namespace.prefix, 'tcpdump', ...filter];
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'ignore'] });
  // 1795393478.123456 IP6 2001:db8:20::20a.123 > 2001:db8:20::264.123: NTPv4, Server, length 48
  createInterface({ input: child.stdout }).on('line', (line) => {
    const found = /^(\d+\.\d+) IP6? \S+ > (\S+)\.\d+: NTPv\d, Server/.exec(line);
    const client = found && byAddress.get(canonical(found[2] as string));
    if (found && client) heard(client, Number(found[1]) * 1000);
  });
  return { stop: () => void child.kill('SIGTERM') };
}

/** What a verdict of `failed` says that came after its daemon was made to resolve again. */
const FAILED_AFTER = ['not-healed', 'no-answer'];

/** Hosts whose daemon podtime made resolve its names again since then, whether or not it healed. */
export function cycledSince(pod: RealPod, sinceMs: number): Set<string> {
  const cycles = pod.endpoint
    .commands()
    .filter(({ document, requestedAtMs }) => document === 'podtime-local-cycle' && requestedAtMs >= sinceMs);
  const acted = cycles
    .flatMap(({ invocations }) => invocations)
    .filter(({ statusDetails, stdout }) => {
      const outcome = parseCycleOutcome(statusDetails.replaceAll(' ', ''), stdout);
      return outcome?.kind === 'cycled' || (outcome?.kind === 'failed' && FAILED_AFTER.includes(outcome.reason));
    });
  return new Set(acted.map(({ instanceId }) => instanceId));
}

function canonical(address: string): string {
  return canonicalAddress(address) ?? address;
}
