import { describe, expect, it } from '@jest/globals';
import { Client, EVERY, leftBehind, moved, newOneSilent, ONCE, REPLACED, RIGHT, shellOf, silent } from './client.ts';
import { captured } from './host.ts';
import { kept } from './kept.ts';

describe.each(EVERY)('cycle of $kind under $shell', ({ shell, kind }) => {
  it('does nothing to a host that is right', () => {
    const client = kept(new Client(shell, kind));
    const { stdout, stderr, status, verdict } = client.cycle(RIGHT);
    expect({ verdict, status, stderr }).toEqual({ verdict: 'verdict nothing already-right', status: 0, stderr: '' });
    expect(stdout).toMatch(new RegExp(`^${verdict}\\nfound ${kind} .*\\n`));
    expect(stdout.endsWith(`${captured(client.setup.shown)}end\n`)).toBe(true);
    expect([client.acted(), client.read('/var/lib/podtime/cycled')]).toEqual([false, null]);
  });

  it('brings a host left behind by a replaced server to the new one, and stamps it', () => {
    const client = kept(leftBehind(shell, kind));
    const began = client.now;
    const { stdout, status, verdict } = client.cycle(REPLACED);
    expect({ verdict, status }).toEqual({ verdict: `verdict cycled ${kind} in 6 s`, status: 0 });
    const remarks = stdout.split('\n').slice(2, 5);
    expect(remarks).toEqual([
      'Polls no current address of ntp.az-c.pod.',
      'Polls 10.66.0.53, which no record holds.',
      kind === 'chrony' ? 'Refreshing chrony.' : `Restarting ${client.setup.service}.`,
    ]);
    // each name once, first those that are unjoined
    const resolved = client.calls().filter((call) => call.startsWith('getent'));
    expect(resolved).toEqual(['c', 'a', 'b', 'd'].map((letter) => `getent ahosts ntp.az-${letter}.pod`));
    expect(client.read('/var/lib/podtime/cycled')).toBe(`${began}\n`);
    const acts = client.calls().filter((call) => /restart|refresh|burst/.test(call));
    expect(acts).toEqual(kind === 'chrony' ? ['chronyc refresh', 'chronyc burst 4/4'] : [client.restart]);
    expect(client.calls().at(-1)).toBe(client.setup.show);
    // the lock and the stamp's draft are gone
    expect(client.list('/var/lib/podtime')).toEqual(
      kind === 'chrony' ? ['cycled', 'waves'] : ['cycled', 'restart.log', 'waves'],
    );
  });

  it('stays in the cool-down of its own stamp', () => {
    const client = kept(leftBehind(shell, kind)).stamp(100);
    expect(client.cycle(REPLACED)).toMatchObject({ verdict: 'verdict nothing cool-down 500', status: 0 });
    expect(client.acted()).toBe(false);
    expect(client.cycle(REPLACED, { CoolDownSeconds: '100' }).verdict).toMatch(/^verdict cycled /);
  });

  it('fails when the new server is not heard within 60 s', () => {
    const client = kept(leftBehind(shell, kind)).sees('c', '10.66.0.63');
    client.polls(newOneSilent, `${client.stage}+6`);
    const began = client.now;
    expect(client.cycle(REPLACED)).toMatchObject({
      verdict:
        'verdict failed not-healed: after 60 s, wanted ntp.az-c.pod, heard ntp.az-a.pod ntp.az-b.pod, system peer none',
      status: 1,
    });
    expect(client.now - began).toBe(60);
  });
});

describe.each(ONCE)('cycle of $kind, once under $shell', ({ shell, kind }) => {
  /** A row for a name without an address; chronyc hides those. */
  const unresolved = (remote: string) =>
    kind === 'chrony' ? '' : ` ${remote.padEnd(16)}.DNS.           16 u    -  68m    0   0.0000   0.0000   0.0001\n`;
  const stale = () => kept(leftBehind(shell, kind));
  const right = () => kept(new Client(shell, kind));

  it("stays in the cool-down of the daemon's age", () => {
    const client = stale();
    client
      .on('ntpq -c rv 0 ss_uptime,ss_received,ss_limited,kstflags', 'ss_uptime=30\n')
      .file('/run/chrony/chronyd.pid', '1234\n', 30);
    expect(client.cycle(REPLACED).verdict).toBe('verdict nothing cool-down 570');
    expect(client.acted()).toBe(false);
  });

  it.each([
    ['the old address', ['10.66.0.53'], 'still gives 10.66.0.53'],
    ['the new address beside the old', ['10.66.0.63', '10.66.0.53'], 'still gives 10.66.0.53'],
    ['nothing', [], 'gives nothing'],
  ])('waits while its resolver gives %s, forced or not', (_, addresses, reason) => {
    const client = stale().sees('c', ...addresses);
    for (const Force of ['no', 'yes']) {
      const { stdout, verdict, status } = client.cycle(REPLACED, { Force });
      expect({ verdict, status }).toEqual({ verdict: 'verdict nothing not-yet ntp.az-c.pod', status: 0 });
      expect(stdout).toContain(`The resolver ${reason} for ntp.az-c.pod.\n`);
    }
    expect(client.acted()).toBe(false);
  });

  it('waits while its resolver would bring back a server of another name', () => {
    const client = stale().sees('d', '10.66.0.99');
    const { stdout, verdict } = client.cycle(REPLACED);
    expect(verdict).toBe('verdict nothing not-yet ntp.az-d.pod');
    expect(stdout).toContain('The resolver still gives 10.66.0.99 for ntp.az-d.pod.\n');
  });

  it('is forced although right and in its cool-down', () => {
    const client = right().stamp(1);
    expect(client.cycle(RIGHT, { Force: 'yes' }).verdict).toMatch(new RegExp(`^verdict cycled ${kind} in `));
    expect(client.calls()).toContain(client.act);
  });

  it('leaves a host that names no server of the pod alone, forced or not', () => {
    const client = right().config('server 169.254.169.123', 'server ntp.az-c.elsewhere', 'pool pool.example');
    client.sees('ntp.az-c.elsewhere').sees('pool.example');
    for (const Force of ['no', 'yes']) {
      const { stdout, verdict, status } = client.cycle(REPLACED, { Force });
      expect({ verdict, status }).toEqual({ verdict: 'verdict nothing unmanaged', status: 0 });
      expect(stdout).toContain('\nNames no ntp.az-*.pod in its configuration.\n');
    }
    expect(client.acted()).toBe(false);
  });

  it("cycles a boundary server, whose file is podtime's and names none of the pod, only by force", () => {
    const client = right().config(
      '# revision 0123456789abcdef',
      'server 10.66.0.51',
      'server up.example',
      'server 10.66.0.53',
    );
    client.sees('up.example', '10.66.0.52');
    expect(client.cycle(REPLACED).verdict).toBe('verdict nothing already-right');
    expect(client.cycle(REPLACED, { Force: 'yes' }).verdict).toMatch(/^verdict cycled /);
  });

  it('does not fail, unhealed, when it had no system peer before', () => {
    const client = stale().polls(silent);
    client.polls((rows) => silent(moved(rows)), `${client.stage}+6`);
    const { stdout, status, verdict } = client.cycle(REPLACED);
    expect({ verdict, status }).toEqual({ verdict: `verdict cycled ${kind} unproven`, status: 0 });
    expect(stdout).toMatch(
      /\nIt had no system peer before, so this proves nothing: after 60 s, wanted ntp\.az-c\.pod, heard .*\.\n/,
    );
  });

  it('fails when the daemon does not come back, whatever it had before', () => {
    const client = stale().polls(silent);
    const dead =
      kind === 'chrony'
        ? { stdout: '506 Cannot talk to daemon\n', status: 1 }
        : { stderr: 'ntpq: read: Connection refused\n' };
    for (const stage of ['restart+0', 'refresh+0', 'refresh+6']) client.on(client.setup.asked, dead, stage);
    client.on(client.setup.asked, dead, 'restart+6');
    const { status, verdict } = client.cycle(REPLACED);
    const why = kind === 'chrony' ? '506 Cannot talk to daemon' : 'ntpq: read: Connection refused';
    expect({ verdict, status }).toEqual({ verdict: `verdict failed no-answer: after 60 s, ${why}`, status: 1 });
    // one that is silent is not mistaken: no restart on top
    expect(client.calls().filter((call) => /restart|refresh/.test(call))).toEqual([client.act]);
  });

  it('fails when it cannot act, and has its stamp all the same', () => {
    const client = stale();
    client.acts(client.act, 'none', { stdout: '501 Not authorised\n', status: 1 });
    const { status, verdict } = client.cycle(REPLACED);
    expect(verdict).toMatch(
      kind === 'chrony'
        ? /^verdict failed not-cycled: chronyc refresh failed: 501 Not authorised$/
        : /^verdict failed not-cycled: \w+ says that restarting \w+ failed: 501 Not authorised$/,
    );
    expect(status).toBe(1);
    expect(client.read('/var/lib/podtime/cycled')).toBe(`${client.now}\n`);
  });

  it('does nothing to a daemon that does not say what it polls, unless forced', () => {
    const client = stale();
    client.on(
      client.setup.asked,
      kind === 'chrony' ? { stdout: '506 Cannot talk to daemon\n', status: 1 } : { stderr: '***Request timed out\n' },
    );
    const { stdout, verdict, status } = client.cycle(REPLACED);
    expect({ verdict, status }).toEqual({ verdict: 'verdict nothing unreadable', status: 0 });
    const why = kind === 'chrony' ? '506 Cannot talk to daemon' : '***Request timed out';
    expect(stdout).toContain(`\n${kind} does not say what it polls: ${why}\n`);
    expect(client.acted()).toBe(false);
    // nor is it waited for once more, for people to see
    expect(client.calls().filter((call) => call === 'ntpq -pn' || call === client.setup.show)).toEqual([]);
    expect(client.cycle(REPLACED, { Force: 'yes' }).verdict).toMatch(/^verdict cycled /);
  });

  it.each([
    ['gives up', '***Request timed out', '503 No such source'],
    ['is ended', 'ntpq did not answer any more', 'chronyc did not answer any more'],
  ])('does nothing where its query tool %s after some rows', (how, ofNtpq, ofChronyc) => {
    const client = stale();
    const rows = captured(client.setup.rows);
    const some = rows.slice(0, rows.lastIndexOf('\n', rows.length - 2) + 1);
    const why = kind === 'chrony' ? ofChronyc : ofNtpq;
    const last = how === 'gives up' ? `${why}\n` : '';
    client.on(
      client.setup.asked,
      kind === 'chrony'
        ? { stdout: `${some}${last}`, status: 1 }
        : { stdout: some, stderr: last, status: how === 'gives up' ? 0 : 124 },
    );
    const { stdout, verdict } = client.cycle(REPLACED);
    expect(verdict).toBe('verdict nothing unreadable');
    expect(stdout).toContain(`\n${kind} does not say what it polls: ${why}\n`);
    expect(client.acted()).toBe(false);
  });

  it('rids a host of a server whose name has no record any more', () => {
    const client = right().sees('c').sees('b', '10.66.0.52');
    const without = (rows: string) => rows.replace(/.*10\.66\.0\.51.*\n/, '').replace('10.66.0.53', '10.66.0.51');
    client.polls(without, 'restart+4');
    const { stdout, verdict } = client.cycle('az-a=10.66.0.51 az-b=10.66.0.52');
    expect(verdict).toMatch(/^verdict cycled /);
    expect(stdout).toContain('Polls 10.66.0.53, which no record holds.\n');
    // chrony keeps the address of a name that resolves no more: refreshing is not enough
    expect(stdout.includes('\nchrony keeps 10.66.0.53, which no record holds.\nRestarting chronyd.\n')).toBe(
      kind === 'chrony',
    );
    expect(client.calls()).toContain(client.restart);
  });

  it('joins a name that DNS has now, and polls otherwise what it polled', () => {
    const client = right().sees('d', 'fd12:3456:789a:bcde:f012:3456:789a:bc04');
    client.polls((rows) => rows + client.row('fd12:3456:789a:bcde:f012:3456:789a:bc04', '^', '-'), `${client.stage}+2`);
    const { stdout, verdict } = client.cycle(
      `${RIGHT} az-d=10.66.0.54|FD12:3456:789a:bcde:f012:3456:789a:bc04`.toLowerCase(),
    );
    expect(verdict).toMatch(/^verdict cycled /);
    expect(stdout).toContain('\nPolls no current address of ntp.az-d.pod.\n');
    expect(stdout).not.toContain('no record holds');
  });

  it.each<[string, (client: Client) => Client]>([
    ['a peer added by hand', (client) => client.alsoPolls('10.66.0.88', '=')],
    ['a reference clock', (client) => client.alsoPolls('PHC0', '#')],
    [
      'an address literal in its file, however written',
      (client) => client.alsoPolls('fd00:ec2::123').add('server FD00:0EC2:0::0123'),
    ],
    [
      'what another name of its file resolves to',
      (client) => client.alsoPolls('192.0.2.7').add('server time.example').sees('time.example', '192.0.2.7'),
    ],
    [
      'a pool outside the pod, whose answers change',
      (client) => client.alsoPolls('192.0.2.7').add('pool pool.example').sees('pool.example', '192.0.2.99'),
    ],
    ['two names on one address', (client) => client.add('server ntp.az-e.pod').also('az-e=10.66.0.51')],
    [
      'the IPv6 address of a name polled once',
      (client) => client.polls((rows) => rows.replace(/.*10\.66\.0\.52.*\n/, '') + client.row('fd00:66::52')),
    ],
    [
      'a shorter list of names',
      (client) => client.config('server ntp.az-a.pod', 'server ntp.az-c.pod', 'server 10.66.0.52'),
    ],
    ['one name without a record, not resolved', (client) => client.polls((rows) => rows + unresolved('ntp.az-d.pod'))],
    [
      'names not resolved that its daemon does not tell',
      (client) => client.polls((rows) => rows + unresolved('0.0.0.0') + unresolved('::')),
    ],
  ])('is right with %s', (_, change) => {
    const client = change(right());
    expect(client.cycle(`${RIGHT}${client.more}`).verdict).toBe('verdict nothing already-right');
  });

  it('resolves a name that stands twice in its file once', () => {
    const client = right().alsoPolls('192.0.2.7').add('server time.example').add('server TIME.example. iburst');
    expect(client.sees('time.example', '192.0.2.7').cycle(RIGHT).verdict).toBe('verdict nothing already-right');
    expect(client.calls().filter((call) => call === 'getent ahosts time.example')).toHaveLength(1);
  });

  it('resolves no other name where it polls what it should', () => {
    const client = right().add('server time.example');
    expect(client.cycle(RIGHT).verdict).toBe('verdict nothing already-right');
    expect(client.calls()).not.toContain('getent ahosts time.example');
  });
});

describe('cycle', () => {
  it.each(['no', 'yes'])('starts no daemon where none runs, Force=%s', (Force) => {
    const client = kept(new Client(shellOf(0), 'ntpd')).on('service ntp status', { status: 3 });
    client.on('ntpq -c rv 0 version', { stderr: 'ntpq: read: Connection refused\n' });
    expect(client.cycle(REPLACED, { Force })).toMatchObject({ verdict: 'verdict nothing no-daemon', status: 0 });
    expect(client.acted()).toBe(false);
  });

  it('cannot restart a daemon that runs outside the service manager', () => {
    const client = kept(leftBehind(shellOf(1), 'ntpsec')).on('service ntpsec status', { status: 3 });
    expect(client.cycle(REPLACED)).toMatchObject({
      verdict: 'verdict failed not-cycled: ntpsec runs outside the service manager',
      status: 1,
    });
  });

  it('calls a pool of the pod stale that still holds a server gone', () => {
    const client = kept(new Client(shellOf(2), 'ntpd'))
      .config('pool ntp.az-a.pod iburst')
      .sees('a', '10.66.0.51', '10.66.0.52');
    client.polls((rows) => rows.replace(/.*10\.66\.0\.53.*\n/, '').replace('+', '*'), 'restart+2');
    const { stdout, verdict } = client.cycle('az-a=10.66.0.51|10.66.0.52');
    expect(verdict).toMatch(/^verdict cycled ntpd in /);
    expect(stdout).toContain('Polls 10.66.0.53, which no record holds.\n');
  });

  it('leaves a daemon alone that gives up in the middle of its rows', () => {
    const client = kept(leftBehind(shellOf(0), 'ntpsec'));
    const stderr = '***Response from server was incomplete\n';
    client.on(client.setup.asked, { stdout: captured(client.setup.rows), stderr });
    expect(client.cycle(REPLACED).verdict).toBe('verdict nothing unreadable');
  });

  it.each<[string, Record<string, string>]>([
    ['a cool-down that is no number', { CoolDownSeconds: '1;id' }],
    ['a zone with a blank', { Zone: 'p\tod' }],
    ['a zone that is empty', { Zone: '' }],
    ['records with a shell in them', { Records: 'az-a=$(id)' }],
    ['a wave without an id', { Wave: '' }],
    ['a wave of more than 40 characters', { Wave: 'x'.repeat(41) }],
    ['a wave of two lines', { Wave: 'a\nb' }],
  ])('refuses %s even where SSM let it pass', (_, parameters) => {
    const client = kept(leftBehind(shellOf(0), 'ntpd'));
    expect(client.cycle(REPLACED, parameters)).toMatchObject({ verdict: 'verdict failed parameters', status: 1 });
    expect(client.calls()).toEqual([]);
  });
});
