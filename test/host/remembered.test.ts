import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { type Client, leftBehind, nextWave, REPLACED, RIGHT } from './client.ts';
import { SHELLS } from './host.ts';
import { kept } from './kept.ts';

// What cycle remembers on a host: the waves that ran there, and when it last acted.

const WAVES = '/var/lib/podtime/waves';

describe.each(SHELLS)('a wave on one host under %s', (shell) => {
  const stale = (): Client => {
    return kept(leftBehind(shell, 'ntpsec'));
  };
  const restarts = (client: Client) => client.calls().filter((call) => call === client.restart).length;

  it.each(['no', 'yes'])('runs once, Force=%s', (Force) => {
    const client = stale();
    const wave = { Wave: '5eed00000001-client', Force, CoolDownSeconds: '0' };
    expect(client.cycle(REPLACED, wave).verdict).toMatch(/^verdict cycled /);
    expect(client.cycle(REPLACED, wave)).toMatchObject({ verdict: 'verdict nothing same-wave', status: 0 });
    expect(restarts(client)).toBe(1);
    expect(client.read(WAVES)).toBe('5eed00000001-client\n');
  });

  it('runs once also where it did nothing, while the next wave may act', () => {
    const client = stale().sees('c', '10.66.0.53');
    const [first, second] = [{ Wave: nextWave() }, { Wave: nextWave() }];
    expect(client.cycle(REPLACED, first).verdict).toBe('verdict nothing not-yet ntp.az-c.pod');
    client.sees('c', '10.66.0.63');
    expect(client.cycle(REPLACED, first).verdict).toBe('verdict nothing same-wave');
    expect(client.cycle(REPLACED, second).verdict).toMatch(/^verdict cycled /);
  });

  it('runs once, forced, by three commands at once', async () => {
    const client = stale();
    const forced = { Records: REPLACED, Zone: 'pod', Force: 'yes', CoolDownSeconds: '0', Wave: nextWave() };
    const runs = await Promise.all([1, 2, 3].map(() => client.start('cycle', forced)));
    expect(restarts(client)).toBe(1);
    const verdicts = runs.map(({ verdict }) => verdict).filter((verdict) => !verdict.startsWith('verdict cycled '));
    expect(verdicts).toHaveLength(2);
    for (const verdict of verdicts) expect(verdict).toMatch(/^verdict nothing (same-wave|busy)$/);
  });

  it('is on the disk before anything is decided, and when it acts before it does', () => {
    const client = stale();
    client.standIn('sync', 'echo "sync $1" >>"$WORLD/calls"');
    expect(client.cycle(REPLACED).verdict).toMatch(/^verdict cycled /);
    expect(client.calls().filter((call) => call.startsWith('sync ') || call === client.restart)).toEqual([
      ...['waves.new', '', 'cycled.new', ''].map((file) => `sync ${join(client.at('/var/lib/podtime'), file)}`),
      client.restart,
    ]);
    expect(client.calls()[0]).toBe(`sync ${client.at(WAVES)}.new`);
  });

  it('is remembered by a run that was killed in its act', () => {
    const client = stale().standIn('sleep', 'kill -9 $PPID');
    const wave = { Wave: nextWave(), Force: 'yes', CoolDownSeconds: '0' };
    expect(client.cycle(REPLACED, wave).stdout).toBe('');
    expect(restarts(client)).toBe(1);
    expect(client.cycle(REPLACED, wave).verdict).toBe('verdict nothing same-wave');
    expect(restarts(client)).toBe(1);
  });

  it('is remembered among the last twenty', () => {
    const client = stale();
    const before = Array.from({ length: 30 }, (_, n) => `old-${n}`);
    client.file(WAVES, `${before.join('\n')}\n`);
    expect(client.cycle(RIGHT, { Wave: 'old-29' }).verdict).toBe('verdict nothing same-wave');
    client.cycle(REPLACED, { Wave: 'new' });
    expect(client.read(WAVES)).toBe(`${[...before.slice(-19), 'new'].join('\n')}\n`);
    expect(client.cycle(REPLACED, { Wave: 'old-5' }).verdict).not.toBe('verdict nothing same-wave');
  });

  it('is remembered on a host without sync', () => {
    const client = stale().without('sync');
    expect(client.cycle(REPLACED, { Wave: 'first' }).verdict).toMatch(/^verdict cycled /);
    expect(client.read(WAVES)).toBe('first\n');
  });

  it('is no other of which its id is a part', () => {
    const client = stale().file(WAVES, 'abc\n');
    expect(client.cycle(REPLACED, { Wave: 'ab' }).verdict).toMatch(/^verdict cycled /);
  });
});

describe.each(SHELLS)('a host whose state cannot be written, under %s', (shell) => {
  const stale = (): Client => {
    const client = kept(leftBehind(shell, 'ntpd'));
    return client.file('/var/lib/podtime/.keep', '');
  };
  const link = (target: string, path: string) => (client: Client) => symlinkSync(target, client.at(path));
  const folder = (path: string) => (client: Client) => mkdirSync(client.at(path), { recursive: true });
  const file = (path: string) => (client: Client) => {
    rmSync(client.at(path), { recursive: true, force: true });
    client.file(path, 'in the way\n');
  };

  it.each<[string, (client: Client) => void, string]>([
    ['a file is in the place of its folder', file('/var/lib/podtime'), '/var/lib/podtime: File exists'],
    ['a file is above its folder', file('/var/lib'), '/var/lib/podtime: Not a directory'],
    [
      'a file is in the place of the lock',
      file('/var/lib/podtime/cycle.lock'),
      '/var/lib/podtime/cycle.lock: File exists',
    ],
    [
      'a folder is in the place of the lock',
      folder('/var/lib/podtime/cycle.lock'),
      '/var/lib/podtime/cycle.lock: File exists',
    ],
    ['the disk is full', link('/dev/full', '/var/lib/podtime/waves.new'), `${WAVES}: No space left on device`],
    ['a folder is in the place of the waves', folder(WAVES), `${WAVES}: a folder is in its place`],
    ['a folder is in the place of a draft', folder(`${WAVES}.new`), `${WAVES}: Is a directory`],
    [
      'the disk is full at the stamp',
      link('/dev/full', '/var/lib/podtime/cycled.new'),
      '/var/lib/podtime/cycled: No space left on device',
    ],
    [
      'a folder is in the place of the stamp',
      folder('/var/lib/podtime/cycled'),
      '/var/lib/podtime/cycled: a folder is in its place',
    ],
  ])('says so and does nothing: %s', (_, spoil, why) => {
    const client = stale();
    spoil(client);
    const { verdict, status } = client.cycle(REPLACED, { Force: 'yes' });
    expect({ verdict, status }).toEqual({ verdict: `verdict failed state: cannot write ${why}`, status: 1 });
    expect(client.acted()).toBe(false);
  });

  it('and acts where only the words of the service manager cannot be kept', () => {
    const client = stale();
    folder('/var/lib/podtime/restart.log')(client);
    expect(client.cycle(REPLACED).verdict).toMatch(/^verdict cycled /);
  });
});
