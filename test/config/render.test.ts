import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { FILES } from '../../src/config/files.ts';
import { revisionOf, revisionReader } from '../../src/config/revision.ts';
import type { Target } from '../../src/config/target.ts';
import { readVersion } from '../../src/config/versions.ts';
import { type Fleet, findPod, type Pod, TIERS, type Upstream } from '../../src/fleet/fleet.ts';
import { readTimeService, readUpstream } from '../../src/fleet/sources.ts';
import { served } from '../builders/served-files.ts';
import fleet from '../builders/shipped-fleet.ts';

const CASES = join(import.meta.dirname, '..', 'fixtures', 'config');
const [blue, green] = fleet.pods as [Pod, Pod];
const TARGET: Target = { fleet, pod: blue, tier: 'boundary', az: 'us-west-2b' };
const CONFS = FILES.filter((file) => file.endsWith('.conf'));

function lines(file: (typeof FILES)[number], target: Target): string[] {
  return served(file, target).text.split('\n');
}

function polled(target: Target): string[] {
  return lines('ntp.conf', target).filter((line) => /^(server|pool) /.test(line));
}

describe('the files served', () => {
  // POD.TIER.AZ.FILE or POD.TIER.AZ.FILE@VERSION, each read by a person
  it.each(readdirSync(CASES))('%s', (name) => {
    const [, pod, tier, az, file, version] = /^(\w+)\.(\w+)\.([\w-]+)\.([^@]+)(?:@(.+))?$/.exec(name) as string[];
    const target = { fleet, pod: findPod(fleet, pod as string) as Pod, tier: tier as Target['tier'], az: az as string };
    const least = version === undefined ? undefined : (readVersion(version) ?? undefined);
    expect(served(file as (typeof FILES)[number], target, least).text).toBe(readFileSync(join(CASES, name), 'utf8'));
  });
});

/** An upstream that asks for few polls. */
function slow(upstream: Upstream): Upstream {
  return { ...upstream, poll: { min: 8, max: 12 } };
}

describe('a revision', () => {
  const everyFile = fleet.pods.flatMap((pod) =>
    TIERS.flatMap((tier) => pod.azs.flatMap((az) => FILES.map((file) => ({ file, target: { fleet, pod, tier, az } })))),
  );

  it('is the hash of all the rest, and stands in the head once', () => {
    for (const { file, target } of everyFile) {
      const { text, revision } = served(file, target);
      const rest = text.split('\n').filter((line) => line !== `# revision ${revision}`);
      expect(text.split('\n').length - rest.length).toBe(1);
      expect(createHash('sha256').update(rest.join('\n')).digest('hex').slice(0, 16)).toBe(revision);
      expect(text.split('\n').indexOf(`# revision ${revision}`)).toBeLessThan(3);
    }
  });

  it('is another one for each file', () => {
    expect(new Set(everyFile.map(({ file, target }) => served(file, target).revision)).size).toBe(everyFile.length);
  });

  it('is the one that the watchdog expects of each daemon', () => {
    expect(CONFS.map((file) => served(file, TARGET).revision)).toEqual([
      revisionOf(fleet, blue, 'boundary', 'us-west-2b', 'ntpd'),
      revisionOf(fleet, blue, 'boundary', 'us-west-2b', 'ntpsec'),
      revisionOf(fleet, blue, 'boundary', 'us-west-2b', 'chrony'),
    ]);
  });

  it('is that of the version that a host tells; unknown where that decides and is not told', () => {
    const revision = revisionReader(fleet, blue);
    const asked = (daemon: 'ntpd' | 'chrony', version: string | null) =>
      revision({ tier: 'client', az: 'us-west-2b' }, daemon, version);
    const client = { ...TARGET, tier: 'client' } as const;
    const [oldest, ...newer] = [undefined, [4, 4], [4, 8]].map(
      (least) => served('chrony.conf', client, least).revision,
    );
    expect(['4.3', '4.4', '4.6.1', '4.8', '4.9-pre1'].map((version) => asked('chrony', version))).toEqual([
      oldest,
      newer[0],
      newer[0],
      newer[1],
      newer[1],
    ]);
    expect([asked('chrony', null), asked('chrony', 'none')]).toEqual([null, null]);
    const { revision: one } = served('ntp.conf', client);
    expect([asked('ntpd', null), asked('ntpd', 'none'), asked('ntpd', '4.2.8p15')]).toEqual([one, one, one]);
  });

  it('is rendered once for all hosts of a tier, an AZ and a daemon', () => {
    let reads = 0;
    const watched = new Proxy(fleet, {
      get(target, key) {
        reads += 1;
        return Reflect.get(target, key);
      },
    });
    const revision = revisionReader(watched, blue);
    const ask = () =>
      TIERS.flatMap((tier) =>
        blue.azs.flatMap((az) => (['ntpd', 'chrony'] as const).map((daemon) => revision({ tier, az }, daemon, '4.3'))),
      );
    const first = ask();
    const readOnce = reads;
    expect(readOnce).toBeGreaterThan(0);
    expect(first).toEqual(
      TIERS.flatMap((tier) =>
        blue.azs.flatMap((az) =>
          (['ntpd', 'chrony'] as const).map((daemon) => revisionOf(fleet, blue, tier, az, daemon)),
        ),
      ),
    );
    for (let host = 0; host < 1000; host += 1) ask();
    expect(reads).toBe(readOnce);
  });

  it('is none for a daemon that podtime has no file for', () => {
    const revision = revisionReader(fleet, blue);
    expect(
      (['systemd-timesyncd', 'openntpd', 'busybox-ntpd'] as const).map((daemon) =>
        revision({ tier: 'client', az: 'us-west-2b' }, daemon, null),
      ),
    ).toEqual([null, null, null]);
  });

  it('stays when nothing of the file changed: thresholds, ids and other pods are not in it', () => {
    const other: Fleet = {
      ...fleet,
      pods: [{ ...blue, vpc: 'vpc-1', thresholds: { ...blue.thresholds, offsetMs: 7 }, boundaryServers: 5 }],
    };
    for (const file of FILES) {
      expect(served(file, { ...TARGET, fleet: other, pod: other.pods[0] as Pod })).toEqual(served(file, TARGET));
    }
  });

  it('changes with what is in it', () => {
    const changed: [string, Fleet, Pod][] = [
      ['upstreams', { ...fleet, upstreams: [readUpstream('other.invalid')] }, blue],
      ['time service', { ...fleet, timeService: readTimeService('reference') }, blue],
      ['networks', fleet, { ...blue, networks: ['10.20.0.0/17', '2001:db8:20::/56'] }],
      ['polls of an upstream', { ...fleet, upstreams: fleet.upstreams.map(slow) }, blue],
      [
        'polls of the time service',
        { ...fleet, timeService: { ...fleet.timeService, poll: { min: 4, max: 6 } } },
        blue,
      ],
      ['poll', fleet, { ...blue, poll: { min: 7, max: null } }],
    ];
    for (const file of CONFS) {
      for (const [, otherFleet, pod] of changed) {
        expect(served(file, { ...TARGET, fleet: otherFleet, pod }).revision).not.toBe(served(file, TARGET).revision);
      }
    }
  });
});

describe('what is polled', () => {
  const client: Target = { ...TARGET, tier: 'client', az: 'us-west-2e' };

  it("by a client: the time service and every AZ's name, its own first", () => {
    expect(polled(client)).toEqual([
      'server 169.254.169.123 iburst minpoll 4 maxpoll 4',
      'server fd00:ec2::123 iburst noselect minpoll 4 maxpoll 4',
      ...['e', 'a', 'b', 'c', 'd', 'f', 'g'].map((letter) => `server ntp.az-${letter}.pod iburst`),
    ]);
  });

  it('by a boundary server: the time service and the upstreams, and no other boundary server', () => {
    expect(polled(TARGET)).toEqual([
      'server 169.254.169.123 iburst minpoll 4 maxpoll 4',
      'server fd00:ec2::123 iburst noselect minpoll 4 maxpoll 4',
      'server us-west-2b.stratum-2.invalid iburst',
      'server us-west-2c.stratum-2.invalid iburst',
    ]);
  });

  it('of the time service: nothing is followed where it is a reference', () => {
    expect(polled({ ...client, fleet: { ...fleet, timeService: readTimeService('reference') } }).slice(0, 2)).toEqual([
      'server 169.254.169.123 iburst noselect minpoll 4 maxpoll 4',
      'server fd00:ec2::123 iburst noselect minpoll 4 maxpoll 4',
    ]);
  });

  it('of the time service: only what the pod has addresses for, and one of them followed', () => {
    expect(polled({ ...client, pod: { ...blue, networks: ['10.20.0.0/16'] } })[1]).toMatch(/^server ntp\.az-e/);
    expect(polled({ ...client, pod: { ...blue, networks: ['2001:db8:20::/56'] } }).slice(0, 2)).toEqual([
      'server fd00:ec2::123 iburst minpoll 4 maxpoll 4',
      'server ntp.az-e.pod iburst',
    ]);
  });

  it('by pool where the pod says so, at the polls it says, with room for all of them', () => {
    const pooled: Target = { fleet, pod: green, tier: 'client', az: 'us-west-2c' };
    expect(polled(pooled)).toEqual([
      'server 169.254.169.123 iburst minpoll 4 maxpoll 4',
      ...['c', 'a', 'b'].map((letter) => `pool ntp.az-${letter}.green.pod iburst minpoll 6 maxpoll 8`),
    ]);
    // three names, the time service, three servers and their replacements
    expect(lines('ntp.conf', pooled)).toContain('tos maxclock 10');
    expect(polled({ ...pooled, tier: 'boundary' }).filter((line) => line.startsWith('pool'))).toEqual([]);
  });

  it('of the time service: followed by one tier and watched by the other, at the polls that the file says', () => {
    const timeService = readTimeService({ boundary: 'reference', client: 'source', poll: { max: 6 } });
    const target = { ...client, fleet: { ...fleet, timeService } };
    expect(polled(target).slice(0, 2)).toEqual([
      'server 169.254.169.123 iburst minpoll 4 maxpoll 6',
      'server fd00:ec2::123 iburst noselect minpoll 4 maxpoll 6',
    ]);
    expect(polled({ ...target, tier: 'boundary' }).slice(0, 2)).toEqual([
      'server 169.254.169.123 iburst noselect minpoll 4 maxpoll 6',
      'server fd00:ec2::123 iburst noselect minpoll 4 maxpoll 6',
    ]);
  });

  it("of upstreams: at their own polls, else at the pod's, but never below 64 s", () => {
    const upstreams = [
      'a.invalid',
      { host: 'b.invalid', poll: { min: 8, max: 10 } },
      { host: '192.0.2.7', poll: { max: 9 } },
    ];
    const quick: Target = {
      ...TARGET,
      fleet: { ...fleet, upstreams: upstreams.map(readUpstream) },
      pod: { ...blue, poll: { min: 4, max: 5 } },
    };
    expect(polled(quick).slice(2)).toEqual([
      'server a.invalid iburst minpoll 6 maxpoll 6',
      'server b.invalid iburst minpoll 8 maxpoll 10',
      'server 192.0.2.7 iburst minpoll 6 maxpoll 9',
    ]);
    // a pod's own servers may be asked more often
    expect(polled({ ...quick, tier: 'client' }).at(-1)).toBe('server ntp.az-g.pod iburst minpoll 4 maxpoll 5');
  });

  it('reads the same to every daemon', () => {
    for (const tier of TIERS) {
      for (const file of CONFS) {
        const polledLines = lines(file, { ...client, tier }).filter((line) => /^(server|pool) /.test(line));
        expect(polledLines).toEqual(polled({ ...client, tier }));
      }
    }
  });
});

describe('every file', () => {
  it('is ASCII in lines that a terminal shows, with comments on lines of their own', () => {
    for (const file of FILES) {
      for (const line of lines(file, TARGET)) {
        expect(line).toMatch(/^[\x20-\x7e]{0,130}$/);
        if (file !== 'boot.sh') expect(line).toMatch(/^(?:#.*|[^#]*)$/);
      }
    }
  });
});
