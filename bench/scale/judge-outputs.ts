import { revisionReader } from '../../src/config/revision.ts';
import { judgeAll } from '../../src/diagnosis/judge.ts';
import type { Judgement } from '../../src/diagnosis/judgement.ts';
import type { Host } from '../../src/fleet/fleet.ts';
import { parseCollected } from '../../src/host/collect.ts';
import { collectOutput, FLEET, hostNumber, POD, type ScaleHost, SERVERS } from './fleet.ts';

const hostOf = ({ instanceId, tier, az, ipv4, ipv6 }: ScaleHost): Host => ({
  instanceId,
  pod: POD.name,
  tier,
  az,
  state: 'running',
  vpc: POD.vpc,
  ipv4,
  ipv6: [ipv6],
  held: false,
  launchedAtMs: 0,
});

const records = SERVERS.flatMap(({ az, instanceId, ipv4, ipv6 }) =>
  [ipv4, ipv6].map((address) => ({
    name: `ntp.az-${az.slice(-1)}.${POD.zone.name}`,
    type: address.includes(':') ? 'AAAA' : 'A',
    setIdentifier: instanceId,
    multivalue: true,
    ttlSeconds: 30,
    addresses: [address],
    raw: null,
  })),
);

/** Reads and judges so many outputs; each text is its own, as those of a fleet are. */
export function judgedOutputs(sightings: number): { judgements: Judgement[]; cpuMs: number } {
  const numbered = Array.from({ length: sightings }, (_, number) => hostNumber(number));
  const hosts = numbered.map(hostOf);
  // through bytes: flat texts, as from the network
  const outputs = numbered.map((host) => Buffer.from(collectOutput(host)).toString());
  const before = process.cpuUsage();
  const seen = hosts.map((host, number) => ({
    host,
    collected: parseCollected(outputs[number] ?? ''),
    status: 'Success',
  }));
  const judgements = judgeAll(seen, {
    pod: POD,
    hosts,
    records,
    unjoinedBefore: {},
    expectedRevision: revisionReader(FLEET, POD),
  });
  const { user, system } = process.cpuUsage(before);
  return { judgements, cpuMs: (user + system) / 1000 };
}

/** Answers the CPU that it took. */
export async function handler({ sightings }: { sightings: number }): Promise<{ cpuMs: number }> {
  const { judgements, cpuMs } = judgedOutputs(sightings);
  if (judgements.length !== sightings) throw new Error(`${judgements.length} judgements of ${sightings} sightings`);
  return { cpuMs };
}
