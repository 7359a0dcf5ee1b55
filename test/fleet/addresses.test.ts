import { isIPv6 } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { canonicalAddress, mayBeCut } from '../../src/fleet/addresses.ts';

const WIDTH = 15;

/** Eight groups, with runs of zeros likely, as inet_ntop writes them (RFC 5952, which agrees). */
const ipv6 = fc
  .array(fc.oneof(fc.constant(0), fc.constant(0), fc.nat(15), fc.nat(0xffff)), { minLength: 8, maxLength: 8 })
  .map((groups) => canonicalAddress(groups.map((group) => group.toString(16)).join(':')) ?? '')
  .filter((text) => isIPv6(text));

describe('canonicalAddress', () => {
  it('gives one spelling whatever the spelling', () => {
    fc.assert(
      fc.property(ipv6, (address) => {
        expect(canonicalAddress(address.toUpperCase())).toBe(address);
        expect(canonicalAddress(address)).toBe(address);
      }),
    );
  });

  it('keeps every IPv4 address as it is, mapped or not', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        expect(canonicalAddress(address)).toBe(address);
        expect(canonicalAddress(`::ffff:${address}`)).toBe(address);
        expect(canonicalAddress(`::FFFF:${address}`)).toBe(address);
      }),
    );
  });

  it('never takes an unmapped IPv4 tail for an IPv4 address', () => {
    expect(canonicalAddress('::10.0.1.5')).toBe('::a00:105');
    expect(canonicalAddress('64:ff9b::192.0.2.33')).toBe('64:ff9b::c000:221');
  });

  it.each([
    '',
    '10.1',
    '010.0.0.1',
    '256.0.0.1',
    '1.2.3.4.5',
    '0x7f.1',
    '2130706433',
    'fd00::g',
    '::1::',
    'ntp.pod',
    '::ffff:1.2.3',
  ])('refuses %p', (text) => {
    expect(canonicalAddress(text)).toBeNull();
  });
});

/** Groups of all lengths with `::`, tails and zones in wrong and right places. */
const almostIpv6 = fc
  .array(
    fc.oneof(
      fc.constantFrom('', '0', '::', 'ffff', '10.0.1.5', '%eth0', 'g', '12345', '%'),
      fc.nat(0xffff).map((group) => group.toString(16)),
    ),
    {
      maxLength: 10,
    },
  )
  .chain((parts) => fc.constantFrom(parts.join(':'), parts.join('')));

describe('an address', () => {
  it('is spelt as another reader spells it, which also says what is none', () => {
    const spelt = (text: string) => {
      const address = ipaddr.IPv6.parse(text);
      return (address.isIPv4MappedAddress() ? address.toIPv4Address() : address).toString();
    };
    const groups = fc.array(fc.oneof(fc.constant(0), fc.nat(0xffff)), { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(groups, fc.constantFrom('', '%eth0', '%2'), (numbers, zone) => {
        const text = numbers.map((number) => number.toString(16)).join(':') + zone;
        expect(canonicalAddress(text)).toBe(spelt(text));
      }),
      { numRuns: 1000 },
    );
  });

  it('has one spelling, which is read back as itself, or is none', () => {
    fc.assert(
      fc.property(almostIpv6, (text) => {
        const spelt = canonicalAddress(text);
        fc.pre(spelt !== null);
        expect(canonicalAddress(spelt ?? '')).toBe(spelt);
        expect(ipaddr.isValid(text)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    ['fe80::1%eth0', 'fe80::1%eth0'],
    ['FE80:0::1%Eth0', 'fe80::1%Eth0'],
    ['::ffff:10.0.1.5%eth0', '10.0.1.5'],
    ['::10.0.1.5%2', '::a00:105%2'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['0:0:1:2:3:0:0:4', '::1:2:3:0:0:4'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
  ])('%s is spelt %s', (text, spelt) => {
    expect(canonicalAddress(text)).toBe(spelt);
  });

  it.each([
    'fe80::1%',
    'fe80::1%eth0%eth1',
    'fe80::1%eth0.100',
    '%eth0',
    '10.0.1.5%eth0',
    '[::1]',
    '::1]',
    '::1/64',
    ' ::1',
  ])('%p is none', (text) => {
    expect(canonicalAddress(text)).toBeNull();
  });
});

describe('mayBeCut', () => {
  it('suspects whatever is left of a longer address', () => {
    fc.assert(
      fc.property(
        ipv6.filter((address) => address.length > WIDTH),
        (address) => mayBeCut(address.slice(0, WIDTH), WIDTH),
      ),
      { numRuns: 2000 },
    );
  });

  it('suspects whatever is left of an address with a zone or an IPv4 tail', () => {
    expect(mayBeCut('fe80::1:2:3%eth0'.slice(0, WIDTH), WIDTH)).toBe(true);
    fc.assert(
      fc.property(fc.ipV4(), (quad) => {
        const text = `::ffff:${quad}`;
        return text.length <= WIDTH || mayBeCut(text.slice(0, WIDTH), WIDTH);
      }),
    );
  });

  it('never suspects what does not fill the column', () => {
    fc.assert(
      fc.property(
        ipv6.filter((address) => address.length < WIDTH),
        (address) => !mayBeCut(address, WIDTH),
      ),
    );
  });

  it('never suspects IPv4, however long', () => {
    expect(mayBeCut('169.254.169.123', WIDTH)).toBe(false);
  });

  it('trusts a full column only when no digit or group could follow', () => {
    // 1::2:3:4:5:6789: six groups and `::`, which inet_ntop writes for two or more, and the last group is full.
    expect(mayBeCut('1::2:3:4:5:6789', WIDTH)).toBe(false);
    expect(mayBeCut('2001:db8::1:abc', WIDTH)).toBe(true);
    expect(mayBeCut('fd00:1::12:abcd', WIDTH)).toBe(true);
  });
});
