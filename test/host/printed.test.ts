import { rmSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { captured, Host, SHELLS } from './host.ts';
import { kept } from './kept.ts';
import { BUSCTL, withNtpdRs, withTimesyncd } from './other-layouts.ts';

// What collect makes of single lines of ntpd-rs's file and of what systemd-timesyncd tells.

const TOML = '/etc/ntpd-rs/ntp.toml';

describe.each(SHELLS)('under %s, collect', (shell) => {
  const systemLine = (host: Host) => /\nsystem ntp-ctl\n(.*)\nsources ntp-ctl\n/.exec(host.run('collect').stdout)?.[1];

  it.each([
    ['minimum-agreeing-sources = 2\n', ' minimum=2'],
    ['\tminimum-agreeing-sources=12 # of many\n', ' minimum=12'],
    ['minimum-agreeing-sources = 1\nminimum-agreeing-sources = 2\n', ' minimum=1'],
    ['#minimum-agreeing-sources = 2\n', ''],
    ['minimum-agreeing-sources = 12345\n', ''],
    ['minimum-agreeing-sources = "2"\n', ''],
    ['other-minimum-agreeing-sources = 2\n', ''],
    ['', ''],
  ])('tells how many sources of ntpd-rs must agree by its file: %j', (lines, words) => {
    const host = withNtpdRs(kept(new Host(shell))).file(TOML, `[synchronization]\n${lines}`);
    host.on(`ntp-ctl -c ${host.at(TOML)} status -f prometheus`, 'ntp_system_stratum 3\n');
    expect(systemLine(host)).toBe(`stratum=3${words}`);
  });

  it('does not where no file is found, whatever standard input holds', () => {
    const host = withNtpdRs(kept(new Host(shell))).on('ntp-ctl status -f prometheus', 'ntp_system_stratum 3\n');
    rmSync(host.at(TOML));
    host.input = 'minimum-agreeing-sources = 2\n';
    expect(systemLine(host)).toBe('stratum=3');
  });

  it.each([
    ['(iay) 2 4 10 20 2 10', '10.20.2.10'],
    ['(iay) 10 16 32 1 13 184 0 32 0 0 0 0 0 0 0 2 0 16', '2001:db8:20:0:0:0:2:10'],
    ['(iay) 0 0', '-'],
    ['(iay) 2 16 32 1 13 184 0 32 0 0 0 0 0 0 0 2 0 16', '-'],
    ['(iay) 10 4 10 20 2 10', '-'],
  ])('tells the address that systemd-timesyncd tells as %s', (bytes, address) => {
    const text = captured('systemd-252.slewed.busctl').replace(/^\(iay\).*$/m, bytes);
    const host = withTimesyncd(kept(new Host(shell))).on(BUSCTL, text);
    expect(host.run('collect').stdout.match(/^address .*$/gm)).toEqual([`address ${address}`]);
  });
});
