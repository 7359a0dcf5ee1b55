import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalNetwork, holds, networkFault, overlap } from '../../src/fleet/network-faults.ts';

/** IPv4 networks under 10.0.0.0/8, as number and prefix, so that a property can compute by itself. */
const network = fc.tuple(fc.nat(0xffffff), fc.integer({ min: 8, max: 32 })).map(([low, prefix]) => {
  const size = 2 ** (32 - prefix);
  const start = Math.floor((10 * 2 ** 24 + low) / size) * size;
  const text = [24, 16, 8, 0].map((shift) => Math.floor(start / 2 ** shift) % 256).join('.');
  return { start, end: start + size, cidr: `${text}/${prefix}` };
});

describe('networks', () => {
  it('overlap when they share an address, whichever is named first', () => {
    fc.assert(
      fc.property(network, network, (a, b) => {
        const shared = a.start < b.end && b.start < a.end;
        expect(overlap(a.cidr, b.cidr)).toBe(shared);
        expect(overlap(b.cidr, a.cidr)).toBe(shared);
      }),
      { numRuns: 500 },
    );
  });

  it('are taken when the address is the first of the network, and told the right one when not', () => {
    fc.assert(
      fc.property(network, fc.nat(), ({ start, end, cidr }, n) => {
        expect(networkFault(cidr)).toBeNull();
        fc.pre(end - start > 1);
        const inside = start + 1 + (n % (end - start - 1));
        const text = [24, 16, 8, 0].map((shift) => Math.floor(inside / 2 ** shift) % 256).join('.');
        expect(networkFault(cidr.replace(/^[^/]*/, text))).toBe(`has host bits set; the network is ${cidr}`);
      }),
    );
  });

  it('hold the addresses between their ends, of their own family only', () => {
    expect(holds('10.20.0.0/16', '10.20.255.255')).toBe(true);
    expect(holds('10.20.0.0/16', '10.21.0.0')).toBe(false);
    expect(holds('2001:db8:20::/56', '2001:DB8:20:0ff::1')).toBe(true);
    expect(holds('2001:db8:20::/56', '2001:db8:20:100::')).toBe(false);
    expect(holds('2001:db8:20::/56', '10.20.0.1')).toBe(false);
    expect(holds('10.20.0.0/16', 'ntp.example')).toBe(false);
  });

  it('have one spelling', () => {
    expect(canonicalNetwork('2001:0DB8:0020:0000::/56')).toBe('2001:db8:20::/56');
  });
});
