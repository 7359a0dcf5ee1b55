import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { NEWER_PROGRAMS, whyNoNewerDaemons } from '../../packages/lab/src/real/newer-daemons.ts';
import { type ConfigFile, render } from '../../src/config/files.ts';
import { judgeAll } from '../../src/diagnosis/judge.ts';
import type { Judgement } from '../../src/diagnosis/judgement.ts';
import type { Fleet, Pod } from '../../src/fleet/fleet.ts';
import { readTimeService, readUpstream } from '../../src/fleet/sources.ts';
import { parseCollected } from '../../src/host/collect.ts';
import type { Collected } from '../../src/host/collected.ts';
import bootText from '../builders/boot-script.ts';
import shipped from '../builders/shipped-fleet.ts';
import { context, server } from '../builders/sightings.ts';
import { write } from '../builders/temporary-folder.ts';
import { CertificateAuthority } from './certificate-authority.ts';
import { bytesToLoseNames, onStack } from './lost-names.ts';
import { cannotHaveNamespaces, Network, type RealHost } from './namespaces.ts';
import { whereIs } from './programs.ts';

// Real daemons on the files that podtime serves boundary servers, real NTS servers with certificates of their own, and podtime's own look.

const reason = cannotHaveNamespaces();
const describeReal = reason === null ? describe : describe.skip;

const HOUR = 3600;
const DAY = 24 * HOUR;

/** Of each server: its address, and from when until when its certificate is valid, seconds from now; null: it has no NTS. */
const SERVERS = {
  good: { address: '10.77.0.1', valid: [-HOUR, DAY] },
  expired: { address: '10.77.0.2', valid: [-DAY, -HOUR] },
  // what every certificate is to a host whose clock is a day behind
  early: { address: '10.77.0.3', valid: [DAY, 2 * DAY] },
  ending: { address: '10.77.0.5', valid: [-20 * HOUR, HOUR] },
  plain: { address: '10.77.0.4', valid: null },
} as const;

type ServerName = keyof typeof SERVERS;

const NAMES = Object.fromEntries(Object.entries(SERVERS).map(([name, { address }]) => [`${name}.example`, address]));
const [blue] = shipped.pods as [Pod];
const POD: Pod = {
  ...blue,
  networks: ['10.77.0.0/24'],
  // what is found is to be told at once, also of a daemon that is seconds old and not yet sure of itself
  thresholds: { ...blue.thresholds, startingSeconds: 0, errorBoundMs: 10_000 },
};

function fleetOf(names: readonly ServerName[], ntsRequired = false): Fleet {
  const upstreams = names.map((name) => readUpstream({ host: `${name}.example`, nts: SERVERS[name].valid !== null }));
  return { ...shipped, pods: [POD], upstreams, timeService: readTimeService('reference'), ntsRequired };
}

const MIXED = fleetOf(['good', 'expired', 'early', 'plain']);

interface Kind {
  file: ConfigFile;
  place: string;
  service: string;
  command: string;
  /** Programs of another version, by the name that they go by. */
  tools: Record<string, string>;
  pidFile: string;
  /** What it prints of its sources, and how a selected one looks there. */
  sources: readonly [string, ...string[]];
  selected: RegExp;
}

const CHRONY: Kind = {
  file: 'chrony.conf',
  place: '/etc/chrony/chrony.conf',
  service: 'chrony',
  command: 'chronyd -x -d -u root -f',
  tools: {},
  pidFile: '/run/chrony/chronyd.pid',
  sources: ['chronyc', '-n', 'sources'],
  selected: /^\^\*/m,
};

/** It must not touch this machine's clock. */
function ntpdCommand(stack: string): string {
  return `${stack} setpriv --bounding-set=-sys_time ntpd -n -g -p /run/ntpd.pid -c`;
}

const NTPSEC: Kind = {
  file: 'ntpsec.conf',
  place: '/etc/ntpsec/ntp.conf',
  service: 'ntpsec',
  command: ntpdCommand(onStack()),
  tools: {},
  pidFile: '/run/ntpd.pid',
  sources: ['ntpq', '-pn'],
  selected: /^\*/m,
};

const { chronyd, chronyc, ntpd, ntpq } = NEWER_PROGRAMS;
const NEWER_CHRONY: Kind = { ...CHRONY, tools: { chronyd, chronyc } };
const NEWER_NTPSEC: Kind = { ...NTPSEC, tools: { ntpd, ntpq } };

const hasNewer = whyNoNewerDaemons() === null;
const CHRONIES: [string, Kind][] = [
  ['chrony', CHRONY],
  ...(hasNewer ? [['chrony 4.6', NEWER_CHRONY] as [string, Kind]] : []),
];
const NTPSECS: [string, Kind][] = [
  ['ntpsec', NTPSEC],
  ...(hasNewer ? [['ntpsec 1.2.3', NEWER_NTPSEC] as [string, Kind]] : []),
];

/** Whether this machine's ntpsec is one that can (`bytesToLoseNames`). */
const losesNames =
  reason === null &&
  /ntpsec-(?:0|1\.[01]|1\.2\.[0-2])\b/.test(
    execFileSync(whereIs('ntpd') ?? 'ntpd', ['--version'], { encoding: 'utf8' }),
  );

describeReal(`boundary servers that ask with NTS${reason === null ? '' : ` (${reason})`}`, () => {
  let network: Network;
  let authority: CertificateAuthority;
  let hosts = 0;

  beforeAll(async () => {
    network = new Network();
    authority = new CertificateAuthority(write({}));
    for (const [name, { address, valid }] of Object.entries(SERVERS)) {
      const host = network.host(name, `${address}/24`);
      const lines = ['local stratum 2', 'allow all', 'cmdport 0'];
      if (valid !== null) {
        const { key, certificate } = authority.issue(`${name}.example`, valid[0], valid[1]);
        lines.push(`ntsserverkey ${key}`, `ntsservercert ${certificate}`);
      }
      host.file('/chrony.conf', `${lines.join('\n')}\n`);
      host.service('chrony', `chronyd -x -d -u root -f ${host.root}/chrony.conf`, '/run/chrony/chronyd.pid');
      await host.run('service', 'chrony', 'start');
    }
  });

  afterAll(() => network?.remove());

  /** A boundary server on what podtime serves it of this fleet, started. */
  async function started(kind: Kind, fleet: Fleet): Promise<RealHost> {
    hosts += 1;
    const host = network.host(`b${hosts}`, `10.77.0.${10 + hosts}/24`);
    host.names(NAMES);
    host.trusts(authority);
    const { text } = render(kind.file, { fleet, pod: POD, tier: 'boundary', az: 'us-west-2a' });
    // but for its folders, which are the machine's here
    host.file(kind.place, text.replaceAll('/var/lib/', `${host.root}/var/lib/`));
    for (const name of ['chrony', 'ntpsec']) mkdirSync(join(host.root, 'var/lib', name), { recursive: true });
    for (const [name, program] of Object.entries(kind.tools))
      host.file(`/bin/${name}`, `#!/bin/sh\nexec ${program} "$@"\n`, 0o755);
    host.service(kind.service, `${kind.command} ${host.root}${kind.place}`, kind.pidFile);
    await host.run('service', kind.service, 'start');
    return host;
  }

  async function look(host: RealHost): Promise<{ collected: Collected; judgement: Judgement }> {
    const { stdout } = await host.document('collect');
    const collected = parseCollected(stdout) as Collected;
    const seen = { host: server('a', ['10.77.0.11']), collected, status: 'Success' };
    const [judgement] = judgeAll([seen], context({ pod: POD, expectedRevision: () => collected.configRevision }));
    return { collected, judgement: judgement as Judgement };
  }

  /** Tallies of the servers that it names, by name. */
  function talliesOf({ sources }: Collected): Record<string, unknown> {
    return Object.fromEntries(
      Object.entries(NAMES).flatMap(([name, address]) => {
        const row = sources.find(({ remote }) => remote === name || remote === address);
        return row === undefined ? [] : [[name, row.tally]];
      }),
    );
  }

  const WHY =
    "Its log says why: a certificate that expired, a clock outside of the certificate's time, or no way to TCP 4460, as a rule.";

  it.each(CHRONIES)(
    '%s follows those that can be authenticated and those that need not be, and the others are told',
    async (_, kind) => {
      const host = await started(kind, MIXED);
      await host.until(/^\^[*+-] 10\.77\.0\.1 [\s\S]*^\^[*+-] 10\.77\.0\.4 /m, ...kind.sources);
      const { collected, judgement } = await look(host);
      expect(collected.authentication).toEqual({
        authenticated: 1,
        unauthenticated: ['expired.example', 'early.example'].map((name) => ({
          name,
          attempts: 1,
          naks: 0,
          exchangedSecondsAgo: null,
        })),
      });
      const selectable = expect.stringMatching(/^[*+-]$/);
      expect(talliesOf(collected)).toEqual({
        'good.example': selectable,
        'expired.example': ' ',
        'early.example': ' ',
        'plain.example': selectable,
      });
      expect(judgement).toMatchObject({
        state: 'degraded',
        sentence: `NTS fails with expired.example (1 key exchange failed, none ever worked) and early.example (1 key exchange failed, none ever worked): not followed, and not asked without. ${WHY}`,
        cause: 'NTS fails with expired.example and early.example',
      });
      // as many votes for one as for the other: none is required, none trusted
      const { stdout } = await host.run('chronyc', '-n', '-c', 'selectdata');
      const options = stdout
        .trim()
        .split('\n')
        .map((line) => line.split(','))
        .map(([, address, authentication, ...rest]) => [address, authentication, rest.slice(0, 10).join('')]);
      const voters = options.filter(([address]) => address === '10.77.0.1' || address === '10.77.0.4');
      expect(voters).toEqual([
        ['10.77.0.1', 'Y', '----------'],
        ['10.77.0.4', 'N', '----------'],
      ]);
    },
    60_000,
  );

  /** Of ntpsec that runs on all four: it has a row of each from its start on. */
  function expectTold({ collected, judgement }: { collected: Collected; judgement: Judgement }): void {
    expect(talliesOf(collected)).toEqual({
      'good.example': expect.stringMatching(/^[*+]$/),
      'expired.example': ' ',
      'early.example': ' ',
      'plain.example': expect.stringMatching(/^[*+]$/),
    });
    expect(judgement).toMatchObject({
      state: 'degraded',
      sentence: `NTS fails with early.example and expired.example: not followed, and not asked without. ${WHY}`,
    });
  }

  it.each(NTPSECS)(
    '%s does as well',
    async (_, kind) => {
      const host = await started(kind, MIXED);
      await host.until(/^[*+]10\.77\.0\.1 [\s\S]*^[*+]10\.77\.0\.4 /m, ...kind.sources);
      expectTold(await look(host));
      // the type of a source with NTS is the number of its cookies
      expect((await host.run(...kind.sources)).stdout).toMatch(/^[*+]10\.77\.0\.1 +\S+ +2 8 /m);
    },
    60_000,
  );

  (losesNames ? it : it.skip)(
    'ntpsec that lost the names in its table is asked for them',
    async () => {
      const withNames = await started(NTPSEC, MIXED);
      await withNames.until(/ expired\.example .*\n early\.example /, 'ntpq', '-pnw');
      const host = await started(
        { ...NTPSEC, command: ntpdCommand(onStack(await bytesToLoseNames(withNames))) },
        MIXED,
      );
      await host.until(/^[*+]10\.77\.0\.1 [\s\S]*^[*+]10\.77\.0\.4 /m, ...NTPSEC.sources);
      const { stdout } = await host.run(...NTPSEC.sources);
      expect(stdout.match(/^ 0\.0\.0\.0 +\.NTS\. /gm)).toHaveLength(2);
      expectTold(await look(host));
    },
    60_000,
  );

  it.each([...CHRONIES, ...NTPSECS])(
    '%s, where NTS is required, follows who has it',
    async (_, kind) => {
      const host = await started(kind, fleetOf(['good'], true));
      await host.until(kind.selected, ...kind.sources);
      const { collected, judgement } = await look(host);
      expect(talliesOf(collected)['good.example']).toBe('*');
      expect([judgement.sentence, ...judgement.remarks].join(' ')).not.toContain('NTS');
    },
    60_000,
  );

  it.each([...CHRONIES, ...NTPSECS])(
    '%s whose clock is wrong when it starts stays without time where NTS is required, and is named with the reason',
    async (_, kind) => {
      const host = await started(kind, fleetOf(['early'], true));
      if (kind.service === 'chrony') await host.until(/,NTS,0,0,0,4294967295,1,/, 'chronyc', '-c', 'authdata');
      else await host.until(/\.NTS\./, 'ntpq', '-p');
      const { judgement } = await look(host);
      expect(judgement).toMatchObject({ state: 'unsynchronised', confident: false });
      expect(judgement.remarks).toContainEqual(
        expect.stringMatching(/^NTS fails with early\.example.*a clock outside/),
      );
    },
    60_000,
  );

  (hasNewer ? it : it.skip)(
    'ntpd-rs asks those that can be authenticated and those that need not be, and the others are told',
    async () => {
      const host = network.host('rs', '10.77.0.100/24');
      host.names(NAMES);
      host.trusts(authority);
      const { ntpDaemon, ntpCtl } = NEWER_PROGRAMS;
      const target = { fleet: MIXED, pod: POD, tier: 'boundary', az: 'us-west-2a' } as const;
      host.file('/etc/ntpd-rs/ntp.toml', render('ntpd-rs.toml', target).text);
      host.file('/bin/ntp-ctl', `#!/bin/sh\nexec ${ntpCtl} "$@"\n`, 0o755);
      mkdirSync(join(host.root, 'run/ntpd-rs'));
      // its calls that steer the clock are answered by a library of its own
      const start = [
        '#!/bin/sh',
        'echo $$ >/run/ntpd-rs.pid',
        `exec ${ntpDaemon} -c ${host.root}/etc/ntpd-rs/ntp.toml`,
      ];
      host.file('/bin/start', `${start.join('\n')}\n`, 0o755);
      const unable = 'setpriv --bounding-set=-sys_time --inh-caps=-sys_time --';
      host.service('ntpd-rs', `${unable} ${host.root}/bin/start`, '/run/ntpd-rs.pid');
      await host.run('service', 'ntpd-rs', 'start');
      const ctl = ['ntp-ctl', '-c', `${host.root}/etc/ntpd-rs/ntp.toml`, 'status', '-f', 'prometheus'] as const;
      // whether it follows them then or after its next poll, a minute later, hangs on what the first answers measured
      await host.until(
        /unanswered_polls\{name="plain\.example:123",[^}]*\} 0\n[\s\S]*nts_cookies_available\{name="good\.example:4460",[^}]*\} 8\n/,
        ...ctl,
      );
      const { collected, judgement } = await look(host);
      expect(collected.authentication).toEqual({
        authenticated: 1,
        unauthenticated: ['expired.example', 'early.example'].map((name) => ({
          name,
          attempts: null,
          naks: null,
          exchangedSecondsAgo: null,
        })),
      });
      expect(collected.sources.map(({ address }) => address).toSorted()).toEqual(['10.77.0.1', '10.77.0.4']);
      expect([judgement.sentence, ...judgement.remarks]).toContain(
        `NTS fails with expired.example and early.example: not followed, and not asked without. ${WHY}`,
      );
    },
    60_000,
  );

  it('whose certificate is near its end is told once boot has seen it', async () => {
    const host = await started(CHRONY, fleetOf(['good', 'ending'], true));
    await host.until(CHRONY.selected, ...CHRONY.sources);
    expect((await look(host)).collected).not.toHaveProperty('certificates');
    // the last step of boot.sh, on the file that is there
    const last = `kind=chrony LOCK=$STATE/boot.lock\nmkdir -p "$STATE"\nlook_at_certificates "$ROOT${CHRONY.place}"\n`;
    host.file(
      '/look.sh',
      bootText.replace('\nmain "$@"\n', () => `\n${last}`),
    );
    expect(await host.run('sh', join(host.root, 'look.sh'))).toMatchObject({ stdout: '', stderr: '', status: 0 });
    const { collected, judgement } = await look(host);
    expect(collected.certificates).toEqual([
      { name: 'ending.example', secondsLeft: expect.any(Number), lifeSeconds: 21 * HOUR },
    ]);
    const [{ secondsLeft } = { secondsLeft: 0 }] = collected.certificates ?? [];
    expect(HOUR - secondsLeft).toBeGreaterThan(0);
    expect(HOUR - secondsLeft).toBeLessThan(300);
    expect([judgement.sentence, ...judgement.remarks]).toContainEqual(
      expect.stringMatching(/^the certificate of ending\.example ends in 5\d min \(limit 4 h 12 min\)/),
    );
  }, 60_000);
});
