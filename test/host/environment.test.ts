import { statSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { Client, KINDS, leftBehind, newOneSilent, nextWave, REPLACED, RIGHT, silent } from './client.ts';
import { Host, SHELLS, wholeScript } from './host.ts';
import { kept } from './kept.ts';
import { LAYOUTS, layout, withNtpsec } from './layouts.ts';
import { withNtpdRs, withTimesyncd } from './other-layouts.ts';

// Whoever starts a document, its environment steers nothing: each variable is set before it is read.

/** Every variable of the scripts, with a value that none of them has. */
const JUNK = Object.fromEntries(
  (['collect', 'cycle'] as const)
    .flatMap((name) => [...wholeScript(name).matchAll(/\b([a-z_]+)=/g)])
    .map(([, name = '']) => [name, 'junk']),
);

/** What is printed without and with such an environment. */
function both<T extends Host>(make: () => T, run: (host: T) => unknown): [without: unknown, beside: unknown] {
  const [without, beside] = [{}, JUNK].map((variables) => {
    const host = kept(make());
    host.variables = variables;
    return run(host);
  });
  return [without, beside];
}

/** Its rows tell which sources it has no keys for. */
function withNts(host: Host): void {
  layout('Debian 12, ntpsec').lay(host);
  host.file('/etc/ntpsec/ntp.conf', 'server a.example nts\n');
}

describe.each(SHELLS)('under %s, in an environment full of variables', (shell) => {
  it.each(LAYOUTS)('collect prints of $name what it prints without', ({ lay }) => {
    const [without, beside] = both(
      () => new Host(shell),
      (host) => {
        lay(host);
        return host.run('collect');
      },
    );
    expect(beside).toEqual(without);
  });

  it.each<[string, (host: Host) => void]>([
    ['a host without a daemon', (host) => host.tools('service', 'ntpq', 'chronyc')],
    ['a daemon without a file', (host) => withNtpsec(host.on('service ntpsec status', ''))],
    ['ntpsec that asks with NTS', withNts],
    ['ntpd-rs', withNtpdRs],
    ['systemd-timesyncd', withTimesyncd],
    ["busybox's ntpd", (host) => host.file('/proc/7/stat', '7 (ntpd)').file('/proc/7/cmdline', 'busybox\0ntpd\0')],
  ])('collect prints of %s what it prints without', (_, lay) => {
    const [without, beside] = both(
      () => new Host(shell),
      (host) => {
        lay(host);
        return host.run('collect');
      },
    );
    expect(beside).toEqual(without);
  });

  it.each(KINDS)('cycle of %s ends as it does without', (kind) => {
    const stories: (() => Client)[] = [
      () => new Client(shell, kind),
      () => leftBehind(shell, kind),
      () => {
        const mute = leftBehind(shell, kind).polls(silent);
        mute.polls((rows) => silent(newOneSilent(rows)), `${mute.stage}+6`);
        return mute;
      },
      () => {
        const failing = leftBehind(shell, kind);
        failing.acts(failing.act, 'none', { stdout: 'no\n', status: 1 });
        return failing;
      },
    ];
    for (const story of stories) {
      const [without, beside] = both(story, (client) => [
        client.cycle(RIGHT),
        client.cycle(REPLACED, { Wave: nextWave() }),
      ]);
      expect(beside).toEqual(without);
    }
  });

  it.each([0o000, 0o077])('cycle keeps files that root alone writes and all may read, with a umask of %d', (umask) => {
    const client = kept(leftBehind(shell, 'ntpd'));
    const before = process.umask(umask);
    try {
      expect(client.cycle(REPLACED).verdict).toMatch(/^verdict cycled /);
    } finally {
      process.umask(before);
    }
    const modes = ['', '/cycled', '/waves'].map((file) => statSync(client.at(`/var/lib/podtime${file}`)).mode & 0o777);
    expect(modes).toEqual([0o755, 0o644, 0o644]);
  });
});
