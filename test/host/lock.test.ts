import { readlinkSync, symlinkSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { type Client, leftBehind, nextWave, REPLACED } from './client.ts';
import { SHELLS } from './host.ts';
import { kept } from './kept.ts';

const LOCK = '/var/lib/podtime/cycle.lock';

describe.each(SHELLS)('two runs of cycle on one host under %s', (shell) => {
  const stale = (): Client => {
    const client = kept(leftBehind(shell, 'ntpsec'));
    return client.file('/var/lib/podtime/.keep', '');
  };
  const locked = (holder: string): Client => {
    const client = stale();
    symlinkSync(holder, client.at(LOCK));
    return client;
  };
  const startCycle = (client: Client, Wave = nextWave(), Force = 'no') =>
    client.start('cycle', { Records: REPLACED, Zone: 'pod', Wave, Force });
  const restarts = (client: Client) => client.calls().filter((call) => call === client.restart).length;

  it('at once: one acts, the others say busy or find it just cycled', async () => {
    const client = stale();
    const runs = await Promise.all([1, 2, 3].map(() => startCycle(client)));
    expect(restarts(client)).toBe(1);
    expect(runs.map(({ status }) => status)).toEqual([0, 0, 0]);
    expect(runs.filter(({ verdict }) => verdict.startsWith('verdict cycled'))).toHaveLength(1);
    expect(
      runs.filter(({ verdict }) => /^verdict (cycled .*|nothing (busy|cool-down \d+|already-right))$/.test(verdict)),
    ).toHaveLength(3);
  });

  it('gives way to a run that is alive', () => {
    const client = stale().standIn('ln', 'echo "ln $*" >>"$WORLD/calls"\nexec /bin/ln "$@"');
    symlinkSync(`${process.pid}.${client.now - 599}`, client.at(LOCK));
    expect(client.cycle(REPLACED)).toMatchObject({ stdout: 'verdict nothing busy\nend\n', status: 0 });
    // at once
    expect(client.calls().filter((call) => call.startsWith('ln '))).toHaveLength(1);
    expect(restarts(client)).toBe(0);
    expect(readlinkSync(client.at(LOCK))).toBe(`${process.pid}.${client.now - 599}`);
  });

  it.each([
    ['of a process that is gone', (now: number) => `999999999.${now}`],
    ['older than any run, its process id used again', (now: number) => `${process.pid}.${now - 600}`],
    ['of nobody', () => 'nonsense'],
    ['naming a folder', () => '/tmp'],
  ])('breaks a lock %s', (_, holder) => {
    const client = locked(holder(stale().now));
    expect(client.cycle(REPLACED).verdict).toMatch(/^verdict cycled /);
    expect(client.list('/var/lib/podtime')).toEqual(['.keep', 'cycled', 'restart.log', 'waves']);
  });

  it('holds a lock that others believe, also where the host does not tell the time', () => {
    const client = stale().standIn('date', 'exit 1');
    client.standIn('sync', `readlink "$PODTIME_ROOT${LOCK}" >>"$WORLD/calls"`);
    client.cycle(REPLACED);
    expect(client.calls()).toContainEqual(expect.stringMatching(/^\d+\.0$/));
  });

  it('gives way to one that clears a stale lock at this moment', () => {
    const client = locked('999999999.1');
    symlinkSync(`${process.pid}.${client.now}`, client.at(`${LOCK}.clearing`));
    expect(client.cycle(REPLACED)).toMatchObject({ stdout: 'verdict nothing busy\nend\n', status: 0 });
    expect(restarts(client)).toBe(0);
    expect(client.list('/var/lib/podtime')).toEqual(['.keep', 'cycle.lock', 'cycle.lock.clearing']);
  });

  it('the next but one acts after one was killed while it cleared a stale lock', () => {
    const client = locked('999999999.1');
    symlinkSync('999999999.2', client.at(`${LOCK}.clearing`));
    expect(client.cycle(REPLACED).verdict).toBe('verdict nothing busy');
    expect(client.cycle(REPLACED).verdict).toMatch(/^verdict cycled /);
  });

  it('leaves nothing of one that was killed once it had cleared a stale lock', () => {
    const client = stale();
    symlinkSync('999999999.2', client.at(`${LOCK}.clearing`));
    expect(client.cycle(REPLACED).verdict).toMatch(/^verdict cycled /);
    expect(client.list('/var/lib/podtime')).toEqual(['.keep', 'cycled', 'restart.log', 'waves']);
  });

  it('gives way to one that is quicker, once it has cleared a stale lock', () => {
    const client = locked('999999999.1');
    client.standIn('ln', 'case $* in *.clearing) exec /bin/ln "$@" ;; esac\necho "ln: File exists" >&2\nexit 1');
    expect(client.cycle(REPLACED).verdict).toBe('verdict nothing busy');
    expect(restarts(client)).toBe(0);
    expect(client.list('/var/lib/podtime')).toEqual(['.keep']);
  });

  it('says so when the disk has no room to clear a stale lock', () => {
    const full = 'case $* in *.clearing) echo "ln: No space left on device" >&2 && exit 1 ;; esac';
    const client = locked('999999999.1').standIn('ln', `${full}\nexec /bin/ln "$@"`);
    expect(client.cycle(REPLACED)).toMatchObject({
      verdict: 'verdict failed state: cannot write /var/lib/podtime/cycle.lock: No space left on device',
      status: 1,
    });
  });

  it('gives way where others take and leave the lock each time it tries', () => {
    const client = stale().standIn('ln', 'echo "ln: cycle.lock: File exists" >&2\nexit 1');
    client.variables = { tries: 'junk' };
    expect(client.cycle(REPLACED)).toMatchObject({ verdict: 'verdict nothing busy', status: 0 });
    expect(restarts(client)).toBe(0);
  });

  it('of several that find a lock stale, one acts', async () => {
    const client = locked('999999999.1');
    const runs = await Promise.all([1, 2, 3].map(() => startCycle(client)));
    expect(restarts(client)).toBe(1);
    expect(runs.filter(({ verdict }) => verdict.startsWith('verdict cycled'))).toHaveLength(1);
  });

  it.each([
    ['killed', 'kill -9 $PPID'],
    ['told to end', 'kill -TERM $PPID'],
  ])('the next is right after one was %s while it waited', (_, deed) => {
    const client = stale().standIn('sleep', deed);
    const { stdout, status } = client.cycle(REPLACED);
    expect(stdout).not.toContain('verdict');
    expect(status).not.toBe(0);
    expect(restarts(client)).toBe(1);

    // it follows already, and is not asked to prove it again
    expect(client.cycle(REPLACED).verdict).toBe('verdict nothing already-right');
    expect(restarts(client)).toBe(1);
  });

  it.each(['HUP', 'INT', 'TERM'])('one that SIG%s ends lets its lock go', (signal) => {
    const client = stale().standIn('sleep', `kill -${signal} $PPID`);
    expect(client.cycle(REPLACED)).toMatchObject({ stdout: '', status: 1 });
    expect(client.list('/var/lib/podtime')).toEqual(['.keep', 'cycled', 'restart.log', 'waves']);
  });

  it('the next acts after one was killed between its stamp and its act', () => {
    // the service command's parent is the run itself
    const client = stale().standIn('timeout', 'shift; exec "$@"');
    const act = client.restart;
    client.standIn('service', `case $* in *status) [ "$*" = "ntpsec status" ];; *) kill -9 $PPID;; esac`);
    expect(client.cycle(REPLACED).stdout).not.toContain('verdict');
    expect(client.read('/var/lib/podtime/cycled')).toBe(`${client.now}\n`);

    expect(client.cycle(REPLACED).verdict).toBe('verdict nothing cool-down 600');
    client.now += 700;
    client.standIn(
      'service',
      `echo "service $*" >>"$WORLD/calls"; case $* in *status) [ "$*" = "ntpsec status" ];; *) read -r now <"$WORLD/now"; echo "restart $now" >"$WORLD/stage";; esac`,
    );
    expect(client.cycle(REPLACED).verdict).toMatch(/^verdict cycled ntpsec in /);
    expect(client.calls()).toContain(act);
  });
});
