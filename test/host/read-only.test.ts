import { lstatSync, readdirSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { Host, NOW, SHELLS } from './host.ts';
import { kept } from './kept.ts';
import { LAYOUTS, layout } from './layouts.ts';

const DAY = 86_400;

/** All that a host has beside its stand-ins, and when each was last changed, by whatever. */
function files(host: Host): [string, number][] {
  const names = readdirSync(host.root, { recursive: true, encoding: 'utf8' }).toSorted();
  return names.filter((name) => !/^\.world\b/.test(name)).map((name) => [name, lstatSync(host.at(name)).ctimeMs]);
}

function expectUnchanged(host: Host): void {
  const before = files(host);
  expect(before).not.toEqual([]);
  expect(host.run('collect').stdout).toMatch(/\nend\n$/);
  expect(files(host)).toEqual(before);
}

describe.each(SHELLS)('under %s, collect writes nothing', (shell) => {
  it.each(LAYOUTS.map(({ name }) => name))('on %s', (name) => {
    const host = kept(new Host(shell)).tools('openssl');
    layout(name).lay(host);
    expectUnchanged(host);
  });

  it('below /var/lib/podtime, whatever is noted there, or nothing', () => {
    const host = kept(new Host(shell)).tools('openssl');
    layout('RHEL 9').lay(host);
    host.file('/etc/chrony.conf', 'server a.example iburst nts\n');
    expectUnchanged(host);
    host.file('/var/lib/podtime/cycled', `${NOW}\n`);
    host.file('/var/lib/podtime/certificates', `a.example ${NOW - 9 * DAY} ${NOW - 80 * DAY} ${NOW + DAY}\n`);
    expectUnchanged(host);
  });
});
