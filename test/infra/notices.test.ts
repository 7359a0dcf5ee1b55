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
    ]);
  });
});
