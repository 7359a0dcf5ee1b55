import { describe, expect, it } from '@jest/globals';
import { canonicalAddress } from '../../src/fleet/addresses.ts';
import { TIERS } from '../../src/fleet/fleet.ts';
import { PUBLIC_SERVERS } from '../../src/fleet/public-servers.ts';
import { followedClasses, knownSmearClass, smearClassOf } from '../../src/fleet/smear.ts';
import { readTimeService, readUpstream } from '../../src/fleet/sources.ts';

describe('the smear class of a server', () => {
  it.each([
    ['time.aws.com', 'aws'],
    ['169.254.169.123', 'aws'],
    ['FD00:EC2:0::123', 'aws'],
    ['time.google.com', 'google'],
    ['time1.google.com', 'google'],
    ['time4.google.com', 'google'],
    ['time.facebook.com', 'meta'],
    ['time5.facebook.com', 'meta'],
    ['216.239.35.0', 'google'],
    ['216.239.35.4', 'google'],
    ['216.239.35.8', 'google'],
    ['216.239.35.12', 'google'],
    ['2001:4860:4806:0::0', 'google'],
    ['2001:4860:4806:4::', 'google'],
    ['2001:4860:4806:8::', 'google'],
    ['2001:4860:4806:C::', 'google'],
    ['129.134.25.123', 'meta'],
    ['2a03:2880:ff0c::123', 'meta'],
    ['216.239.35.1', null],
    ['2001:4860:4806:d::', null],
    // no page of AWS's says that its pool smears
    ['2.amazon.pool.ntp.org', null],
    ['time5.google.com', null],
    ['mytime.google.com.invalid', null],
    ['10.20.0.1', null],
  ] as const)('%s is known as %s', (host, smear) => {
    expect(knownSmearClass(host)).toBe(smear);
  });

  it('is what the file says of an upstream, else what is known of it, else utc', () => {
    const upstreams = [
      'time.google.com',
      'a.invalid',
      { host: 'b.invalid', smear: 'google' as const },
      { host: 'time2.google.com', smear: 'utc' as const },
      { host: '2001:DB8:0::7', smear: 'meta' as const },
    ].map(readUpstream);
    const classOf = (host: string) => smearClassOf({ upstreams }, host);
    expect(upstreams.map(({ smear }) => smear)).toEqual(['google', 'utc', 'google', 'utc', 'meta']);
    expect(['time.google.com', 'a.invalid', 'b.invalid', 'time2.google.com', '2001:db8::7'].map(classOf)).toEqual([
      'google',
      'utc',
      'google',
      'utc',
      'meta',
    ]);
    // of what a host polls beside them
    expect(['fd00:ec2::123', 'time.aws.com', 'ntp.az-a.pod', '10.20.1.5'].map(classOf)).toEqual([
      'aws',
      'aws',
      null,
      null,
    ]);
  });
});

describe('public servers', () => {
  it('have addresses that are spelt as rows of daemons are, none twice', () => {
    const all = PUBLIC_SERVERS.flatMap(({ addresses }) => addresses);
    expect(all.map(canonicalAddress)).toEqual(all);
    expect(new Set(all).size).toBe(all.length);
  });
});

describe('the classes that a tier follows', () => {
  const upstreams = ['a.invalid', 'time.google.com', 'b.invalid'].map(readUpstream);
  const classes = (timeService: Parameters<typeof readTimeService>[0]) =>
    TIERS.map((tier) => [...followedClasses({ upstreams, timeService: readTimeService(timeService) }, tier)]);
  const ofUpstreams = [
    ['utc', ['a.invalid', 'b.invalid']],
    ['google', ['time.google.com']],
  ];
  const withTimeService = [
    ['utc', ['a.invalid', 'b.invalid']],
    ['aws', ['the AWS time service']],
    ['google', ['time.google.com']],
  ];

  it('are those of the upstreams where the time service is watched only', () => {
    expect(classes('reference')).toEqual([ofUpstreams, ofUpstreams]);
  });

  it('hold the time service where the tier, or what it follows, follows it', () => {
    expect(classes('source')).toEqual([withTimeService, withTimeService]);
    expect(classes({ boundary: 'reference', client: 'source' })).toEqual([ofUpstreams, withTimeService]);
    expect(classes({ boundary: 'source', client: 'reference' })).toEqual([withTimeService, withTimeService]);
  });
});
