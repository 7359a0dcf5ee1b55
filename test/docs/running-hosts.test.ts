import { chmodSync, existsSync, readFileSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { write } from '../builders/temporary-folder.ts';
import { SHELLS } from '../host/host.ts';
import { whereIs } from '../host/programs.ts';
import { expectClean, ran } from './shell.ts';
import { type CloudConfig, cloudConfigFile, userData } from './snippets.ts';

const EXAMPLES = join(import.meta.dirname, '../../docs/examples');
const HOST = '/etc/podtime/host';
const BOOT = '/usr/local/sbin/podtime-boot';
const UNITS = ['service', 'timer'].map((kind) => `/etc/systemd/system/podtime-boot.${kind}`);

interface Parameter {
  allowedPattern?: string;
  AllowedPattern?: string;
}

const template = parse(readFileSync(join(EXAMPLES, 'running-hosts.yml'), 'utf8')) as {
  Parameters: Record<string, Parameter>;
  Resources: Record<string, { Properties: Record<string, unknown> }>;
};
const content = template.Resources.Document?.Properties.Content as {
  parameters: Record<string, Parameter>;
  mainSteps: { inputs: { runCommand: string[] } }[];
};
const script = content.mainSteps.flatMap(({ inputs }) => inputs.runCommand).join('\n');

const VALUES = {
  Api: 'https://a1b2c3d4e5.execute-api.us-west-2.amazonaws.com/prod',
  Pod: 'blue',
  Tier: 'client',
  Azs: 'us-west-2a us-west-2b',
};
/** As SSM's agent does. */
const filled = (values: Record<string, string>) =>
  script.replaceAll(/\{\{ ?(\w+) ?\}\}/g, (_, name: string) => values[name] ?? 'MISSING');

const withCurl = whereIs('curl') !== null;
const really = withCurl ? it : it.skip;
const without = withCurl ? '' : ' (skipped: no curl here)';

describe('the recipe for hosts that run already', () => {
  it('holds shell in which shellcheck and every shell find nothing', () => {
    expectClean(filled(VALUES));
  });

  it('asks for values that can hurt no shell, and for each that it names', () => {
    const named = new Set([...script.matchAll(/\{\{ ?(\w+) ?\}\}/g)].map(([, name]) => name));
    expect([...named].toSorted()).toEqual(Object.keys(content.parameters).toSorted());
    const patterns = [...Object.values(content.parameters), ...Object.values(template.Parameters)];
    for (const { allowedPattern, AllowedPattern } of patterns) {
      const pattern = new RegExp(allowedPattern ?? AllowedPattern ?? '');
      expect(
        ["a'", 'a"', '$(reboot)', 'a;b', 'a\nb', '`a`', '', 'https://a b'].filter((bad) => pattern.test(bad)),
      ).toEqual([]);
    }
    for (const [name, value] of Object.entries(VALUES))
      expect(value).toMatch(new RegExp(content.parameters[name]?.allowedPattern ?? '$^'));
  });

  let server: Server | null = null;
  afterEach(() => void server?.close());

  /** Runs it on a laid-out host of this AZ, beside metadata and an API that answers so. */
  const install = async (az: string, values: Partial<typeof VALUES>, status = 200, shell = 'sh') => {
    const folder = write({
      'bin/systemctl': `#!/bin/sh\necho "$*" >>"\${0%/bin/*}/units"\n`,
      'bin/sleep': '#!/bin/sh\n',
      units: '',
      'etc/chrony.conf': 'pool pool.example\n',
    });
    for (const name of ['systemctl', 'sleep']) chmodSync(join(folder, 'bin', name), 0o755);
    const asked: string[] = [];
    server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      if (request.url === '/latest/api/token') response.end('TOKEN');
      else if (request.url?.startsWith('/latest/')) response.end(az);
      else response.writeHead(status).end('echo "ran with $1"\n');
    });
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const placed = filled({ ...VALUES, Api: `${url}/prod`, ...values })
      .replaceAll('http://169.254.169.254', url)
      .replaceAll(/(?<=[\s"'])\/(etc|usr\/local)\//g, `${folder}/$1/`);
    const program = shell === 'busybox' ? ['busybox', 'sh'] : [shell];
    const run = await ran(program[0] ?? '', [...program.slice(1), '-c', placed], {
      PATH: `${folder}/bin:${process.env.PATH}`,
      // or bash takes itself for rshd's, as its input is no terminal, and reads somebody's .bashrc
      SHLVL: '1',
    });
    const file = (path: string) => (existsSync(join(folder, path)) ? readFileSync(join(folder, path), 'utf8') : null);
    return { ...run, stdout: run.stdout.replace(url, 'URL'), asked, url, folder, file };
  };

  really.each(SHELLS)(`under %s puts what the user data puts, and runs it once${without}`, async (shell) => {
    const { status, stderr, stdout, file, folder, url } = await install('us-west-2b', {}, 200, shell);
    expect({ status, stderr, stdout }).toEqual({ status: 0, stderr: '', stdout: 'ran with URL/prod\n' });
    expect(file(HOST)).toBe(`API=${url}/prod\nPOD=blue\nTIER=client\nFALLBACK=no\n`);
    const here = (text: string) => text.replaceAll(`${folder}/`, '/').replaceAll(url, 'http://169.254.169.254');
    for (const path of [BOOT, ...UNITS]) expect(here(file(path) ?? '')).toBe(cloudConfigFile(path));
    expect(statSync(join(folder, BOOT)).mode & 0o777).toBe(0o755);
    expect(file('units')?.split('\n').slice(0, -1)).toEqual([
      'daemon-reload',
      'enable podtime-boot.service',
      'enable --now podtime-boot.timer',
    ]);
  });

  really.each([
    ['us-west-2c', 'us-west-2a us-west-2b'],
    ['us-west-2a', 'none'],
    ['us-west-2', 'us-west-2a'],
  ])(`changes nothing in %s where %s has its turn${without}`, async (az, Azs) => {
    const { status, stdout, asked, file } = await install(az, { Azs });
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: `${az} has not its turn (that have: ${Azs}); nothing is changed\n`,
    });
    expect(asked).toHaveLength(2);
    expect([HOST, BOOT, ...UNITS].map(file)).toEqual([null, null, null, null]);
    expect(file('units')).toBe('');
  });

  really(`takes every AZ where all have their turn${without}`, async () => {
    expect((await install('us-west-2f', { Azs: 'all' })).stdout).toBe('ran with URL/prod\n');
  });

  really.each([403, 429])(`fails after %d, and the daemon keeps the file that it had${without}`, async (failure) => {
    const { status, file } = await install('us-west-2a', {}, failure);
    expect(status).not.toBe(0);
    expect(file('etc/chrony.conf')).toBe('pool pool.example\n');
    expect(file('units')).not.toContain('restart');
  });

  it('goes to hosts by their tags, boundary servers one by one', () => {
    const { BoundaryServers, Clients } = template.Resources;
    for (const [association, tier] of [
      [BoundaryServers, 'boundary'],
      [Clients, 'client'],
    ] as const) {
      expect(association?.Properties.Targets).toEqual([
        { Key: 'tag:ntp-pod', Values: [{ Ref: 'Pod' }] },
        { Key: 'tag:ntp-tier', Values: [tier] },
      ]);
      expect(association?.Properties.Parameters).toMatchObject({ Tier: [tier] });
    }
    expect(BoundaryServers?.Properties).toMatchObject({ MaxConcurrency: '1', MaxErrors: '0' });
  });
});

describe('the whole user data of', () => {
  it.each([
    ['user-data-al2023.yml', ['chrony']],
    ['user-data-ubuntu-24.04.yml', ['chrony', 'curl']],
  ])('%s is that of the page, with its packages', (file, packages) => {
    const text = readFileSync(join(EXAMPLES, file), 'utf8');
    expect(text).toMatch(/^#cloud-config\n# .*Never tried on AWS\.\n/);
    expect(parse(text)).toEqual({ ...(parse(userData()) as CloudConfig), packages });
    // AWS takes 16 KB
    expect(Buffer.byteLength(text)).toBeLessThan(16_384);
  });
});
