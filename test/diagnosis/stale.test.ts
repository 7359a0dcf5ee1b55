import { describe, expect, it } from '@jest/globals';
import type { Host } from '../../src/fleet/fleet.ts';
import { B, B_NAME, C, C_NAME, judgeClient, NEW_B, polling, REPLACED, type Story } from '../builders/judged-client.ts';
import { collected, record, server, source } from '../builders/sightings.ts';

describe('a client that follows', () => {
  const fine: [string, Story][] = [
    ['polls what DNS says', { client: polling(['10.0.2.5', '10.0.3.5']) }],
    ['has its names in another order than DNS', { client: polling(['10.0.3.5', '10.0.2.5']) }],
    [
      'took the AAAA of a name that has both',
      {
        servers: [server('b', ['10.0.2.5', 'fd00:10::5']), C],
        records: [record('b', '10.0.2.5'), record('b', 'fd00:10::5'), record('c', '10.0.3.5')],
        client: polling(['fd00:10::5', '10.0.3.5']),
        before: [B_NAME],
      },
    ],
    [
      'polls one of two servers of a name',
      {
        servers: [B, server('b', ['10.0.2.6'], { instanceId: 'i-0b2' }), C],
        records: [
          record('b', '10.0.2.5'),
          record('b', '10.0.2.6', { setIdentifier: 'i-0b2' }),
          record('c', '10.0.3.5'),
        ],
        client: polling(['10.0.2.6', '10.0.3.5']),
        before: [B_NAME],
      },
    ],
    [
      'shows one row for two names on one address (ntpsec: and a .DNS. row)',
      {
        records: [record('b', '10.0.2.5'), record('c', '10.0.2.5', { setIdentifier: 'i-0b' })],
        client: collected({
          sources: [
            source('10.0.2.5', { tally: '*' }),
            source(C_NAME, { tally: ' ', refid: '.DNS.', stratum: 16, reach: 0, pollSeconds: 4096 }),
          ],
        }),
        before: [C_NAME],
      },
    ],
    [
      'polls a running boundary server that was withdrawn',
      { records: [record('c', '10.0.3.5')], client: polling(['10.0.2.5', '10.0.3.5']) },
    ],
    [
      'polls an address that its config gives literally',
      { client: { ...polling(['10.0.2.5', '10.0.3.5', '10.0.9.9']), configAddresses: ['10.0.9.9'] } },
    ],
    [
      'has a symmetric peer, a reference clock and a broadcast server in the networks',
      {
        client: collected({
          sources: [
            source('10.0.2.5', { tally: '*' }),
            source('10.0.3.5'),
            source('10.0.9.9', { type: 's' }),
            source('10.0.9.8', { type: 'S' }),
            source('10.0.9.7', { type: 'b' }),
            source('127.127.20.0', { type: 'l' }),
          ],
        }),
      },
    ],
    [
      'polls upstreams outside the networks',
      { client: polling(['10.0.2.5', '10.0.3.5', '192.0.2.60', '2001:db8::1']) },
    ],
    ['names fewer of the AZs', { client: { ...polling(['10.0.2.5']), configNames: [B_NAME] }, before: [C_NAME] }],
    [
      'names an AZ without records',
      { client: { ...polling(['10.0.2.5', '10.0.3.5']), configNames: [B_NAME, 'ntp.az-g.pod'] } },
    ],
    [
      'is not joined to a server that is not confident yet',
      { ...REPLACED, confident: [C], client: polling(['10.0.3.5']), before: [B_NAME] },
    ],
    [
      'cannot be measured against a zone that could not be read',
      { records: null, client: polling(['10.0.7.7']), before: [B_NAME] },
    ],
  ];

  it.each(fine)('%s', (_, story) => {
    const { stale, unjoinedNames, unmanaged } = judgeClient(story);
    expect({ stale, unjoinedNames, unmanaged }).toEqual({ stale: null, unjoinedNames: [], unmanaged: false });
  });
});

describe('a client left behind', () => {
  it('polls the address of a server that was replaced', () => {
    const { stale, unjoinedNames } = judgeClient({
      ...REPLACED,
      client: polling(['10.0.2.5', '10.0.3.5'], { reach: 0 }),
    });
    expect(stale).toEqual({
      rule: 'left-behind',
      names: [B_NAME],
      addresses: ['10.0.2.5'],
      sentence:
        'polls 10.0.2.5, which no record of pod holds, nor has a running boundary server; ntp.az-b.pod is 10.0.2.9 now.',
    });
    expect(unjoinedNames).toEqual([B_NAME]);
  });

  it('is stale before the new server is confident: who is cycled then is the plan’s', () => {
    const { stale, unjoinedNames } = judgeClient({
      ...REPLACED,
      confident: [C],
      client: polling(['10.0.2.5', '10.0.3.5']),
    });
    expect([stale?.rule, stale?.names, unjoinedNames]).toEqual(['left-behind', [B_NAME], []]);
  });

  it('is seen in an output that was cut below the row', () => {
    const { stale, unjoinedNames } = judgeClient({
      ...REPLACED,
      client: { ...polling(['10.0.2.5']), truncated: true },
      before: [C_NAME],
    });
    expect([stale?.rule, stale?.addresses, unjoinedNames]).toEqual(['left-behind', ['10.0.2.5'], []]);
  });

  it('waits for the names without a record when nothing took the server’s place', () => {
    const { stale } = judgeClient({
      servers: [C],
      records: [record('c', '10.0.3.5')],
      client: { ...polling(['10.0.2.5', '10.0.3.5']), configNames: [B_NAME, C_NAME] },
    });
    expect(stale).toEqual({
      rule: 'left-behind',
      names: [B_NAME],
      addresses: ['10.0.2.5'],
      sentence:
        'polls 10.0.2.5, which no record of pod holds, nor has a running boundary server; ntp.az-b.pod has no record now.',
    });
  });

  it.each<[string, Partial<Host>]>([
    ['one that ended and has no address any more', { state: 'terminated' }],
    ['one that starts and has no record yet', { state: 'running' }],
  ])('blames no AZ that never had a server, where another has %s', (_, given) => {
    const configNames = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((letter) => `ntp.az-${letter}.pod`);
    const { stale } = judgeClient({
      servers: [server('b', given.state === 'running' ? ['10.0.2.9'] : [], { instanceId: 'i-0b2', ...given }), C],
      confident: [C],
      records: [record('c', '10.0.3.5')],
      client: { ...polling(['10.0.2.5', '10.0.3.5']), configNames },
    });
    expect([stale?.names, stale?.addresses]).toEqual([[B_NAME], ['10.0.2.5']]);
  });

  it('knows by a stopped server whose address it is', () => {
    const stopped = server('d', ['10.0.4.5'], { state: 'stopped' });
    const { stale } = judgeClient({
      servers: [B, C, stopped],
      confident: [B, C],
      client: polling(['10.0.2.5', '10.0.3.5', '10.0.4.5']),
    });
    expect([stale?.names, stale?.addresses]).toEqual([['ntp.az-d.pod'], ['10.0.4.5']]);
  });

  it('on the address of a client that runs is left behind as well', () => {
    const { stale } = judgeClient({ client: polling(['10.0.2.5', '10.0.3.5', '10.0.5.5']), as: { ipv4: '10.0.5.5' } });
    expect(stale?.addresses).toEqual(['10.0.5.5']);
  });

  it('by IPv6, read wide and compared canonically', () => {
    const { stale } = judgeClient({
      servers: [server('b', ['fd00:10::9'], { instanceId: 'i-0b2' })],
      records: [record('b', 'fd00:10::9', { setIdentifier: 'i-0b2' })],
      client: polling(['fd00:10::5']),
    });
    expect([stale?.rule, stale?.names, stale?.addresses]).toEqual(['left-behind', [B_NAME], ['fd00:10::5']]);
  });

  it('tells all addresses and all names', () => {
    const { stale } = judgeClient({
      servers: [NEW_B, server('c', ['10.0.3.9'])],
      records: [record('b', '10.0.2.9', { setIdentifier: 'i-0b2' }), record('c', '10.0.3.9')],
      client: polling(['10.0.3.5', '10.0.2.5']),
    });
    expect(stale).toEqual({
      rule: 'left-behind',
      names: [B_NAME, C_NAME],
      addresses: ['10.0.2.5', '10.0.3.5'],
      sentence:
        'polls 10.0.2.5 and 10.0.3.5, none of which a record of pod holds, nor has a running boundary server; ntp.az-b.pod is 10.0.2.9 now, ntp.az-c.pod is 10.0.3.9 now.',
    });
  });
});
