import { describe, expect, it } from '@jest/globals';
import { createSteppedClock } from '../src/clock.ts';
import { type RecordSet, setKey } from '../src/route53/record-set.ts';
import { createCachingView, createZoneView } from '../src/route53/zone-view.ts';

const SOA: RecordSet = {
  name: 'pod.',
  type: 'SOA',
  setIdentifier: null,
  multivalue: false,
  ttlSeconds: 900,
  values: ['ns-1536.awsdns-00.co.uk. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400'],
};
const server = (name: string, setIdentifier: string, value: string): RecordSet => ({
  name,
  type: value.includes(':') ? 'AAAA' : 'A',
  setIdentifier,
  multivalue: true,
  ttlSeconds: 30,
  values: [value],
});
const served = (...sets: RecordSet[]) => new Map([SOA, ...sets].map((set) => [setKey(set), set]));

describe('the zone as its name servers answer', () => {
  it('tells a name without such a record from no name at all, both for the negative TTL', () => {
    const view = createZoneView({ name: 'pod.', served: served(server('ntp.az-a.pod.', 'i-1', '10.0.0.1')) });
    expect(view.lookup('ntp.az-a.pod', 'A')).toEqual({ status: 'answer', addresses: ['10.0.0.1'], ttlSeconds: 30 });
    expect(view.lookup('NTP.AZ-A.POD.', 'A').addresses).toEqual(['10.0.0.1']);
    expect(view.lookup('ntp.az-a.pod', 'AAAA')).toEqual({ status: 'nodata', addresses: [], ttlSeconds: 900 });
    expect(view.lookup('ntp.az-b.pod', 'A')).toEqual({ status: 'nxdomain', addresses: [], ttlSeconds: 900 });
    // az-a.pod has no records of its own, but a name below it.
    expect(view.lookup('az-a.pod', 'A').status).toBe('nodata');
  });

  it('rotates the answers of a name', () => {
    const view = createZoneView({
      name: 'pod.',
      served: served(server('ntp.pod.', 'i-1', '10.0.0.1'), server('ntp.pod.', 'i-2', '10.0.0.2')),
    });
    const firsts = [1, 2, 3, 4].map(() => view.lookup('ntp.pod', 'A').addresses[0]);
    expect(firsts).toEqual(['10.0.0.2', '10.0.0.1', '10.0.0.2', '10.0.0.1']);
  });

  it('gives eight of many multivalue records at most, each of them in its turn', () => {
    const sets = Array.from({ length: 12 }, (_, at) => server('ntp.pod.', `i-${at}`, `10.0.0.${at + 1}`));
    const view = createZoneView({ name: 'pod.', served: served(...sets) });
    const answers = sets.map(() => view.lookup('ntp.pod', 'A').addresses);
    expect(answers.map((addresses) => addresses.length)).toEqual(sets.map(() => 8));
    expect(new Set(answers.flat()).size).toBe(12);
  });
});

describe('the resolver before it', () => {
  it('keeps an answer for its TTL and tells the time that is left', async () => {
    const clock = createSteppedClock();
    const sets = served(server('ntp.az-a.pod.', 'i-1', '10.0.0.1'));
    const resolver = createCachingView(createZoneView({ name: 'pod.', served: sets }), clock);
    expect(resolver.lookup('ntp.az-a.pod', 'A').ttlSeconds).toBe(30);
    sets.delete(setKey(server('ntp.az-a.pod.', 'i-1', '10.0.0.1')));
    sets.set('new', server('ntp.az-a.pod.', 'i-2', '10.0.0.2'));
    await clock.advance(20_000);
    expect(resolver.lookup('ntp.az-a.pod', 'A')).toEqual({ status: 'answer', addresses: ['10.0.0.1'], ttlSeconds: 10 });
    await clock.advance(10_000);
    expect(resolver.lookup('ntp.az-a.pod', 'A')).toEqual({ status: 'answer', addresses: ['10.0.0.2'], ttlSeconds: 30 });
  });

  it('keeps that a name does not exist for fifteen minutes, unless the SOA says less', async () => {
    const clock = createSteppedClock();
    const sets = served();
    const resolver = createCachingView(createZoneView({ name: 'pod.', served: sets }), clock);
    expect(resolver.lookup('ntp.az-a.pod', 'A').status).toBe('nxdomain');
    sets.set('new', server('ntp.az-a.pod.', 'i-2', '10.0.0.2'));
    await clock.advance(899_000);
    expect(resolver.lookup('ntp.az-a.pod', 'A')).toEqual({ status: 'nxdomain', addresses: [], ttlSeconds: 1 });
    await clock.advance(1_000);
    expect(resolver.lookup('ntp.az-a.pod', 'A').addresses).toEqual(['10.0.0.2']);
  });
});
