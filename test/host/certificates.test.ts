import { describe, expect, it } from '@jest/globals';
import { parseCollected } from '../../src/host/collect.ts';
import { Host, NOW, SHELLS } from './host.ts';
import { kept } from './kept.ts';
import { layout } from './layouts.ts';

// Each look is behind the answer of one run, and told by the next.

const DAY = 86_400;
const FILE = '/var/lib/podtime/certificates';
const X509 = 'openssl x509 -noout -startdate -enddate';

function look(name: string): string {
  return `openssl s_client -connect ${name}:4460 -servername ${name} -alpn ntske/1`;
}

/** As OpenSSL writes a date. */
function written(seconds: number): string {
  const [, day, month, year, time] = new Date(seconds * 1000).toUTCString().split(' ');
  return `${month} ${String(Number(day)).padStart(2)} ${time} ${year} GMT`;
}

function dates(starts: number, ends: number): string {
  return `notBefore=${written(starts)}\nnotAfter=${written(ends)}\n`;
}

describe.each(SHELLS)('under %s, collect', (shell) => {
  const newHost = (...names: string[]) => {
    const host = kept(new Host(shell));
    layout('RHEL 9').lay(host);
    host.tools('openssl');
    return host.file('/etc/chrony.conf', names.map((name) => `server ${name} iburst nts\n`).join(''));
  };

  it('tells a certificate near its end, after it looked at it', () => {
    const [starts, ends] = [NOW - 80 * DAY, NOW + 10 * DAY];
    const host = newHost('a.example').on(look('a.example'), 'its certificate\n').on(X509, dates(starts, ends));
    expect(host.run('collect').stdout).not.toContain('certificate');
    expect(host.read(FILE)).toBe(`a.example ${NOW} ${starts} ${ends}\n`);
    const { stdout } = host.run('collect');
    expect(stdout).toContain(`\ncertificate a.example ${10 * DAY} ${90 * DAY}\nsystem chronyc\n`);
    expect(parseCollected(stdout)).toMatchObject({
      certificates: [{ name: 'a.example', secondsLeft: 10 * DAY, lifeSeconds: 90 * DAY }],
      faults: [],
    });
    expect(host.calls().filter((call) => call.startsWith('openssl s_client'))).toEqual([look('a.example')]);
  });

  it('tells one that has ended, and nothing of one with a third of its life before it', () => {
    const host = newHost('ended.example', 'good.example', 'unseen.example').file(
      FILE,
      [
        `ended.example ${NOW} ${NOW - 10 * DAY} ${NOW - 60}`,
        `good.example ${NOW} ${NOW - 60 * DAY} ${NOW + 30 * DAY}`,
        `unseen.example ${NOW} - -`,
        `other.example ${NOW} ${NOW - 10 * DAY} ${NOW - 60}`,
        '',
      ].join('\n'),
    );
    const { stdout } = host.run('collect');
    expect(stdout.match(/^certificate .*$/gm)).toEqual([`certificate ended.example -60 ${10 * DAY - 60}`]);
    expect(parseCollected(stdout)?.certificates).toEqual([
      { name: 'ended.example', secondsLeft: -60, lifeSeconds: 10 * DAY - 60 },
    ]);
  });

  it('looks at each once a day, at two in one run, and an hour after a look without an answer', () => {
    const names = ['a.example', 'b.example', 'c.example'];
    const host = newHost(...names);
    host.file(FILE, `other.example ${NOW} - -\na.example ${NOW - 10} ${NOW - DAY} ${NOW + DAY}\n`);
    const looksAfter = (seconds: number) => {
      host.now += seconds;
      const before = host.calls().length;
      host.run('collect');
      return names.filter((name) => host.calls().slice(before).includes(look(name)));
    };
    expect([0, 0, 3601, DAY].map(looksAfter)).toEqual([
      ['b.example', 'c.example'],
      [],
      ['b.example', 'c.example'],
      ['a.example', 'b.example'],
    ]);
    expect(
      host
        .read(FILE)
        ?.split('\n')
        .map((line) => line.split(' ')[0]),
    ).toEqual(['a.example', 'b.example', 'c.example', '']);
  });

  it('looks at none that no source is asked with NTS by, nor where it has no openssl', () => {
    const without = newHost().file('/etc/chrony.conf', 'server a.example iburst\n');
    without.run('collect');
    expect(without.calls().filter((call) => call.startsWith('openssl'))).toEqual([]);
    const bare = kept(new Host(shell));
    layout('RHEL 9').lay(bare);
    bare.file('/etc/chrony.conf', 'server a.example iburst nts\n');
    expect(bare.run('collect')).toMatchObject({ stderr: '', status: 0 });
    expect([without.read(FILE), bare.read(FILE)]).toEqual([null, null]);
  });

  it('looks at no name that a shell or openssl could take for something else', () => {
    const host = newHost('a.example', '-x.example', 'b;reboot.example');
    host.run('collect');
    expect(host.calls().filter((call) => call.startsWith('openssl s_client'))).toEqual([look('a.example')]);
  });
});

it('a certificate line that cannot be read costs itself', () => {
  const lines = ['certificate a.example 5 x', 'certificate -a 5 9', 'certificate b.example -7 90'];
  const text = ['podtime-collect 1', 'found chrony 4.3', ...lines, 'system chronyc', 'sources chronyc', 'end', ''];
  const collected = parseCollected(text.join('\n'));
  expect(collected?.certificates).toEqual([{ name: 'b.example', secondsLeft: -7, lifeSeconds: 90 }]);
  expect(collected?.faults.map(({ line, field }) => [line, field])).toEqual([
    [3, 'certificate'],
    [4, 'certificate'],
  ]);
});
