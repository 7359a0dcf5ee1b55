import { describe, expect, it } from '@jest/globals';
import { countDaemons, type DaemonCount } from '../../src/diagnosis/daemons.ts';
import type { Fleet, Pod, SmearClass } from '../../src/fleet/fleet.ts';
import { readTimeService, readUpstream } from '../../src/fleet/sources.ts';
import { RUNNING_DAEMONS } from '../../src/host/collected.ts';
import { leapReportOf } from '../../src/report/leap.ts';
import { readReport } from '../../src/report/read-report.ts';
import { sentencesOf } from '../../src/report/sentences.ts';
import { blueHost } from '../builders/blue-pod.ts';
import { emptyReport } from '../builders/empty-report.ts';
import shipped from '../builders/shipped-fleet.ts';

const SECOND = { atMs: Date.UTC(2027, 0, 1), sign: 'add' as const };
const fleet = (classes: SmearClass[], timeService: Parameters<typeof readTimeService>[0] = 'reference'): Fleet => ({
  ...shipped,
  upstreams: classes.map((smear, index) => readUpstream({ host: `upstream${index}.invalid`, smear })),
  timeService: readTimeService(timeService),
});
const [POD] = shipped.pods as [Pod];
const served = (given: Fleet, pod: Partial<Pod> = {}) => ({ fleet: given, pod: { ...POD, ...pod } });
const group = (given: Partial<DaemonCount> = {}): DaemonCount => ({
  tier: 'client',
  daemon: 'chrony',
  unmanaged: false,
  hosts: 3,
  ...given,
});
const BACK = 'the kernel sets the clock back by one second at 00:00:00 UTC, so that 23:59:59 comes twice';
const AHEAD = 'the kernel sets the clock ahead by one second at 23:59:59 UTC, so that 23:59:59 does not come';
const MIXED = 'not known: they follow sources of utc and aws, and around it now one, now another, up to a second apart';

describe('what hosts do at a leap second', () => {
  const NOON = 'from noon to noon UTC';
  const cases: [what: string, DaemonCount, Fleet, follows: SmearClass[], add: string, deleted: string][] = [
    ['utc', group(), fleet(['utc']), ['utc'], BACK, AHEAD],
    [
      'the time service',
      group(),
      fleet(['aws'], 'source'),
      ['aws'],
      `no step: with AWS the clock runs 11.6 ppm slow ${NOON}, up to half a second from UTC`,
      `AWS says nothing of deleted seconds: smeared alike, the clock runs 11.6 ppm fast ${NOON}`,
    ],
    [
      'Google',
      group(),
      fleet(['google']),
      ['google'],
      `no step: with Google the clock runs 11.6 ppm slow ${NOON}, up to half a second from UTC`,
      `Google never deleted one: smeared alike, the clock runs 11.6 ppm fast ${NOON}`,
    ],
    [
      'Meta',
      group(),
      fleet(['meta']),
      ['meta'],
      'no step: with Meta the clock runs slow for 17 hours from the leap second on, at first a second from UTC',
      'Meta never deleted one: smeared alike, the clock runs fast for 17 hours from the leap second on',
    ],
    ['two classes', group(), fleet(['utc'], 'source'), ['utc', 'aws'], MIXED, MIXED],
    [
      'servers of one class, and clients of two',
      group({ tier: 'boundary' }),
      fleet(['utc'], { boundary: 'reference', client: 'source' }),
      ['utc'],
      BACK,
      AHEAD,
    ],
    [
      'nobody of podtime’s',
      group({ unmanaged: true }),
      fleet(['utc']),
      [],
      "not known: they poll no server of podtime's",
      "not known: they poll no server of podtime's",
    ],
    [
      'a daemon that is not read',
      group({ daemon: 'openntpd' }),
      fleet(['utc']),
      ['utc'],
      'not known: podtime does not read openntpd',
      'not known: podtime does not read openntpd',
    ],
  ];

  it.each(cases)('hangs on what they follow: %s', (_, daemons, given, follows, add, deleted) => {
    const { tier, daemon, hosts } = daemons;
    expect(leapReportOf([daemons], served(given), null)).toEqual({
      groups: [{ tier, daemon, follows, hosts, add, delete: deleted }],
    });
  });

  describe('is told of ntpd-rs by what it can ask', () => {
    const literal: Fleet = {
      ...fleet([]),
      upstreams: [{ host: '2001:db8::7', smear: 'google' as const }, 'a.invalid'].map(readUpstream),
    };
    const SERVERS = { boundaryServers: 3, networks: ['10.20.0.0/16'] };
    const IPV6_ONLY = { ...SERVERS, networks: ['2001:db8:20::/56'] };
    const servers = (daemon: DaemonCount['daemon'], hosts = 3) => group({ tier: 'boundary', daemon, hosts });
    const ofClients = fleet(['utc'], { boundary: 'reference', client: 'source' });
    const all = fleet(['utc'], 'source');
    const literals = { ...literal, upstreams: literal.upstreams.slice(0, 1) };
    const NO_FILE = 'not known: podtime has no file for ntpd-rs there';

    it.each<[string, Fleet, Partial<Pod>, DaemonCount[], SmearClass[][]]>([
      ['no IPv6 literal', literal, SERVERS, [servers('ntpd-rs')], [['utc']]],
      ['as others can', literal, SERVERS, [servers('chrony')], [['utc', 'google']]],
      ['a client what its servers do', literal, SERVERS, [servers('ntpd-rs'), group()], [['utc'], ['utc']]],
      [
        'also where it runs ntpd-rs and they do not',
        literal,
        SERVERS,
        [servers('chrony'), group({ daemon: 'ntpd-rs' })],
        [
          ['utc', 'google'],
          ['utc', 'google'],
        ],
      ],
      [
        'of which one has not answered',
        literal,
        SERVERS,
        [servers('ntpd-rs', 2), group()],
        [['utc'], ['utc', 'google']],
      ],
      [
        'no time service in a pod of IPv6 alone',
        ofClients,
        IPV6_ONLY,
        [servers('chrony'), group(), group({ daemon: 'ntpd-rs' })],
        [['utc'], ['utc', 'aws'], ['utc']],
      ],
      [
        'but through its servers',
        all,
        IPV6_ONLY,
        [servers('chrony', 1), servers('ntpd-rs', 2), group({ daemon: 'ntpd-rs' })],
        [['utc', 'aws'], ['utc'], ['utc', 'aws']],
      ],
      ['the time service by IPv4', all, SERVERS, [servers('ntpd-rs')], [['utc', 'aws']]],
      [
        'nothing that is known, where it has no file',
        literals,
        SERVERS,
        [servers('ntpd-rs'), group()],
        [[], ['google']],
      ],
    ])('%s', (_, given, pod, daemons, follows) => {
      const { groups } = leapReportOf(daemons, served(given, pod), null);
      expect(groups.map((each) => each.follows)).toEqual(follows);
      expect(groups.filter(({ add }) => add === NO_FILE).length).toBe(follows.filter(([first]) => !first).length);
    });
  });

  it('is said when one was announced, by its sign, and is in the report at any time', () => {
    const daemons = [group({ tier: 'boundary', daemon: 'ntpsec', hosts: 1 }), group()];
    const sentencesFor = (second: typeof SECOND | { atMs: number; sign: 'delete' } | null) => {
      const report = { ...emptyReport('blue'), leap: leapReportOf(daemons, served(fleet(['utc'])), second) };
      expect(readReport(JSON.stringify(report), 'blue').report).toEqual(report);
      return sentencesOf(report).slice(1);
    };
    const judged = 'UTC: for a day before and after it sources that smear it differently are not judged by each other.';
    expect(sentencesFor(null)).toEqual([]);
    expect(sentencesFor(SECOND)).toEqual([
      `A leap second is added at the end of 2026-12-31 ${judged}`,
      `1 boundary server on ntpsec: ${BACK}.`,
      `3 clients on chrony: ${BACK}.`,
    ]);
    expect(sentencesFor({ ...SECOND, sign: 'delete' })).toEqual([
      `A leap second is deleted at the end of 2026-12-31 ${judged}`,
      `1 boundary server on ntpsec: ${AHEAD}.`,
      `3 clients on chrony: ${AHEAD}.`,
    ]);
  });

  it('takes as much room in a pod of 10,000 as in one of a few', () => {
    const clocks = Array.from({ length: 10_000 }, (_, index) => ({
      host: blueHost(`i-${index}`, { tier: index % 2 ? 'client' : 'boundary' }),
      daemon: RUNNING_DAEMONS[index % RUNNING_DAEMONS.length] ?? null,
    }));
    const daemons = countDaemons(
      clocks,
      clocks.map((_, index) => ({ unmanaged: index % 3 === 0 })),
    );
    expect(daemons.reduce((sum, { hosts }) => sum + hosts, 0)).toBe(10_000);
    expect(JSON.stringify(leapReportOf(daemons, served(fleet(['utc'], 'source')), SECOND)).length).toBeLessThan(10_000);
  });

  it('is counted of hosts that answered, boundary servers first and the most frequent daemon before the others', () => {
    const clocks = (['chrony', 'ntpsec', null, 'ntpsec', 'ntpd'] as const).map((daemon, index) => ({
      host: blueHost(`i-${index}`, { tier: daemon === 'ntpd' ? 'boundary' : 'client' }),
      daemon,
    }));
    expect(
      countDaemons(
        clocks,
        clocks.map(() => ({ unmanaged: false })),
      ),
    ).toEqual([
      group({ tier: 'boundary', daemon: 'ntpd', hosts: 1 }),
      group({ daemon: 'ntpsec', hosts: 2 }),
      group({ daemon: 'chrony', hosts: 1 }),
    ]);
  });

  it('is counted apart of hosts that poll no server of podtime’s', () => {
    const clocks = [0, 1, 2].map((index) => ({ host: blueHost(`i-${index}`), daemon: 'chrony' as const }));
    const judgements = [{ unmanaged: true }, { unmanaged: false }, { unmanaged: true }];
    expect(countDaemons(clocks, judgements)).toEqual([group({ unmanaged: true, hosts: 2 }), group({ hosts: 1 })]);
  });
});
