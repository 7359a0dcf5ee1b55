import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { type ConfigFile, render } from '../../src/config/files.ts';
import type { Target } from '../../src/config/target.ts';
import type { Version } from '../../src/config/versions.ts';
import { type Fleet, type Pod, TIERS } from '../../src/fleet/fleet.ts';
import { readTimeService, readUpstream } from '../../src/fleet/sources.ts';
import fleet from '../builders/shipped-fleet.ts';
import { faultsIn } from './daemon-log.ts';
import { type Daemon, HOST, run, whyNot } from './namespace.ts';

type OldAndNew = Exclude<Daemon, 'ntpd-rs'>;
const FILE: Record<OldAndNew, ConfigFile> = {
  ntpsec: 'ntpsec.conf',
  chrony: 'chrony.conf',
  'chrony-4.6': 'chrony.conf',
  'chrony-testing': 'chrony.conf',
};
const VERSION: Record<OldAndNew, Version> = {
  ntpsec: [1, 2, 2],
  chrony: [4, 3],
  'chrony-4.6': [4, 6, 1],
  // or later: its file is the same
  'chrony-testing': [4, 8],
};
const [blue, green] = fleet.pods as [Pod, Pod];
const REFERENCE: Fleet = { ...fleet, timeService: readTimeService('reference') };
const BY_TIER: Fleet = {
  ...fleet,
  timeService: readTimeService({ boundary: 'reference', client: 'source', poll: { min: 5, max: 7 } }),
  upstreams: [
    { host: '192.0.2.7', poll: { min: 8, max: 12 } },
    { host: '192.0.2.8', poll: { max: 6 } },
  ].map(readUpstream),
};
const IPV6_ONLY: Pod = { ...blue, networks: ['2001:db8:20::/56'] };
const POLLED: Pod = { ...blue, association: 'pool', poll: { min: 4, max: 17 } };
/** All that a pod's daemons can be told beside their sources. */
const TOLD: Pod = {
  ...blue,
  step: { thresholdSeconds: 0.5, limit: 3, panicSeconds: 1000 },
  leapFile: '/usr/share/zoneinfo/leap-seconds.list',
  extra: {
    ...blue.extra,
    chrony: ['maxupdateskew 50', 'minsources 2'],
    ntpsec: ['tinker stepout 60', 'tos minsane 2'],
  },
};
const SECONDS = 1000;

/** The sources a file names; what has no address yet is a name. */
function sourcesOf(text: string): string[] {
  return text.split('\n').flatMap((line) => /^(?:server|pool) (\S+)/.exec(line)?.[1] ?? []);
}

/** Rows of `ntpq -pnw`, where a long name takes a line of its own, or of `chronyc sources`. */
function rowsOf(sources: string): number {
  return sources.split('\n').filter((line) => /^\^|\s\.[A-Z]+\.\s/.test(line)).length;
}

/** As many at once as two cores bear. */
async function inTurns<T>(items: T[], work: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const turn = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await work(next);
  };
  await Promise.all(Array.from({ length: 6 }, turn));
}

describe.each<OldAndNew>(['ntpsec', 'chrony', 'chrony-4.6', 'chrony-testing'])('%s itself', (daemon) => {
  const reason = whyNot(daemon);
  const really = reason === null ? it : it.skip;
  const because = reason === null ? '' : ` (skipped: ${reason})`;
  const rendered = (target: Target) => render(FILE[daemon], target, VERSION[daemon]).text;

  const every: Target[] = [
    ...fleet.pods.flatMap((pod) => TIERS.flatMap((tier) => pod.azs.map((az) => ({ fleet, pod, tier, az })))),
    ...[IPV6_ONLY, POLLED, TOLD].flatMap((pod) => TIERS.map((tier) => ({ fleet, pod, tier, az: 'us-west-2a' }))),
    ...[REFERENCE, BY_TIER].flatMap((each) =>
      TIERS.map((tier) => ({ fleet: each, pod: blue, tier, az: 'us-west-2a' })),
    ),
  ];

  // a daemon reads no comments: of files that differ in nothing else it is given one
  const distinct = [...new Map(every.map((target) => [rendered(target).replaceAll(/^#.*\n/gm, ''), target])).values()];

  really(
    `takes every file rendered for it without a word of complaint, and polls what the file says${because}`,
    async () => {
      await inTurns(distinct, async (target) => {
        const text = rendered(target);
        const { log, sources } = await run(daemon, text);
        expect({ target: [target.pod.name, target.tier, target.az], faults: faultsIn(log) }).toMatchObject({
          faults: [],
        });
        // names have no address in there: ntpsec shows one row for each, at times as 0.0.0.0, chronyc hides them
        const named = sourcesOf(text);
        const literals = named.filter((source) => /^[\d.]+$|:/.test(source));
        for (const literal of literals) expect(sources).toContain(` ${literal} `);
        expect(rowsOf(sources)).toBe(daemon === 'ntpsec' ? named.length : literals.length);
      });
    },
    120 * SECONDS,
  );

  really(
    `goes on without the list of leap seconds that its file names, and says so${because}`,
    async () => {
      const text = rendered({ fleet, pod: TOLD, tier: 'boundary', az: 'us-west-2a' });
      const missing = text.replace(/^(leap.*?) .*$/m, '$1 /nowhere/leap-seconds.list');
      expect(missing).not.toBe(text);
      const { log, sources } = await run(daemon, missing);
      expect(faultsIn(log).filter((line) => line.includes('/nowhere/leap-seconds.list'))).not.toEqual([]);
      expect(sources).toContain(' 169.254.169.123 ');
    },
    60 * SECONDS,
  );

  const probe = join(import.meta.dirname, 'probe.cjs');
  const POD_V4 = '10.20.0.5';
  const POD_V6 = '2001:db8:20::5';
  const [STRANGER_V4, STRANGER_V6] = ['172.31.9.5', '2001:db8:ffff::5'];
  const questions = [
    `client,${POD_V4},${POD_V4}`,
    `client,${POD_V6},${POD_V6}`,
    `client,${STRANGER_V4},${POD_V4}`,
    `client,${STRANGER_V6},${POD_V6}`,
    `control,${POD_V4},${POD_V4}`,
    `control,${POD_V6},${POD_V6}`,
    `control,${STRANGER_V4},${POD_V4}`,
  ];
  const asking = `"${process.execPath}" "${probe}" ${questions.join(' ')}`;

  really(
    `as a boundary server answers the pod in both families, strangers never, administration from nowhere else${because}`,
    async () => {
      expect(HOST.addresses).toContain(`${POD_V4}/16`);
      const { answers, sources } = await run(
        daemon,
        rendered({ fleet, pod: blue, tier: 'boundary', az: 'us-west-2b' }),
        asking,
      );
      expect(answers).toEqual(['answered', 'answered', 'nothing', 'nothing', 'nothing', 'nothing', 'nothing']);
      // its own host asked, and was told
      expect(sources).toContain('169.254.169.123');
    },
    30 * SECONDS,
  );

  really(
    `as a client answers nobody${because}`,
    async () => {
      const { answers } = await run(daemon, rendered({ fleet, pod: blue, tier: 'client', az: 'us-west-2b' }), asking);
      expect(answers).toEqual(Array.from({ length: questions.length }, () => 'nothing'));
    },
    30 * SECONDS,
  );

  const spoilt: Record<OldAndNew, [string, string][]> = {
    ntpsec: [
      ['restrict -6 default ignore', 'restrict default -6 ignore'],
      ['nomodify noquery', 'nomodify nopeer noquery'],
      ['interface ignore all', 'disable monitor\nrestrict default limited'],
      ['tos maxclock', 'toss maxclock'],
    ],
    chrony: [
      ['rtcsync', 'rtcsyncs'],
      ['bindcmdaddress ::1', 'bindcmdaddress ::x'],
      ['iburst', 'i-burst'],
      // of later versions
      ['rtcsync', 'refresh 128'],
      ['iburst', 'iburst maxunreach 6'],
    ],
    'chrony-4.6': [
      ['rtcsync', 'rtcsyncs'],
      ['iburst', 'iburst maxunreach 6'],
    ],
    'chrony-testing': [
      ['rtcsync', 'rtcsyncs'],
      ['maxunreach 6', 'maxunreach x'],
      ['maxunreach 6', 'maxunreached 6'],
    ],
  };

  really(
    `complains of files that are spoilt, so that its silence means something${because}`,
    async () => {
      await inTurns(spoilt[daemon], async ([from, to]) => {
        const tier = from.startsWith('tos') ? 'client' : 'boundary';
        const good = rendered({ fleet, pod: green, tier, az: 'us-west-2b' });
        expect(good).toContain(from);
        const { log } = await run(daemon, good.replace(from, to));
        expect({ to, faults: faultsIn(log) }).not.toEqual({ to, faults: [] });
      });
    },
    60 * SECONDS,
  );
});

describe('ntpsec', () => {
  const reason = whyNot('ntpsec');
  const really = reason === null ? it : it.skip;

  really(
    `listens on the host's own addresses of the pod and on no others${reason === null ? '' : ` (skipped: ${reason})`}`,
    async () => {
      const { log } = await run(
        'ntpsec',
        render('ntpsec.conf', { fleet, pod: blue, tier: 'boundary', az: 'us-west-2b' }).text,
      );
      const listening = [...log.matchAll(/Listen normally on \d+ \S+ (\S+):123$/gm)].map(([, address]) => address);
      expect(listening.toSorted()).toEqual(['10.20.0.5', '127.0.0.1', '[2001:db8:20::5]', '[::1]']);
    },
    30 * SECONDS,
  );
});
