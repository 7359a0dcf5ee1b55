import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type Bench, startBench, ZONE_ID } from '@podtime/aws-endpoint/testing';
import { parse } from 'yaml';
import { COLLECT } from '../../handlers/invocation/collect-payload.ts';
import { read } from '../../handlers/invocation/payload.ts';
import { WATCHDOG } from '../../handlers/invocation/watchdog-payload.ts';
import { BOOT_RUNS_A_DAY } from '../../scripts/cost/bill.ts';
import { deployFaults } from '../../src/fleet/deploy.ts';
import { loadFleet } from '../../src/fleet/load.ts';
import { longestLifeSeconds } from '../../src/plan/cycling/progress.ts';
import { lostRollOut } from '../../src/plan/plan.ts';
import { write } from '../builders/temporary-folder.ts';
import { whereIs } from '../host/programs.ts';
import { AWS, awsBeside, expectClean, ran } from './shell.ts';
import { type CloudConfig, cloudConfigFile, pageText, snippetsOf, userData } from './snippets.ts';

const snippets = snippetsOf('deploy.md');
const shell = snippets.filter(({ language }) => language === 'sh');
const [fleetFile] = snippets.filter(({ language }) => language === 'yaml').map(({ text }) => text);
const cron = snippets.find(({ language }) => language === 'cron')?.text ?? '';
const config = parse(userData()) as CloudConfig;
const fileOf = cloudConfigFile;
const BOOT = '/usr/local/sbin/podtime-boot';

describe('the shell of docs/deploy.md', () => {
  it.each(shell.map(({ line, text }) => [line, text]))('at line %d passes shellcheck and every shell', (_, text) => {
    expectClean(`#!/bin/sh\n${text}`);
  });

  it('invokes functions that are there, with payloads that they take', () => {
    const { functions } = parse(readFileSync(join(import.meta.dirname, '../../serverless.yml'), 'utf8'));
    const named = [...pageText('deploy.md').matchAll(/sls (?:invoke|logs) --stage prod -f (\w+)(?: -d '(.*)')?/g)];
    expect(named.map(([, name]) => name)).toEqual(['collect', ...Array(5).fill('watchdog')]);
    for (const [, name, payload] of named) {
      expect(Object.keys(functions)).toContain(name);
      if (payload) expect(() => read(name === 'collect' ? COLLECT : WATCHDOG, JSON.parse(payload))).not.toThrow();
    }
  });
});

it('shows a fleet file that can be deployed', () => {
  expect(deployFaults(loadFleet(fleetFile ?? '', 'fleet.yml'))).toEqual([]);
});

describe('the user data', () => {
  it('is a cloud-config of the parts that cloud-init knows', () => {
    expect(userData()).toMatch(/^#cloud-config\n/);
    expect(Object.keys(config)).toEqual(['packages', 'write_files', 'runcmd']);
    expect(config.write_files.map(({ path, permissions }) => [path, permissions])).toEqual([
      ['/etc/podtime/host', undefined],
      [BOOT, '0755'],
      ['/etc/systemd/system/podtime-boot.service', undefined],
      ['/etc/systemd/system/podtime-boot.timer', undefined],
    ]);
  });

  it('holds scripts and commands that shellcheck finds nothing in', () => {
    expectClean(fileOf(BOOT));
    expectClean(`#!/bin/sh\n# shellcheck disable=SC2034\n${fileOf('/etc/podtime/host').replace(/^/, 'true\n')}`);
    expectClean(`#!/bin/sh\n${config.runcmd.join('\n')}\n`);
  });

  it('names for each distribution one daemon, and packages as cloud-init takes them', () => {
    const rows = [...pageText('deploy.md').matchAll(/^\| [^|]+ \| ([\w ]+) \| `(\[.*?\])` \|/gm)];
    expect(rows).toHaveLength(9);
    for (const [, daemon, packages] of rows) {
      const listed = parse(packages ?? '') as string[];
      const byDaemon = { chrony: 'chrony', ntpsec: 'ntpsec', 'classic ntpd': 'ntp' }[daemon ?? ''];
      expect(listed.filter((name) => name !== 'curl')).toEqual([byDaemon]);
      expect(parse(userData().replace(/^packages: .*$/m, `packages: ${packages}`)).packages).toEqual(listed);
    }
  });

  it('has units that systemd takes, which run as often as docs/cost.md assumes', () => {
    const program = whereIs('systemd-analyze');
    if (program === null && process.env.CI === undefined) return;
    const folder = write({
      'podtime-boot': fileOf(BOOT),
      'podtime-boot.service': '',
      'podtime-boot.timer': fileOf('/etc/systemd/system/podtime-boot.timer'),
    });
    const script = join(folder, 'podtime-boot');
    chmodSync(script, 0o755);
    const service = fileOf('/etc/systemd/system/podtime-boot.service').replace(BOOT, script);
    const units = write({
      'podtime-boot.service': service,
      'podtime-boot.timer': fileOf('/etc/systemd/system/podtime-boot.timer'),
    });
    const verified = spawnSync(
      program ?? 'systemd-analyze',
      ['verify', '--man=no', ...['service', 'timer'].map((kind) => join(units, `podtime-boot.${kind}`))],
      { encoding: 'utf8' },
    );
    const complaints = verified.stderr.split('\n').filter((sentence) => sentence.includes('podtime-boot'));
    expect({ status: verified.status, complaints }).toEqual({ status: 0, complaints: [] });
    const [, calendar] = /^OnCalendar=(.*)$/m.exec(fileOf('/etc/systemd/system/podtime-boot.timer')) ?? [];
    const read = spawnSync(program ?? 'systemd-analyze', ['calendar', String(calendar)], { encoding: 'utf8' });
    expect(read.stdout).toContain(`Normalized form: *-*-* 00/${24 / BOOT_RUNS_A_DAY}:00:00`);
  });

  it('has a form for cron, as often, its percent sign escaped', () => {
    const [atBoot, again] = cron.trim().split('\n');
    expect(atBoot).toBe(`@reboot root until ${BOOT}; do sleep 300; done`);
    const [, hours, command] = /^\d+ (\S+) \* \* \* root (.+)$/.exec(again ?? '') ?? [];
    expect(hours).toBe(`*/${24 / BOOT_RUNS_A_DAY}`);
    expect(command?.replaceAll('\\%', '')).not.toContain('%');
    expectClean(`#!/bin/sh\n${command?.replaceAll('\\%', '%')}\n`);
  });

  const curl = whereIs('curl') !== null;
  const really = curl ? it : it.skip;
  const without = curl ? '' : ' (skipped: no curl here)';

  /** A first boot beside an API that answers `boot.sh` with this status, by the seconds that the host has slept. */
  const boot = async (statusAfter: (slept: number) => number) => {
    const asked: string[] = [];
    const folder = write({
      'bin/sleep': `#!/bin/sh\necho "$1" >>"\${0%/bin/*}/pauses"\n`,
      'bin/systemctl': `#!/bin/sh\necho "$*" >>"\${0%/bin/*}/restarts"\n`,
      'etc/chrony.conf': 'pool pool.example\n',
      pauses: '',
      restarts: '',
    });
    for (const name of ['sleep', 'systemctl']) chmodSync(join(folder, 'bin', name), 0o755);
    const lines = (file: string) => readFileSync(join(folder, file), 'utf8').split('\n').slice(0, -1);
    const pauses = () => lines('pauses').map(Number);
    const server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url} ${request.headers['x-aws-ec2-metadata-token'] ?? ''}`.trim());
      if (request.url === '/latest/api/token') response.end('TOKEN');
      else if (request.url?.startsWith('/latest/')) response.end('us-west-2b');
      else {
        const status = statusAfter(pauses().reduce((sum, pause) => sum + pause, 0));
        if (status === 0) response.destroy();
        else response.writeHead(status).end('echo "ran with $1"\n');
      }
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const host = fileOf('/etc/podtime/host').replace(/^API=.*$/m, `API=${url}/prod`);
    const script = fileOf(BOOT)
      .replace('. /etc/podtime/host', host.trim().replaceAll('\n', '; '))
      .replaceAll('/etc/', `${folder}/etc/`)
      .replace('http://169.254.169.254', url);
    const { stdout, stderr, status } = await ran('sh', ['-c', script], {
      PATH: `${folder}/bin:${process.env.PATH}`,
    });
    server.close();
    const conf = lines('etc/chrony.conf');
    return {
      status,
      stdout: stdout.replace(url, 'URL'),
      stderr,
      asked,
      pauses: pauses(),
      restarts: lines('restarts'),
      conf,
    };
  };
  const FOLLOWING = {
    conf: ['pool pool.example', 'server 169.254.169.123 iburst', 'server fd00:ec2::123 iburst'],
    restarts: ['restart chrony'],
  };

  really(`fetches the script of its own pod, tier and AZ and hands it the base URL${without}`, async () => {
    expect(await boot(() => 200)).toEqual({
      status: 0,
      stdout: 'ran with URL/prod\n',
      stderr: '',
      asked: [
        'PUT /latest/api/token',
        'GET /latest/meta-data/placement/availability-zone TOKEN',
        'GET /prod/blue/client/us-west-2b/boot.sh',
      ],
      pauses: [],
      restarts: [],
      conf: ['pool pool.example'],
    });
  });

  really.each([408, 429, 500, 503, 0])(
    `asks again for minutes after %d, later and at random, on AWS's time service${without}`,
    async (failure) => {
      const { status, stdout, pauses, conf, restarts } = await boot((slept) => (slept < 100 ? failure : 200));
      expect({ status, stdout, conf, restarts }).toEqual({ status: 0, stdout: 'ran with URL/prod\n', ...FOLLOWING });
      expect(pauses.reduce((sum, pause) => sum + pause)).toBeGreaterThanOrEqual(100);
      for (const [index, pause] of pauses.entries()) {
        expect(pause).toBeGreaterThanOrEqual(1);
        expect(pause).toBeLessThanOrEqual(20 * (index + 1));
      }
    },
  );

  really(`asks nine times at most, within six minutes or so, and then anew by its unit${without}`, async () => {
    const { status, asked, pauses, conf, restarts } = await boot(() => 429);
    expect({ status: status === 0, conf, restarts }).toEqual({ status: false, ...FOLLOWING });
    expect(asked.filter((call) => call.endsWith('boot.sh'))).toHaveLength(9);
    // of up to 20, 40, … 160 s each, half of it on average
    expect(pauses).toHaveLength(8);
    expect(fileOf('/etc/systemd/system/podtime-boot.service')).toMatch(/^Restart=on-failure\nRestartSec=5min$/m);
  });

  really.each([400, 403, 404])(`asks no more after %d, and follows AWS's time service${without}`, async (refusal) => {
    const { status, asked, pauses, conf, restarts } = await boot(() => refusal);
    expect({ status: status === 0, pauses, conf, restarts }).toEqual({ status: false, pauses: [], ...FOLLOWING });
    expect(asked.filter((call) => call.endsWith('boot.sh'))).toHaveLength(1);
  });
});

describe('by the aws command, against the local endpoint', () => {
  const there = existsSync(AWS);
  if (!there)
    process.stderr.write(`skipped: ${AWS} is not installed, so snippets for it are only checked by shellcheck\n`);

  let bench: Bench | null = null;
  afterEach(() => bench?.close());

  (there ? it : it.skip)('the SOA is lowered, and nothing else of it changes', async () => {
    bench = await startBench();
    const { endpoint } = bench;
    const soa = () => endpoint.records().find(({ type }) => type === 'SOA');
    const before = soa();
    const snippet = shell.find(({ text }) => text.includes('SOA'))?.text.replace(/^zone=.*$/m, `zone=${ZONE_ID}`);
    const run = await ran('sh', ['-eu', '-c', snippet ?? ''], awsBeside(endpoint.url));
    expect({ status: run.status, stderr: run.stderr }).toEqual({ status: 0, stderr: '' });
    expect(soa()).toEqual({
      ...before,
      // until Route 53 has it everywhere
      served: false,
      ttlSeconds: 60,
      values: before?.values.map((value) => value.replace(/ \d+$/, ' 60')),
    });
  });
});

it('tells to wait as long as a wave of which nothing is known may be at work, before its state is deleted', () => {
  const minutes = longestLifeSeconds(lostRollOut('client', 0).commands) / 60;
  expect(pageText('deploy.md')).toContain(`wait ${Math.ceil(minutes)} minutes: so long a wave may be at work`);
});
