import { describe, expect, it } from '@jest/globals';
import { render } from '../../src/config/files.ts';
import { type Fleet, type Pod, TIERS } from '../../src/fleet/fleet.ts';
import { readTimeService } from '../../src/fleet/sources.ts';
import fleet from '../builders/shipped-fleet.ts';
import { brokenRules, RULES } from './classic-rules.ts';

const [blue, green] = fleet.pods as [Pod, Pod];
const IPV6_ONLY: Pod = { ...blue, name: 'six', networks: ['2001:db8:20::/56', 'fd12:3456:789a::/48'] };
const REFERENCE: Fleet = { ...fleet, timeService: readTimeService('reference') };

describe('ntp.conf, for the classic ntpd', () => {
  const every = [fleet, REFERENCE].flatMap((each) =>
    [blue, green, IPV6_ONLY].flatMap((pod) =>
      TIERS.flatMap((tier) => pod.azs.map((az) => ({ fleet: each, pod, tier, az }))),
    ),
  );

  it.each(every)('keeps every rule: $pod.name $tier $az, time service $fleet.timeService.mode.boundary', (target) => {
    const { networks } = target.pod;
    expect(brokenRules(render('ntp.conf', target).text, { tier: target.tier, networks })).toEqual([]);
  });
});

describe('the rules themselves', () => {
  const good = render('ntp.conf', { fleet, pod: blue, tier: 'boundary', az: 'us-west-2b' }).text;
  const spoilt: [string, string | RegExp, string][] = [
    ['every line is one that ntpd parses', 'disable monitor', 'disable monlist'],
    ['restrict flags are flags', 'notrap nopeer noquery', 'notrap nopeer noqueries'],
    ['restrict -6 stands before default', 'restrict -6 default ignore', 'restrict default -6 ignore'],
    ['strangers are ignored in both families', 'restrict -6 default ignore\n', ''],
    ['this host may do everything, over both families', 'restrict ::1\n', ''],
    ['IPv6 networks are restricted without -6', 'restrict 2001:db8:20::', 'restrict -6 2001:db8:20::'],
    ['answers of sources are admitted, without administration', /restrict source.*\n/, ''],
    ['answers of sources are admitted, without administration', /(restrict source.*) noquery\n/, '$1\n'],
    ['restrict source has no nopeer', /(restrict source.*)\n/, '$1 nopeer\n'],
    ["a boundary server admits the pod's networks and no others, a client none", /restrict 10\.20.*\n/, ''],
    ["a boundary server admits the pod's networks and no others, a client none", 'mask 255.255.0.0', 'mask 255.0.0.0'],
    ['networks may ask for the time only', 'nomodify notrap nopeer noquery', 'notrap nopeer noquery'],
    ['logconfig sets once and then adds', /logconfig .*/, 'logconfig =clockall =peerall =sysall =syncall'],
    ['it listens by network, and first of all nowhere', 'interface ignore all\n', ''],
    ['it listens by network, and first of all nowhere', 'interface listen 10.20.0.0/16', 'interface listen eth0'],
    ['monitoring is off', 'disable monitor\n', ''],
    ['every source has iburst', 'server us-west-2b.stratum-2.invalid iburst', 'server us-west-2b.stratum-2.invalid'],
    ['no source stands twice', 'us-west-2b.stratum-2', 'us-west-2c.stratum-2'],
  ];

  it.each(spoilt)('%s: seen broken', (rule, from, to) => {
    const text = good.replace(from, to);
    expect(text).not.toBe(good);
    expect(brokenRules(text, { tier: 'boundary', networks: blue.networks })).toContain(rule);
  });

  it('are each seen broken', () => {
    expect([...new Set(spoilt.map(([rule]) => rule))].toSorted()).toEqual(Object.keys(RULES).toSorted());
  });
});
