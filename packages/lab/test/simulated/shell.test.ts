import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { SimulatedHost } from '../../src/simulated/simulated-host.ts';
import { running } from './simulated-pod.ts';
import { addHost, createTestHosts, START_MS, server, type TestHosts } from './test-hosts.ts';

const SHELLS = (
  [
    ['sh', ['sh']],
    ['dash', ['dash']],
    ['bash', ['bash']],
    ['busybox', ['busybox', 'sh']],
  ] as const
).flatMap(([name, command]) => {
  const found = whereIs(command[0]);
  return found === null ? [] : [[name, [found, ...command.slice(1)]] as const];
});

function whereIs(program: string): string | null {
  const folders = (process.env.PATH ?? '').split(':');
  return folders.map((folder) => join(folder, program)).find(existsSync) ?? null;
}

const upstreams = [server('one.invalid', ['192.0.2.60'])];
let test: TestHosts;
afterEach(() => test.hosts.close());

async function client(kind: 'ntpd' | 'ntpsec' | 'chrony', shell?: readonly string[]): Promise<SimulatedHost> {
  test = createTestHosts({ upstreams, ...(shell === undefined ? {} : { shell }) });
  const host = addHost(test.hosts, kind, 'server 192.0.2.60 iburst\n');
  await test.seconds(30);
  return host;
}

/** Scripts that sleep for minutes. */
const asleep = <T>(script: Promise<T>) => running(test, script, 1);

/** Processes of this machine whose environment names the hosts' folder. */
function leftOver(folder: string): string[] {
  try {
    return execFileSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' })
      .split('\n')
      .filter((line) => line.includes(folder) && !line.includes('ps -eo'));
  } catch {
    return [];
  }
}

describe.each(SHELLS)('shims under %s', (_name, shell) => {
  it('print what the tool prints, on both streams, with its exit status', async () => {
    const host = await client('ntpsec', shell);
    const { stdout, stderr, exitCode, timedOut } = await host.agent.run(
      'ntpq -pnw; ntpq -c "rv 0 nosuch"; service nobody status; exit $?',
      60,
    );
    expect(stdout).toBe(host.answer('ntpq', ['-pnw']).stdout);
    expect(stderr).toBe('***Server error code UNKNOWNVAR\nnobody: unrecognized service\n');
    expect({ exitCode, timedOut }).toEqual({ exitCode: 1, timedOut: false });
  });

  it('keep the spaces, backslashes and words of a line as they are', async () => {
    const host = await client('ntpd', shell);
    test.hosts.play(host.id, '     remote           refid      st t\n=====\n a\\tb %s $HOME `id`  \n');
    const { stdout } = await host.agent.run('ntpq -pn', 60);
    expect(stdout).toBe('     remote           refid      st t\n=====\n a\\tb %s $HOME `id`  \n');
  });

  it('work at both ends of a pipe, in a loop and in the background', async () => {
    const host = await client('chrony', shell);
    test.zone.records.set('ntp.az-b.pod', ['10.0.2.5']);
    const script = [
      'sleep 30 & waiting=$!',
      'getent ahosts ntp.az-b.pod | while read -r address rest; do date +%s >/dev/null; chronyc -n -c sources | grep -c "^" ; done',
      'for n in 1 2 3 4 5 6 7 8 9 10 11 12; do date +%s; done | sort -u | grep -c .',
      'wait "$waiting"; echo "waited $?"',
    ].join('\n');
    const { stdout } = await asleep(host.agent.run(script, 600));
    expect(stdout).toMatch(/^1\n1\n1\n\d+\nwaited 0\n$/);
  });

  it('wait for a channel as long as the simulator is held up', async () => {
    const host = await client('chrony', shell);
    const script = [
      'for number in $PODTIME_CHANNEL_NUMBERS; do : >"$PODTIME_CHANNELS/$number"; done',
      '{ n=0; while [ "$n" -lt 300000 ]; do n=$((n + 1)); done; cd "$PODTIME_CHANNELS" && rm -f $PODTIME_CHANNEL_NUMBERS; } &',
      'chronyc -n -c sources | grep -c "^"',
    ].join('\n');
    const { stdout } = await asleep(host.agent.run(script, 600));
    expect(stdout).toBe('1\n');
  });

  it('answer of the moment they are called, and sleep in simulated time', async () => {
    const host = await client('ntpd', shell);
    const before = test.clock.nowMs() / 1000;
    const { stdout } = await asleep(host.agent.run('date +%s; sleep 600; date +%s; ntpq -c "rv 0 ss_uptime"', 1200));
    const [first, second, uptime] = stdout.trim().split('\n');
    expect(Number(first)).toBeGreaterThanOrEqual(before);
    expect(Number(second) - Number(first)).toBeGreaterThanOrEqual(600);
    expect(Number(second) - Number(first)).toBeLessThan(660);
    expect(Number(uptime?.replace('ss_uptime=', ''))).toBeGreaterThanOrEqual(Number(second) - START_MS / 1000);
  });

  it('refuse an argument with a line break, which the simulator could not tell from a command', async () => {
    const host = await client('ntpd', shell);
    const { exitCode, stderr } = await host.agent.run("ntpq -c 'rv\n0'", 60);
    expect({ exitCode, stderr }).toEqual({ exitCode: 64, stderr: 'ntpq: no line break may stand in an argument\n' });
  });
});

describe('a script on a host', () => {
  it('reaches the host and nothing of this machine', async () => {
    const host = await client('ntpd');
    const tools = 'systemctl chronyc timedatectl shutdown ip sudo mount timeout ntpq service';
    const { stdout } = await host.agent.run(
      `for tool in ${tools}; do command -v "$tool"; done; echo "$PODTIME_ROOT"; pwd`,
      60,
    );
    const folder = dirname(dirname(host.root));
    const shims = join(folder, 'shims-ntpd');
    expect(stdout.trim().split('\n')).toEqual([
      // one that does not count
      join(folder, 'tools', 'timeout'),
      join(shims, 'ntpq'),
      join(shims, 'service'),
      host.root,
      join(dirname(host.root), 'run-1'),
    ]);
  });

  it('ends, with all it started, when its time is over', async () => {
    const host = await client('ntpd');
    const run = host.agent.run('echo begun; sleep 1000 & sleep 1000; echo never', 20);
    const ended = await asleep(run);
    expect(ended).toEqual({ exitCode: 137, stdout: 'begun\n', stderr: '', timedOut: true });
    expect(leftOver(dirname(host.root))).toEqual([]);
    expect(readdirSync(dirname(host.root))).toEqual(['root']);
  });

  it('dies with its agent, of which nothing more is heard', async () => {
    const host = await client('ntpd');
    const run = host.agent.run('sleep 1000', 2000);
    const rejection = expect(run).rejects.toThrow('the agent died');
    await test.seconds(1);
    test.hosts.killAgent(host.id);
    await rejection;
    expect(host.agent.online).toBe(false);
    await expect(host.agent.run('echo hello', 60)).rejects.toThrow('the agent does not run');
    test.hosts.mend(host.id);
    expect((await host.agent.run('echo hello', 60)).stdout).toBe('hello\n');
  });

  it('goes with its host, and all hosts leave nothing behind', async () => {
    const host = await client('ntpd');
    const folder = dirname(dirname(host.root));
    const run = host.agent.run('sleep 1000', 2000);
    const rejection = expect(run).rejects.toThrow('the agent died');
    await test.seconds(1);
    test.hosts.remove(host.id);
    await rejection;
    expect(test.hosts.agents.size).toBe(0);
    test.hosts.close();
    expect(existsSync(folder)).toBe(false);
    // what was killed ends when the machine comes to it
    for (let looks = 0; leftOver(folder).length > 0 && looks < 100; looks += 1) {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(leftOver(folder)).toEqual([]);
  });

  it('runs beside others of the same host', async () => {
    const host = await client('ntpsec');
    const runs = await Promise.all(
      Array.from({ length: 8 }, () => host.agent.run('ntpq -pnw; service ntpsec status', 60)),
    );
    expect(new Set(runs.map(({ stdout }) => stdout)).size).toBe(1);
    expect(runs[0]?.stdout).toContain('192.0.2.60');
  });
});
