import { describe, expect, it } from '@jest/globals';
import { createSteppedClock } from '@podtime/aws-endpoint/clock';
import { createCachingView, type ServedZone } from '@podtime/aws-endpoint/dns';
import { createAuthority, createResolver } from '../../src/dns/authority.ts';
import { multivalue, OUTSIDE, zoneOf } from './zone.ts';

const blue = zoneOf('pod', multivalue('ntp.az-a.pod', '10.20.1.10', '2001:db8:20:1::a'));
const green = zoneOf('green.pod', multivalue('ntp.az-a.green.pod', '10.30.1.10'), {
  ttlSeconds: 900,
  minimumSeconds: 86_400,
});

describe("the zone's name servers", () => {
  const authority = createAuthority(() => [blue, green]);
  const codes = (name: string, type: string) => {
    const { rcode, answers, authority: soa } = authority.ask(name, type);
    return [rcode, answers.map(({ data }) => data), soa.map(({ name: of, ttl }) => `${of} ${ttl}`)];
  };

  it('answer what the records hold', () => {
    expect(authority.ask('NTP.az-A.pod', 'AAAA')).toEqual({
      rcode: 'NOERROR',
      authoritative: true,
      answers: [{ name: 'NTP.az-A.pod', type: 'AAAA', ttl: 30, data: '2001:db8:20:1::a' }],
      authority: [],
    });
    expect(codes('pod', 'NS')).toEqual(['NOERROR', ['ns-1536.awsdns-00.co.uk', 'ns-0.awsdns-00.com'], []]);
    expect(authority.ask('pod', 'SOA').answers.map(({ type, ttl }) => [type, ttl])).toEqual([['SOA', 60]]);
  });

  it('tell a name without such a record from no name, with the SOA of the zone that it is missing in', () => {
    expect(codes('az-a.pod', 'A')).toEqual(['NOERROR', [], ['pod 60']]);
    expect(codes('ntp.az-a.pod', 'TXT')).toEqual(['NOERROR', [], ['pod 60']]);
    expect(codes('ntp.az-b.pod', 'A')).toEqual(['NXDOMAIN', [], ['pod 60']]);
    expect(codes('ntp.az-b.pod', 'MX')).toEqual(['NXDOMAIN', [], ['pod 60']]);
    // of two zones within each other the inner one speaks
    expect(codes('ntp.az-a.green.pod', 'A')).toEqual(['NOERROR', ['10.30.1.10'], []]);
    expect(codes('ntp.az-b.green.pod', 'A')).toEqual(['NXDOMAIN', [], ['green.pod 900']]);
  });

  it('refuse what is outside, and deny no record that they cannot tell', () => {
    expect(codes('example.com', 'A')).toEqual(['REFUSED', [], []]);
    expect(codes('tripod', 'A')).toEqual(['REFUSED', [], []]);
    expect(codes('pod', 'AXFR')).toEqual(['NOTIMP', [], []]);
    const text = { ...(blue.sets[0] as ServedZone['sets'][number]), name: 'pod.', type: 'TXT', values: ['"hello"'] };
    const telling = createAuthority(() => [{ ...blue, sets: [...blue.sets, text] }]);
    expect(telling.ask('pod', 'TXT').rcode).toBe('NOTIMP');
  });
});

describe('the resolver', () => {
  it('keeps what it was told, good and bad, for as long as the records say, and tells the time that is left', async () => {
    let zones = [blue];
    const clock = createSteppedClock();
    const resolver = createResolver(
      () => zones,
      OUTSIDE,
      (view) => createCachingView(view, clock),
    );
    const lookupOf = (name: string) => {
      const { rcode, answers, authority } = resolver.ask(name, 'A');
      return [rcode, ...answers.map(({ data, ttl }) => `${data} ${ttl}`), ...authority.map(({ ttl }) => `SOA ${ttl}`)];
    };
    const both = () => [lookupOf('ntp.az-a.pod'), lookupOf('ntp.az-b.pod')];
    expect(both()).toEqual([
      ['NOERROR', '10.20.1.10 30'],
      ['NXDOMAIN', 'SOA 60'],
    ]);
    zones = [zoneOf('pod', [...multivalue('ntp.az-a.pod', '10.20.1.66'), ...multivalue('ntp.az-b.pod', '10.20.2.10')])];
    await clock.advance(29_000);
    expect(both()).toEqual([
      ['NOERROR', '10.20.1.10 1'],
      ['NXDOMAIN', 'SOA 31'],
    ]);
    await clock.advance(1_000);
    expect(both()).toEqual([
      ['NOERROR', '10.20.1.66 30'],
      ['NXDOMAIN', 'SOA 30'],
    ]);
    await clock.advance(30_000);
    expect(both()).toEqual([
      ['NOERROR', '10.20.1.66 30'],
      ['NOERROR', '10.20.2.10 30'],
    ]);
  });

  it('knows the upstream servers, and no other name of the outside', () => {
    const resolver = createResolver(
      () => [blue],
      OUTSIDE,
      (view) => view,
    );
    const lookupOf = (name: string, type: string) => {
      const { rcode, answers } = resolver.ask(name, type);
      return [rcode, ...answers.map(({ data }) => data)];
    };
    expect(lookupOf('us-west-2b.stratum-2.invalid', 'A')).toEqual(['NOERROR', '192.0.2.11']);
    expect(lookupOf('us-west-2b.stratum-2.invalid', 'AAAA')).toEqual(['NOERROR', '2001:db8:ffff::11']);
    expect(lookupOf('us-west-2c.stratum-2.invalid', 'AAAA')).toEqual(['NOERROR']);
    expect(lookupOf('us-west-2d.stratum-2.invalid', 'A')).toEqual(['NXDOMAIN']);
    expect(lookupOf('pool.ntp.example', 'A')).toEqual(['NXDOMAIN']);
  });
});
