import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { holds } from '../../src/fleet/network-faults.ts';
import { networkReader } from '../../src/fleet/networks.ts';
import { BLUE } from '../builders/blue-pod.ts';

const reader = (...networks: string[]) => networkReader({ ...BLUE, networks });

/** An address beside a network of its own family: the two agree in their first `same` bits, and differ in the next. */
function besides(bits: number, radix: number, separator: string) {
  const groups = radix === 16 ? 8 : 4;
  const width = bits / groups;
  const text = (value: bigint) =>
    Array.from({ length: groups }, (_, group) =>
      ((value >> BigInt((groups - 1 - group) * width)) & ((1n << BigInt(width)) - 1n)).toString(radix),
    ).join(separator);
  return fc
    .record({
      value: fc.bigInt(0n, (1n << BigInt(bits)) - 1n),
      prefix: fc.integer({ min: 8, max: bits }),
      flip: fc.nat(bits),
    })
    .map(({ value, prefix, flip }) => {
      const hostBits = BigInt(bits - prefix);
      const network = `${text((value >> hostBits) << hostBits)}/${prefix}`;
      return { network, address: text(flip < bits ? value ^ (1n << BigInt(flip)) : value) };
    });
}

describe('networkReader', () => {
  it.each([
    ['IPv4', besides(32, 10, '.')],
    ['IPv6', besides(128, 16, ':')],
  ])('finds the %s addresses in a network that the check of the fleet file finds', (_family, cases) => {
    fc.assert(
      fc.property(cases, ({ network, address }) => {
        // of mapped addresses fleet.yml takes no network
        fc.pre(!network.startsWith('0:0:0:0:0:ffff:'));
        expect(reader(network)(address)).toBe(holds(network, address));
      }),
      { numRuns: 1000 },
    );
  });

  it('takes an address of either family, however it is spelt, in any of the networks', () => {
    const inside = reader('10.20.0.0/16', '2001:db8:20::/56');
    expect(['10.20.255.255', '::ffff:10.20.0.1', '2001:DB8:20:0ff::1', '2001:db8:20::1%eth0'].map(inside)).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect(['10.21.0.0', '2001:db8:20:100::', 'ntp.example', '', '10.20', '::10.20.0.1'].map(inside)).toEqual(
      new Array(6).fill(false),
    );
  });

  it('says the same when it is asked again', () => {
    const inside = reader('10.20.0.0/16');
    expect([inside('10.20.0.1'), inside('10.20.0.1'), inside('x'), inside('x')]).toEqual([true, true, false, false]);
  });
});
