import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FILE_OF, FILES } from '../../../../src/config/files.ts';
import type { DaemonKind } from '../../../../src/host/collected.ts';
import { served } from '../../../../test/builders/served-files.ts';
import { linkRealTools } from '../../src/simulated/command-shims.ts';
import { BLUE, configOf, createPodHosts, fleet } from './simulated-pod.ts';
import { createTestHosts, type TestHosts } from './test-hosts.ts';

let test: TestHosts;
/** As the simulated daemons tell it. */
const VERSION: Record<DaemonKind, string> = { ntpd: '4.2.8', ntpsec: '1.2.2', chrony: '4.3' };

let api: Server;
let apiUrl: string;
let requests: string[];
/** The API answers only from then on. */
let up: boolean;

beforeEach(async () => {
  test = createPodHosts();
  requests = [];
  up = true;
  api = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    const [, pod, tier, az, name] = new URL(request.url ?? '/', 'http://api').pathname.split('/');
    const file = FILES.find((each) => each === name);
    if (!up) response.writeHead(503).end();
    else if (request.method === 'POST') response.writeHead(202).end('{}');
    else if (file === undefined || pod !== 'blue' || (tier !== 'boundary' && tier !== 'client') || az === undefined)
      response.writeHead(404).end();
    else response.end(served(file, { fleet, pod: BLUE, tier, az }).text);
  });
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve));
  apiUrl = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
});

afterEach(async () => {
  test.hosts.close();
  await new Promise((resolve) => api.close(resolve));
});

const boot = (daemon: DaemonKind, tier: 'boundary' | 'client') =>
  test.hosts.add({
    id: `i-${daemon}`,
    pod: 'blue',
    tier,
    az: 'us-west-2b',
    daemon,
    ipv4: '10.20.2.5',
    ipv6: '2001:db8:20:2::5',
    apiUrl,
  });

/** Lets simulated time pass, ever more slowly: what runs meanwhile on a busy machine does so in real time. */
async function until(holds: () => boolean, withinSeconds: number): Promise<void> {
  for (let passed = 0; passed < withinSeconds * 10; passed++) {
    if (holds()) return;
    await test.seconds(0.1);
    await new Promise((resolve) => setTimeout(resolve, 2 + passed / 200));
  }
  throw new Error(
    `not within ${withinSeconds} s; reports: ${test.reports.join(' | ')}; requests: ${requests.join(' | ')}`,
  );
}

const reported = (text: string) => test.reports.some((report) => report.includes(text));

describe('a host that boots from the API', () => {
  it.each(['ntpd', 'ntpsec', 'chrony'] as const)('%s: fetches its file, starts on it and registers', async (daemon) => {
    const host = boot(daemon, 'boundary');
    expect(host.agent.online).toBe(false);
    expect(test.hosts.list()[0]?.sentence).toBe('booting');
    await until(() => reported('booted: podtime: asked'), 120);
    expect(requests).toEqual([
      'GET /blue/boundary/us-west-2b/boot.sh',
      `GET /blue/boundary/us-west-2b/${FILE_OF[daemon]}?version=${VERSION[daemon]}&revision=none`,
      'POST /blue/register',
    ]);
    expect(readFileSync(host.unit.configPath, 'utf8')).toBe(configOf(daemon, 'boundary', 'us-west-2b'));
    // its agent starts some time after the boot, whichever of the two is ready first
    await until(() => host.agent.online, 120);
    expect(reported('is up')).toBe(true);
    // chrony follows the time service until an upstream has been nearer for a while.
    await test.seconds(400);
    expect(test.hosts.list()[0]).toMatchObject({ state: { synchronised: true, stratum: 3 } });
    expect(test.hosts.list()[0]?.sentence).toMatch(/^stratum 3, follows .*, reach /);
  });

  it('tries again while the API is down', async () => {
    up = false;
    const host = boot('ntpsec', 'client');
    await until(() => requests.length >= 2, 120);
    expect(host.unit.running).toBe(false);
    up = true;
    await until(() => reported('booted'), 120);
    expect(host.unit.running).toBe(true);
    expect(requests.filter((request) => request.startsWith('POST'))).toEqual([]);
  });

  it('is left alone once its API stays away', async () => {
    up = false;
    boot('chrony', 'client');
    await until(() => reported('gave up on its boot script'), 600);
    expect(test.hosts.list()[0]?.state).toBeNull();
  });

  it('runs boot.sh again without a restart when nothing changed', async () => {
    const host = boot('ntpd', 'client');
    await until(() => reported('booted') && host.agent.online, 120);
    const started = host.unit.daemon?.startedMs;
    const again = host.agent.run(`curl -fsS '${apiUrl}/blue/client/us-west-2b/boot.sh' | sh -s '${apiUrl}'`, 900);
    let ended = false;
    const done = again.finally(() => {
      ended = true;
    });
    await until(() => ended, 120);
    expect((await done).stdout).toContain('is right already');
    expect(host.unit.daemon?.startedMs).toBe(started);
    expect(join(host.root, 'etc/ntp.conf')).toBe(host.unit.configPath);
  });

  it('boots with Node alone where the machine has no curl', async () => {
    test.hosts.close();
    const tools = mkdtempSync(join(tmpdir(), 'tools-'));
    linkRealTools(tools, process.env.PATH ?? '');
    rmSync(join(tools, 'curl'));
    test = createTestHosts({ searchPath: tools });
    boot('ntpsec', 'client');
    await until(() => reported('booted: podtime: '), 240);
    expect(requests).toEqual([
      'GET /blue/client/us-west-2b/boot.sh',
      'GET /blue/client/us-west-2b/ntpsec.conf?version=1.2.2&revision=none',
    ]);
    rmSync(tools, { recursive: true });
  });
});
