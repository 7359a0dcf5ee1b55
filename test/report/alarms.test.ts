import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { alarmRules } from '../../infra/monitoring/alarm-rules.ts';
import type { Tier } from '../../src/fleet/fleet.ts';
import { alarmsOf, alarmsOfHost } from '../../src/report/alarms.ts';
import type { Seen } from '../../src/report/page/view.ts';
import { alarm, whatToDo } from '../../src/report/page/what-to-do.ts';
import type { HostReport, Report } from '../../src/report/report.ts';
import { runbookAnchor } from '../../src/report/runbook.ts';
import { SCENARIOS } from '../builders/status-scenarios.ts';

const HEALTHY = (SCENARIOS.healthy as () => Seen)();
const { pod } = HEALTHY;
const SECTIONS = new Set(
  [...readFileSync(join(import.meta.dirname, '../../docs/runbook.md'), 'utf8').matchAll(/^## ([\w-]+)$/gm)].map(
    ([, name]) => name,
  ),
);

/** The healthy pod, the first `count` hosts of a tier so. */
function withHosts(tier: Tier, count: number, given: Partial<HostReport>): Report {
  let left = count;
  const hosts = HEALTHY.report.hosts.map((host) => {
    if (host.tier !== tier || left === 0) return host;
    left -= 1;
    return { ...host, ...given, measures: { ...host.measures, ...given.measures } };
  });
  return { ...HEALTHY.report, hosts };
}

const votes = (liesLeft: number, lossesLeft: number): Report['clocks'] => {
  const fewest = (number: number) => ({ votes: number, hosts: 1, instanceIds: [] });
  return {
    contradicted: [],
    unwitnessed: [],
    votes: [{ tier: 'boundary', hosts: 3, liesLeft: fewest(liesLeft), lossesLeft: fewest(lossesLeft) }],
  };
};
const refused = (sentence: string) => [{ rule: 'roll-out-stopped', count: 1, subjects: ['blue'], sentence }];
const ILL = { confident: false };

const CASES: [string, Report, string[]][] = [
  ['nothing is wrong', HEALTHY.report, []],
  [
    'a client is adrift',
    withHosts('client', 1, { ...ILL, state: 'adrift', measures: { offsetMs: 80 } }),
    ['client-adrift'],
  ],
  [
    'a server is far from AWS',
    withHosts('boundary', 1, { ...ILL, state: 'adrift', measures: { timeServiceOffsetMs: -4000 } }),
    ['boundary-adrift-from-time-service'],
  ],
  ['a server is contradicted', withHosts('boundary', 1, { ...ILL, state: 'contradicted' }), ['boundary-contradicted']],
  ['a client has no daemon', withHosts('client', 1, { ...ILL, state: 'no-daemon' }), ['client-unsynchronised']],
  ['a client is in holdover', withHosts('client', 1, { ...ILL, state: 'holdover' }), ['client-holdover']],
  ['a client is uncertain', withHosts('client', 1, { ...ILL, state: 'uncertain' }), ['client-uncertain']],
  ['a client is stale', withHosts('client', 1, { stale: 0 }), ['client-stale']],
  ['few clients are silent', withHosts('client', 3, { ...ILL, state: 'unknown' }), []],
  ['many clients are silent', withHosts('client', 9, { ...ILL, state: 'unknown' }), ['client-coverage']],
  ['no server is confident', withHosts('boundary', 3, { ...ILL }), ['boundary-below-floor']],
  [
    'an upstream lies',
    { ...HEALTHY.report, clocks: { contradicted: ['It lies.'], unwitnessed: [] } },
    ['watchdog-upstream-contradicted'],
  ],
  ['a server may lose no clock', { ...HEALTHY.report, clocks: votes(0, 0) }, ['boundary-lies-left']],
  [
    'a roll-out stopped',
    { ...HEALTHY.report, refusals: refused('The roll-out of the client tier stopped.') },
    ['client-roll-out-stopped'],
  ],
];

describe('the alarms that ring for a report', () => {
  it.each(CASES)('where %s', (_, report, keys) => {
    expect(alarmsOf(report, pod, HEALTHY.nowMs)).toEqual(keys);
    for (const key of keys) {
      expect(alarmRules(pod).map((rule) => rule.key)).toContain(key);
      expect(SECTIONS).toContain(runbookAnchor(key));
    }
  });

  it('is the one of silence alone once podtime looks no more', () => {
    const late = HEALTHY.report.endedAtMs + 3_600_000;
    expect(alarmsOf(withHosts('client', 9, { ...ILL, state: 'adrift' }), pod, late)).toEqual(['watchdog-silent']);
  });

  it('has one of losses where a pod sets lies to none', () => {
    const own = { ...pod, alarms: { ...pod.alarms, liesLeft: 0 } };
    expect(alarmsOf({ ...HEALTHY.report, clocks: votes(0, 0) }, own, HEALTHY.nowMs)).toEqual(['boundary-losses-left']);
  });

  it('is of a host what it is counted in', () => {
    const [host] = HEALTHY.report.hosts as [HostReport];
    expect(alarmsOfHost(host, pod)).toEqual([]);
    expect(alarmsOfHost({ ...host, state: 'unknown' }, pod)).toEqual(['boundary-coverage']);
    expect(alarmsOfHost({ ...host, state: 'contradicted', measures: { offsetMs: 70 } }, pod)).toEqual([
      'boundary-contradicted',
      'boundary-adrift',
    ]);
  });
});

describe('what to do', () => {
  const places = { stage: 'prod', runbookUrl: '', pagesUrl: '' };

  it('is a section of the runbook and the alarm, a link where its address is given', () => {
    const link = 'href="https://git.example.com/runbook.md#adrift"';
    const given = whatToDo(['client-adrift'], pod, { ...places, runbookUrl: 'https://git.example.com/runbook.md' });
    expect(given.markup).toContain(link);
    expect(given.markup).toContain('>podtime-prod-blue-client-adrift</a>');
    expect(whatToDo(['client-adrift'], pod, places).markup).toContain('(<code>docs/runbook.md#adrift</code>)');
    expect(whatToDo(['client-adrift'], pod, { ...places, runbookUrl: 'javascript:alert(1)' }).markup).not.toContain(
      'href="javascript',
    );
  });

  it.each([
    ['us-west-2', 'https://us-west-2.console.aws.amazon.com/cloudwatch/home?region=us-west-2#alarmsV2:alarm/'],
    ['cn-north-1', 'https://cn-north-1.console.amazonaws.cn/cloudwatch/home?region=cn-north-1#alarmsV2:alarm/'],
    [
      'us-gov-west-1',
      'https://us-gov-west-1.console.amazonaws-us-gov.com/cloudwatch/home?region=us-gov-west-1#alarmsV2:alarm/',
    ],
  ])('leads to the console of %s', (region, address) => {
    expect(alarm('client-adrift', { name: 'blue', region }, places).markup).toContain(
      `href="${address}podtime-prod-blue-client-adrift"`,
    );
  });
});
