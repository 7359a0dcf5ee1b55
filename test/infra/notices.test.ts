import { describe, expect, it } from '@jest/globals';
import { fleetNotices } from '../../infra/notices.ts';
import { type Fleet, findPod, type Pod } from '../../src/fleet/fleet.ts';
import { readTimeService, readUpstream } from '../../src/fleet/sources.ts';
import fleet from '../builders/shipped-fleet.ts';

const blue = findPod(fleet, 'blue') as Pod;

describe('what packaging tells of a fleet', () => {
  const tellsOf = (given: Partial<Fleet>) =>
    fleetNotices({ ...fleet, pods: [blue], ...given }).map((sentence) => sentence.replace(/\d.*/, '…'));

  it('is how a pod is rolled out, which function is its watchdog, and what its votes want', () => {
    expect(tellsOf({})).toEqual(['blue: …', 'Pod blue is built for …', "Pod blue: a client's …"]);
    const upstreams = ['a.invalid', 'b.invalid', 'c.invalid'].map(readUpstream);
    const timeService = readTimeService({ boundary: 'reference', client: 'source' });
    expect(tellsOf({ upstreams, timeService })).toEqual(['blue: …', 'Pod blue is built for …']);
    expect(tellsOf({ upstreams: upstreams.slice(1), timeService })).toEqual([
      'blue: …',
      'Pod blue is built for …',
      'Pod blue: a boundary server follows …',
      'Pod blue: alarms.liesLeft …',
      'Pod blue: alarms.lossesLeft …',
    ]);
  });

  it('is first who is refused where upstreams are asked with NTS', () => {
    const upstreams = ['a.invalid', { host: 'b.invalid', nts: true }, { host: 'c.invalid', nts: true }].map(
      readUpstream,
    );
    expect(fleetNotices({ ...fleet, pods: [blue], upstreams })[0]).toBe(
      'NTS with b.invalid and c.invalid: boundary servers need chrony 4.0, ntpsec 1.2.0 and ntpd-rs, or later, and TCP 4460 to the internet beside UDP 123. The classic ntpd and older versions have no NTS: they are refused a file, keep the one they have, and reports name them.',
    );
  });
});
