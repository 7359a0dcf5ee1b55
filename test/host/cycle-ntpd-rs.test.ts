import { describe, expect, it } from '@jest/globals';
import { nextWave } from './client.ts';
import { captured, Host, SHELLS } from './host.ts';
import { kept } from './kept.ts';
import { withNtpdRs } from './other-layouts.ts';

const CAPTURE = captured('ntpd-rs-1.4.0.settled-falseticker.prometheus');
/** What DNS says of the captured host, which polls 10.20.2.10 to 10.20.4.12 and hears nothing of 10.20.5.13. */
const RIGHT = 'az-b=10.20.2.10 az-c=10.20.3.11 az-d=10.20.4.12';
const REPLACED = 'az-b=10.20.2.20 az-c=10.20.3.11 az-d=10.20.4.12';
const NAMES = ['b', 'c', 'd', 'e'].map((letter) => `[[source]]\nmode = "server"\naddress = "ntp.az-${letter}.pod"\n`);
const FILE = '/etc/ntpd-rs/ntp.toml';
const RESTART = 'service ntpd-rs restart';

const moved = (text: string) => text.replaceAll('10.20.2.10', '10.20.2.20');
/** No source has answered yet, as after a restart. */
const silent = (text: string) => text.replace(/^(ntp_source_unanswered_polls.*) 0$/gm, '$1 8');
const onlyHeard = (address: string, text: string) =>
  silent(text).replace(new RegExp(`^(ntp_source_unanswered_polls.*"${address}:123".*) 8$`, 'm'), '$1 0');

describe.each(SHELLS)('cycle of ntpd-rs under %s', (shell) => {
  const newHost = () => {
    const host = withNtpdRs(kept(new Host(shell)));
    host.file(FILE, `${NAMES.join('')}[[source]]\nmode = "server"\naddress = "10.20.6.14"\n`);
    host.acts(RESTART, 'restart').on(`ntp-ctl -c ${host.at(FILE)} status`, 'Stratum: 4\n');
    for (const [letter, address] of [
      ['b', '10.20.2.20'],
      ['c', '10.20.3.11'],
      ['d', '10.20.4.12'],
      ['e', ''],
    ] as const)
      host.on(`getent ahosts ntp.az-${letter}.pod`, address === '' ? { status: 2 } : `${address} STREAM x\n`);
    return host;
  };
  const polls = (host: Host, text: string, stage?: string) =>
    host.on(`ntp-ctl -c ${host.at(FILE)} status -f prometheus`, text, stage);
  const cycle = (host: Host, Records: string, more: Record<string, string> = {}) =>
    host.run('cycle', { Records, Zone: 'pod', Wave: nextWave(), CoolDownSeconds: '100', ...more });
  /** 10.20.5.13 has no record. */
  const withoutGone = (text: string) => text.replace(/^.*10\.20\.5\.13.*\n/gm, '');

  it('does nothing to a host that is right', () => {
    const host = polls(newHost(), withoutGone(CAPTURE));
    const { stdout, verdict, status } = cycle(host, RIGHT);
    expect({ verdict, status }).toEqual({ verdict: 'verdict nothing already-right', status: 0 });
    expect(stdout.endsWith('\nStratum: 4\nend\n')).toBe(true);
    expect(host.calls().filter((call) => call === RESTART)).toEqual([]);
  });

  it('restarts one that DNS has left behind, and succeeds when the new server has answered, synchronised or not', () => {
    const host = polls(newHost(), CAPTURE);
    polls(host, silent(moved(CAPTURE)), 'restart+0');
    polls(
      host,
      withoutGone(onlyHeard('10.20.2.20', moved(CAPTURE))).replace('ntp_system_stratum 4', 'ntp_system_stratum 16'),
      'restart+6',
    );
    const { stdout, verdict, status } = cycle(host, REPLACED);
    expect({ verdict, status }).toEqual({ verdict: 'verdict cycled ntpd-rs in 6 s', status: 0 });
    expect(stdout).toContain(
      'Polls no current address of ntp.az-b.pod.\nPolls 10.20.5.13 10.20.2.10, which no record holds.\nRestarting ntpd-rs.\n',
    );
    expect(host.calls().filter((call) => call === RESTART)).toEqual([RESTART]);
  });

  it('fails where others answer and the new one does not', () => {
    const host = polls(newHost(), CAPTURE);
    polls(host, onlyHeard('10.20.3.11', moved(CAPTURE)), 'restart+0');
    expect(cycle(host, REPLACED)).toMatchObject({
      verdict: 'verdict failed not-healed: after 60 s, wanted ntp.az-b.pod, heard ntp.az-c.pod, system peer yes',
      status: 1,
    });
  });

  it.each([1, 2])('leaves one alone that announces a leap second, %i', (indicator) => {
    const host = polls(newHost(), CAPTURE.replace('leap_indicator 0', `leap_indicator ${indicator}`));
    // half a day before a month ends
    host.now = Date.UTC(2026, 5, 30, 12) / 1000;
    expect(cycle(host, REPLACED, { Force: 'yes' }).verdict).toBe('verdict nothing leap-second');
  });

  it('knows a server by its IPv6 address, which ntpd-rs writes in brackets', () => {
    const host = polls(newHost(), withoutGone(CAPTURE).replaceAll('"10.20.2.10:123"', '"[fd00:20::2:20]:123"'));
    expect(cycle(host, RIGHT.replace('10.20.2.10', 'fd00:20:0::2:20')).verdict).toBe('verdict nothing already-right');
  });

  it('leaves one alone that does not say what it polls', () => {
    const words = 'Could not open socket at /run/ntpd-rs/observe: Connection refused (os error 111)\n';
    const host = newHost().on(`ntp-ctl -c ${newHost().at(FILE)} status -f prometheus`, '');
    host.on(`ntp-ctl -c ${host.at(FILE)} status -f prometheus`, { stderr: words, status: 1 });
    expect(cycle(host, REPLACED).verdict).toBe('verdict nothing unreadable');
  });

  it('counts its own age for the cool-down', () => {
    const host = polls(newHost(), CAPTURE);
    expect(cycle(host, REPLACED, { CoolDownSeconds: '600' }).verdict).toBe('verdict nothing cool-down 416');
  });
});
