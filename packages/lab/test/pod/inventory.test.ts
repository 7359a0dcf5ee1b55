import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import ipaddr from 'ipaddr.js';
import { loadFleet } from '../../../../src/fleet/load.ts';
import { HostDirectory } from '../../src/pod/host-directory.ts';
import { inventoryOf, replacementOf } from '../../src/pod/inventory.ts';

const fleet = loadFleet(readFileSync('packages/lab/fleet.yml', 'utf8'), 'packages/lab/fleet.yml');
const inventory = inventoryOf(fleet);
const blue = inventory.filter((entry) => entry.pod === 'blue');

/** A fleet of one pod, as small or as oddly placed as an operator's may be. */
function fleetOf({ networks, azs, servers }: { networks: string; azs: string; servers: number }) {
  const pod = `{ region: eu-west-1, zone: { name: x.pod }, networks: [${networks}], azs: [${azs}], boundaryServers: ${servers} }`;
  return loadFleet(`upstreams: [a.invalid, b.invalid]\ntimeService: source\nleapSmear: accepted\npods:\n  x: ${pod}\n`);
}

describe("the hosts of an operator's pod", () => {
  it.each([
    ['a /24', { networks: '10.1.2.0/24', azs: 'eu-west-1a, eu-west-1b, eu-west-1c', servers: 3 }, 12],
    ['a /27', { networks: '10.1.2.224/27', azs: 'eu-west-1a, eu-west-1b', servers: 2 }, 12],
    ['a /28', { networks: '10.1.2.16/28', azs: 'eu-west-1a, eu-west-1b', servers: 2 }, 5],
    ['the upper half of a /16', { networks: '10.1.128.0/17', azs: 'eu-west-1a, eu-west-1c', servers: 2 }, 12],
    ['several subnets', { networks: '10.1.1.0/24, 10.1.2.0/24', azs: 'eu-west-1a, eu-west-1b', servers: 2 }, 12],
    ['IPv6 too', { networks: '10.1.0.0/20, 2001:db8:7:ff00::/64', azs: 'eu-west-1e, eu-west-1f', servers: 2 }, 12],
    ['more servers than AZs', { networks: '10.1.0.0/16', azs: 'eu-west-1a, eu-west-1b', servers: 5 }, 12],
    ['more servers than can be watched', { networks: '10.1.0.0/16', azs: 'eu-west-1a, eu-west-1b', servers: 8 }, 12],
  ])(
    'in %s are each at an address of its own inside it, and so are those that replace servers',
    (_, given, clients) => {
      const own = fleetOf(given);
      const [pod] = own.pods;
      if (!pod) throw new Error('the fleet is empty');
      const made = inventoryOf(own);
      const servers = made.filter(({ tier }) => tier === 'boundary');
      expect([servers.length, made.length - servers.length]).toEqual([Math.min(given.servers, 6), clients]);
      const replaced = [servers[0], replacementOf(pod, servers[0] as never, new Set())];
      const all = [...made, replaced[1] as (typeof made)[number]];
      expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
      for (const kind of ['ipv4', 'ipv6'] as const) {
        const addresses = all.flatMap((host) => host[kind] ?? []);
        expect(new Set(addresses).size).toBe(addresses.length);
        const outside = addresses.filter(
          (address) =>
            !pod.networks
              .map((cidr) => ipaddr.parseCIDR(cidr))
              .some(([base, bits]) => base.kind() === kind && ipaddr.parse(address).match(base as never, bits)),
        );
        expect(outside).toEqual([]);
      }
    },
  );
});

describe('the hosts of the local pod', () => {
  it('are two boundary servers, twelve clients over all AZs, every daemon among them', () => {
    expect(blue.filter((entry) => entry.tier === 'boundary').map((entry) => entry.az)).toEqual([
      'us-west-2b',
      'us-west-2c',
    ]);
    const clients = blue.filter((entry) => entry.tier === 'client');
    expect(clients).toHaveLength(12);
    expect(new Set(clients.map((entry) => entry.az)).size).toBe(7);
    expect(new Set(clients.map((entry) => entry.daemon))).toEqual(new Set(['ntpd', 'ntpsec', 'chrony']));
  });

  it('have names, ids and addresses of their own, within their pod’s networks', () => {
    const unique = (of: (entry: (typeof inventory)[number]) => string | null) =>
      new Set(inventory.map(of).filter(Boolean)).size;
    expect([unique((entry) => entry.name), unique((entry) => entry.instanceId), unique((entry) => entry.ipv4)]).toEqual(
      Array(3).fill(inventory.length),
    );
    for (const { pod, ipv4, ipv6, instanceId } of inventory) {
      expect(instanceId).toMatch(/^i-[0-9a-f]{17}$/);
      const networks =
        fleet.pods.find(({ name }) => name === pod)?.networks.map((cidr) => ipaddr.parseCIDR(cidr)) ?? [];
      for (const address of [ipv4, ipv6].filter((one) => one !== null)) {
        const parsed = ipaddr.parse(address);
        const inside = networks.some(
          ([network, bits]) => network.kind() === parsed.kind() && parsed.match([network, bits] as never),
        );
        expect([address, inside]).toEqual([address, true]);
      }
    }
  });

  it('are replaced by ones with a new name, id and address, again and again', () => {
    const [pod] = fleet.pods;
    const [server] = blue;
    if (!pod || !server) throw new Error('the local fleet is empty');
    const directory = new HostDirectory(fleet);
    for (const host of inventory) directory.add(host);
    const came = [server];
    for (let time = 0; time < 20; time += 1) {
      const gone = directory.boundaryServer(pod, server.az);
      const come = replacementOf(pod, gone, directory.takenNames);
      directory.retire(gone);
      directory.add(come);
      expect(come.ipv4).not.toBe(gone.ipv4);
      came.push(come);
    }
    expect(came.slice(0, 4).map(({ name }) => name)).toEqual([
      'blue-boundary-b',
      'blue-boundary-b-v2',
      'blue-boundary-b-v3',
      'blue-boundary-b-v4',
    ]);
    expect(new Set(came.map(({ instanceId }) => instanceId)).size).toBe(21);
    expect(new Set(came.slice(0, 15).map(({ ipv4 }) => ipv4)).size).toBe(15);
    expect(came.filter(({ ipv4 }) => !/^10\.20\.2\.\d+$/.test(ipv4))).toEqual([]);
  });
});
