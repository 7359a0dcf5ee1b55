import { describe, expect, it } from '@jest/globals';
import { Client, leftBehind, moved, newOneSilent, ONCE, REPLACED, shellOf, silent } from './client.ts';
import { kept } from './kept.ts';

// What cycle does to a daemon, how it waits for it, and what it calls healed.

/** The server that is the system peer of these rows is no more than a good source; that of az-a is what `tally` says. */
const withPeer = (rows: string, tally: '*' | '+') =>
  rows.replace(/^(\^,)?\*/gm, '$1+').replace(/^(\^,)?.(?=,?10\.66\.0\.51)/m, `$1${tally}`);

describe.each(ONCE)('cycle of $kind, once under $shell', ({ shell, kind }) => {
  const seeing = () => kept(new Client(shell, kind).sees('c', '10.66.0.63'));

  it('proves nothing by a system peer while a wanted name is not heard', () => {
    const client = seeing();
    client.polls(
      (rows) => withPeer(rows.replace(/.*10\.66\.0\.53.*\n/, ''), '*') + silent(client.row('10.66.0.63')),
      `${client.stage}+6`,
    );
    expect(client.cycle(REPLACED)).toMatchObject({
      verdict:
        'verdict failed not-healed: after 60 s, wanted ntp.az-c.pod, heard ntp.az-a.pod ntp.az-b.pod, system peer yes',
      status: 1,
    });
  });

  it('proves nothing by the wanted names while none is the system peer', () => {
    const client = seeing();
    client.polls((rows) => withPeer(moved(rows), '+'), `${client.stage}+6`);
    expect(client.cycle(REPLACED)).toMatchObject({
      verdict:
        'verdict failed not-healed: after 60 s, wanted ntp.az-c.pod, heard ntp.az-a.pod ntp.az-b.pod ntp.az-c.pod, system peer none',
      status: 1,
    });
  });

  it('counts from its act on, however long it took to get there', () => {
    // by a slow disk: twice for the waves, and twice for the stamp, once the time is taken
    const client = kept(leftBehind(shell, kind)).standIn(
      'sync',
      'read -r now <"$WORLD/now"\necho $((now + 7)) >"$WORLD/now"',
    );
    const began = client.now + 14;
    expect(client.cycle(REPLACED).verdict).toBe(`verdict cycled ${kind} in 20 s`);
    expect(client.read('/var/lib/podtime/cycled')).toBe(`${began}\n`);
  });

  it('does not take its own clock for a system peer', () => {
    const client = kept(leftBehind(shell, kind));
    const local = kind === 'ntpsec' ? 'LOCAL(0)' : '127.127.1.0';
    for (const since of ['+0', '+6'])
      client.polls(
        (rows) => newOneSilent(rows).replace('10.66.0.63', '10.66.0.64') + client.row(local, '#', '*'),
        client.stage + since,
      );
    client.polls((rows) => silent(rows) + client.row(local, '#', '*'));
    expect(client.cycle(REPLACED).verdict).toBe(`verdict cycled ${kind} unproven`);
  });
});

describe('cycle of chrony', () => {
  it('waits for names that it resolves in the background, and restarts nothing', () => {
    const client = kept(new Client(shellOf(0), 'chrony').sees('c', '10.66.0.63'));
    client.polls((rows) => silent(moved(rows)), 'refresh+8').polls(moved, 'refresh+14');
    expect(client.cycle(REPLACED).verdict).toBe('verdict cycled chrony in 14 s');
    const acts = client.calls().filter((call) => /restart|refresh|burst/.test(call));
    expect(acts).toEqual(['chronyc refresh', 'chronyc burst 4/4']);
  });

  it('asks for a burst again while a new server is not heard', () => {
    const client = kept(new Client(shellOf(1), 'chrony').sees('c', '10.66.0.63'));
    client.polls((rows) => silent(moved(rows)), 'refresh+0');
    expect(client.cycle(REPLACED).verdict).toMatch(/^verdict failed not-healed: /);
    // at first, and every ten seconds
    expect(client.calls().filter((call) => call === 'chronyc burst 4/4')).toHaveLength(6);
  });
});
