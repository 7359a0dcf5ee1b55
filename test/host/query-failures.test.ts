import { spawnSync } from 'node:child_process';
import { rmSync, symlinkSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parseCollected } from '../../src/host/collect.ts';
import { parseNtpqPeers } from '../../src/ntp/ntpq-peers.ts';
import { captured, Host, SHELLS } from './host.ts';
import { kept } from './kept.ts';
import { layout, withChrony } from './layouts.ts';
import { whereIs } from './programs.ts';

// Daemons that fail, hang or fall silent, and what their query tools say of it.

const newHost = (shell: (typeof SHELLS)[number]) => kept(new Host(shell));

describe.each(SHELLS)('under %s, collect', (shell) => {
  it('tells a query tool that gets no answer, and asks it once', () => {
    const host = newHost(shell);
    layout('Debian 12, ntpsec').lay(host);
    host.on('ntpq -c rv 0 version', { stderr: '***Request timed out\n' });

    const { stdout } = host.run('collect');

    expect(stdout).toContain('\nfound ntpsec - service=ntpsec file=/etc/ntpsec/ntp.conf\nage -\n');
    expect(stdout).toMatch(/\ntrouble \*\*\*Request timed out\nend\n$/);
    expect(host.calls().filter((call) => call.startsWith('ntpq'))).toEqual(['ntpq -c rv 0 version']);
    expect(parseCollected(stdout)).toMatchObject({
      daemon: { kind: 'ntpsec', version: null },
      sources: [],
      system: null,
    });
  });

  it.each([
    ['506 Cannot talk to daemon\n', 'trouble 506 Cannot talk to daemon'],
    ['', 'trouble chronyc printed nothing'],
    ['506 \u001b[2J<b>daemon\n', 'trouble 506 \\?\\[2J\\?b\\?daemon'],
  ])('tells what chronyc said when it failed: %j', (stdout, line) => {
    const host = newHost(shell);
    layout('RHEL 9').lay(host);
    host.on('chronyc -c tracking', { stdout, status: 1 });
    expect(host.run('collect').stdout).toMatch(new RegExp(`\\n${line}\\nend\\n$`));
  });

  it('keeps the rows that came before the daemon fell silent', () => {
    const host = newHost(shell);
    layout('Ubuntu 22.04').lay(host);
    const rows = captured('classic-4.2.8p6.client-settled.pnw');
    host.on('ntpq -pnw', {
      stdout: rows,
      stderr: 'localhost: timed out with incomplete data\n***Response from server was incomplete\n',
    });
    const { stdout } = host.run('collect');
    expect(stdout).toContain('\ntrouble ***Response from server was incomplete\nsystem ntpq\n');
    expect(parseCollected(stdout)?.sources).toHaveLength(3);
    expect(stdout).not.toMatch(/\n\*\*\*/);
  });

  it.each([
    ['503 No such source\n', '503 No such source'],
    // ended by `timeout` between two rows
    ['', 'chronyc did not answer any more'],
  ])('keeps what chronyc told before it failed with %j', (last, trouble) => {
    const host = newHost(shell);
    layout('RHEL 9').lay(host);
    const rows = captured('chrony-4.3.client-settled.sources-c');
    host.on('chronyc -n -c sources', { stdout: `${rows}${last}`, status: 1 });
    const { stdout } = host.run('collect');
    expect(stdout).toContain(`\ntrouble ${trouble}\nsystem chronyc\n`);
    const collected = parseCollected(stdout);
    expect(collected?.system).toMatchObject({ leap: 'none' });
    expect(collected?.sources).toHaveLength(3);
    expect(collected?.faults).toEqual([
      { line: expect.any(Number), field: null, text: trouble, reason: `the query tool failed: ${trouble}` },
    ]);
  });

  const first = '^,*,192.0.2.1,2,6,377,20,0.000001000,0.000001000,0.010000000\n';
  const second = '^,+,192.0.2.2,2,6,377,21,0.000001000,0.000001000,0.010000000';
  it.each([
    ['behind a row', second, 2],
    ['within the register of a row', second.slice(0, second.indexOf('377,') + 2), 1],
    ['within the last number of a row', second.slice(0, -1), 1],
    ['within a remote', second.slice(0, 5), 1],
  ])('keeps the whole rows of a chronyc that is ended %s', (_, last, count) => {
    const host = newHost(shell);
    layout('RHEL 9').lay(host);
    host.on('chronyc -n -c sources', { stdout: `${first}${last}`, status: 124 });
    const { stdout } = host.run('collect');
    expect(stdout).toContain('\ntrouble chronyc did not answer any more\nsystem chronyc\n');
    const collected = parseCollected(stdout);
    expect(collected?.system).toMatchObject({ leap: 'none' });
    expect(collected?.sources.map(({ address, reach }) => `${address} ${reach}`)).toEqual(
      ['192.0.2.1 255', '192.0.2.2 255'].slice(0, count),
    );
    expect(collected?.faults.map(({ field, text }) => [field, text])).toEqual([
      [null, 'chronyc did not answer any more'],
    ]);
  });

  const table = captured('classic-4.2.8p6.client-settled.pnw');
  it.each([
    ['at the end', table, 3],
    ['behind a row', table.slice(0, table.lastIndexOf('\n', table.length - 2) + 1), 2],
    ['within the last number of a row', table.slice(0, -2), 2],
    ['within the register of a row', table.slice(0, -26), 2],
    ['within a remote', table.slice(0, -70), 2],
  ])('keeps the whole rows of an ntpq that is ended %s', (_, stdout, count) => {
    const host = newHost(shell);
    layout('Ubuntu 22.04').lay(host);
    host.on('ntpq -pnw', { stdout, status: 124 });
    const answer = host.run('collect').stdout;
    expect(answer).toContain('\ntrouble ntpq did not answer any more\nsystem ntpq\n');
    const collected = parseCollected(answer);
    expect(collected?.sources).toEqual(parseNtpqPeers(table).value.slice(0, count));
    expect(collected?.faults.map(({ field, text }) => [field, text])).toEqual([[null, 'ntpq did not answer any more']]);
  });

  it.each([
    ['Ubuntu 22.04', 'ntpq -pnw', table.slice(0, -26), 2],
    ['RHEL 9', 'chronyc -n -c sources', `${first}${second.slice(0, -1)}`, 1],
  ])('keeps what %s was told before the time of %s was up', (system, command, stdout, count) => {
    const host = newHost(shell).limits({ QUERY_SECONDS: 2 });
    layout(system).lay(host);
    spawnSync('mkfifo', [host.at('.world/never')]);
    host.on(command, { stdout, hangs: true });
    const collected = parseCollected(host.run('collect').stdout);
    expect(collected?.sources).toHaveLength(count);
    expect(collected?.faults.map(({ text }) => text)).toEqual([`${command.split(' ')[0]} did not answer any more`]);
  });

  it('asks an ntpq without -w once more, and tells where that was ended', () => {
    const host = newHost(shell);
    layout('Ubuntu 22.04').lay(host);
    host.on('ntpq -pnw', { stderr: 'ntpq: illegal option -- w\n', status: 64 });
    host.on('ntpq -pn', table);
    expect(host.run('collect').stdout).not.toContain('\ntrouble ');
    host.on('ntpq -pn', { stdout: table, status: 124 });
    expect(host.run('collect').stdout).toContain('\ntrouble ntpq did not answer any more\n');
  });

  it("keeps chronyc's own state when it lists no source", () => {
    const host = newHost(shell);
    layout('RHEL 9').lay(host);
    host.on('chronyc -n -c sources', { stdout: '503 No such source\n', status: 1 });
    const { stdout } = host.run('collect');
    expect(stdout).toMatch(/\ntrouble 503 No such source\nsystem chronyc\n.*\nend\n$/);
    expect(parseCollected(stdout)).toMatchObject({ system: { leap: 'none' }, sources: [] });
  });

  it('answers in time where the service manager and the daemons hang', () => {
    const manager = shell === 'dash' ? 'service' : 'systemctl';
    const host = newHost(shell).limits({ STATUS_SECONDS: 1, ANSWER_SECONDS: 4, QUERY_SECONDS: 2 });
    layout('RHEL 9').lay(host);
    spawnSync('mkfifo', [host.at('.world/never')]);
    rmSync(host.file('/proc/uptime', '').at('/proc/uptime'));
    symlinkSync('/proc/uptime', host.at('/proc/uptime'));
    for (const tool of [manager, 'ntpq', 'chronyc'])
      host.standIn(tool, `echo "${tool} $*" >>"$WORLD/calls"; read -r _ <"$WORLD/never"`);
    // on a busy machine a tool may be ended before it notes that it was asked
    const program = shell === 'busybox' ? `${whereIs('busybox')} timeout` : whereIs('timeout');
    host.standIn('timeout', `echo "timeout $*" >>"$WORLD/calls"; exec ${program} "$@"`);
    // a document that hangs is ended after a minute, and has no status
    expect(host.run('collect')).toMatchObject({
      stdout: expect.stringMatching(
        /^podtime-collect 1\nfound none asked \w+ for .*\nage -\ncycled -\nrevision -\nend\n$/,
      ),
      status: 0,
    });
    const asked = host.calls().filter((call) => call.startsWith(`timeout 1 ${manager} `));
    expect(asked).toHaveLength(5);
    expect(host.calls().filter((call) => call.startsWith('timeout '))).toEqual(asked);
  });

  it('takes no service for active that is not, also without timeout', () => {
    const host = newHost(shell).without('timeout').tools('service', 'ntpq', 'chronyc');
    expect(host.run('collect').stdout).toContain('\nfound none asked service for ');
  });

  it.each([
    // five questions about services within 10 seconds, then one second for each that is left; the daemon within the 28 of all
    [4, [10, 6, 2, 1, 1, 8, 1]],
    [12, [10, 1, 1, 1, 1, 1]],
    [0, [10, 10, 10, 10, 10, 12, 10, 12, 12]],
  ])('gives each question the time that is left where one takes %d seconds', (takes, given) => {
    const host = newHost(shell).tools('systemctl').on('systemctl is-active chronyd', 'active\n');
    withChrony(host.file('/proc/uptime', '100.00 1.00\n').file('/proc/self/stat', ''), '/etc/none');
    host.standIn(
      'timeout',
      `echo "timeout $1" >>"$WORLD/calls"; shift
      IFS=. read -r up _ <"$PODTIME_ROOT/proc/uptime"; echo "$((up + ${takes})).00 1.00" >"$PODTIME_ROOT/proc/uptime"
      exec "$@"`,
    );
    expect(host.run('collect')).toMatchObject({ status: 0 });
    const limits = host.calls().flatMap((call) => /^timeout (\d+)$/.exec(call)?.[1] ?? []);
    expect(limits.map(Number)).toEqual(given);
  });

  it('asks the daemon nothing when its time is up', () => {
    const host = newHost(shell).limits({ ANSWER_SECONDS: 0 });
    layout('RHEL 9').lay(host);
    expect(host.run('collect')).toMatchObject({
      stdout: expect.stringMatching(/\nfound chrony .*\ntrouble no time was left to ask chronyc\nend\n$/s),
      status: 0,
    });
    expect(host.calls().filter((call) => call.startsWith('chronyc'))).toEqual([]);
  });

  it.each([
    ['ntpq: read: Connection refused\n', 'ntpq: read: Connection refused'],
    ['', 'ntpq printed nothing'],
  ])('tells what ntpq said of the sources when it lists none: %j', (stderr, trouble) => {
    const host = newHost(shell);
    layout('Ubuntu 22.04').lay(host);
    host.on('ntpq -pnw', { stderr }).on('ntpq -pn', { stderr });
    const { stdout } = host.run('collect');
    expect(stdout).toContain(`\ntrouble ${trouble}\nsystem ntpq\n`);
    expect(stdout).not.toContain('\nsources ');
    expect(parseCollected(stdout)?.faults).toMatchObject([{ text: trouble }]);
  });

  it('leaves out what ntpq says before its table', () => {
    const host = newHost(shell);
    layout('Ubuntu 22.04').lay(host);
    host.on('ntpq -pnw', `server=localhost\n${captured('classic-4.2.8p6.client-settled.pnw')}`);
    const { stdout } = host.run('collect');
    expect(stdout).toMatch(/\nsources ntpq\n +remote /);
    expect(parseCollected(stdout)?.sources).toHaveLength(3);
  });
});
