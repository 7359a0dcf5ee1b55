import { describe, expect, it } from '@jest/globals';
import type { Pod } from '../../../../src/fleet/fleet.ts';
import { readUpstream } from '../../../../src/fleet/sources.ts';
import fleet from '../../../../test/builders/shipped-fleet.ts';
import { apiUrlFor, upstreamsOf } from '../../src/real/external-servers.ts';
import {
  hostInterfaceCommands,
  hostVethCommands,
  reservedAddresses,
  serviceCommands,
  withPrefix,
} from '../../src/real/link-commands.ts';
import type { Namespace } from '../../src/real/namespace.ts';

const [blue, green] = fleet.pods as [Pod, Pod];
const ipv6Only: Pod = { ...blue, networks: ['2001:db8:20::/56'] };
const place = { pid: 4711 } as Namespace;

describe('the addresses of a pod', () => {
  it('that are not for hosts stand at the beginning of its first network of each family', () => {
    expect(reservedAddresses(blue, 'router')).toEqual(['10.20.0.1', '2001:db8:20::1']);
    expect(reservedAddresses({ ...blue, networks: [...blue.networks, '10.21.0.0/16'] }, 'resolver')).toEqual([
      '10.20.0.2',
      '2001:db8:20::2',
    ]);
  });

  it('of hosts carry the length of their network', () => {
    expect([withPrefix(blue, '10.20.2.10'), withPrefix(blue, '2001:db8:20:0::20A')]).toEqual([
      '10.20.2.10/16',
      '2001:db8:20::20a/56',
    ]);
    expect(() => withPrefix(blue, '10.99.0.1')).toThrow(
      `10.99.0.1 is in none of the networks of pod blue: ${blue.networks.join(', ')}`,
    );
  });

  it('give a host its API in the family that it has', () => {
    expect(apiUrlFor(blue, { ipv4: '10.20.1.1' })).toBe('http://10.20.0.4');
    expect(apiUrlFor(blue, { ipv4: '' })).toBe('http://[2001:db8:20::4]');
    expect(apiUrlFor(ipv6Only, { ipv4: '' })).toBe('http://[2001:db8:20::4]');
  });

  it('of upstreams are outside every pod, and those given as addresses have none made up', () => {
    const upstreams = ['a.invalid', '198.51.100.7', 'b.invalid'].map(readUpstream);
    expect(upstreamsOf({ ...fleet, upstreams })).toEqual([
      { name: 'a.invalid', addresses: ['192.0.2.60', '2001:db8:2::60'], stratum: 2 },
      { name: 'b.invalid', addresses: ['192.0.2.61', '2001:db8:2::61'], stratum: 2 },
    ]);
  });
});

describe("a host's network", () => {
  const ADDRESSES = { ipv4: '10.20.2.10', ipv6: '2001:db8:20::20a' };

  it('has its services by the second link and all else by the first', () => {
    const plan = hostInterfaceCommands(blue, 7, ADDRESSES);
    expect(plan.filter((line) => line.includes('default'))).toEqual([
      'route add default via 10.20.0.1',
      'route add default via 2001:db8:20::1',
    ]);
    expect(plan.filter((line) => line.startsWith('route replace'))).toEqual([
      'route replace 169.254.169.123/32 dev aws0 src 10.20.2.10',
      'route replace fd00:ec2::123/128 dev aws0 src 2001:db8:20::20a',
      'route replace 10.20.0.2/32 dev aws0 src 10.20.2.10',
      'route replace 2001:db8:20::2/128 dev aws0 src 2001:db8:20::20a',
      'route replace 10.20.0.4/32 dev aws0 src 10.20.2.10',
      'route replace 2001:db8:20::4/128 dev aws0 src 2001:db8:20::20a',
    ]);
  });

  it('has nothing of a family that the host lacks', () => {
    const ipv6 = hostInterfaceCommands(blue, 7, { ...ADDRESSES, ipv4: null }).join('\n');
    expect(ipv6).not.toMatch(/\d+\.\d+\.\d+\.\d+/);
    const ipv4 = hostInterfaceCommands(green, 7, { ipv4: '10.30.2.10', ipv6: null }).filter(
      (line) => !line.includes('fe80::'),
    );
    expect(ipv4.join('\n')).not.toContain('::');
  });

  it('is plugged from inside the switch into the place, so that no interface is ever the machine’s', () => {
    expect(hostVethCommands(7, 'b', place)[0]).toBe('link add name port7 type veth peer name eth0 netns 4711');
  });

  it('finds at its services the addresses of every pod', () => {
    const plan = serviceCommands(fleet);
    for (const pod of fleet.pods) {
      for (const address of [...reservedAddresses(pod, 'resolver'), ...reservedAddresses(pod, 'api')]) {
        expect(plan.some((line) => line.startsWith(`addr add ${address}/`))).toBe(true);
      }
    }
  });
});
