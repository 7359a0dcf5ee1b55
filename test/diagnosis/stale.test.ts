import { describe, expect, it } from '@jest/globals';
import { type JudgeContext, judgeAll } from '../../src/diagnosis/judge.ts';
import type { Judgement, Sighting } from '../../src/diagnosis/judgement.ts';
import type { Host } from '../../src/fleet/fleet.ts';
import type { PublishedRecord } from '../../src/fleet/records.ts';
import type { Collected } from '../../src/ntp/collected.ts';
import type { Source } from '../../src/ntp/source.ts';
import { collected, context, host, POD, record, server, source } from './lab.ts';

/** A confident boundary server, as seen. */
function confident(server: Host): Sighting {
  const sources = [source('192.0.2.60', { tally: '*', stratum: 2 }), source('169.254.169.123', { stratum: 2 })];
  return {
    host: server,
    collected: collected({ sources, configNames: ['us-west-2b.stratum-2.invalid'] }),
    status: 'Success',
  };
}

interface Story {
  servers?: Host[];
  /** Those of the servers that are confident; all by default. */
  confident?: Host[];
  records?: PublishedRecord[] | null;
  client: Collected | null;
  /** The last report's memory of the client. */
  before?: string[];
  pod?: JudgeContext['pod'];
  as?: Partial<Host>;
}

const B = server('b', ['10.0.2.5']);
const C = server('c', ['10.0.3.5']);

/** az-b was replaced: 10.0.2.5 is gone, 10.0.2.9 is published. */
const NEW_B = server('b', ['10.0.2.9'], { instanceId: 'i-0b2' });
const REPLACED = {
  servers: [NEW_B, C],
  records: [record('b', '10.0.2.9', { setIdentifier: 'i-0b2' }), record('c', '10.0.3.5')],
};

function judgeClient({
  servers = [B, C],
  records,
  client,
  before = [],
  pod = POD,
  as = {},
  ...rest
}: Story): Judgement {
  const of = host('i-0e', as);
  const seen = (rest.confident ?? servers).map(confident);
  const judgements = judgeAll(
    [...seen, { host: of, collected: client, status: 'Success' }],
    context({
      pod,
      hosts: [...servers, of],
      records: records === undefined ? [record('b', '10.0.2.5'), record('c', '10.0.3.5')] : records,
      unjoinedBefore: { 'i-0e': before },
    }),
  );
  expect(judgements.slice(0, -1).every((judgement) => judgement.confident)).toBe(true);
  const judgement = judgements.at(-1);
  if (judgement === undefined) throw new Error('one sighting gives one judgement');
  return judgement;
}

function polling(addresses: string[], given: Partial<Source> = {}): Collected {
  return collected({
    sources: addresses.map((address, i) => source(address, { ...(i === 0 ? { tally: '*' } : {}), ...given })),
  });
}

const B_NAME = 'ntp.az-b.pod';
const C_NAME = 'ntp.az-c.pod';

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

describe('a client that has not joined', () => {
  const client = collected({ sources: [source('10.0.3.5', { tally: '*' })] });

  it('is remembered the first time', () => {
    const { stale, unjoinedNames } = judgeClient({ client });
    expect([stale, unjoinedNames]).toEqual([null, [B_NAME]]);
  });

  it('is stale the second time', () => {
    const { stale, unjoinedNames } = judgeClient({ client, before: [B_NAME] });
    expect(stale).toEqual({
      rule: 'unjoined',
      names: [B_NAME],
      addresses: [],
      sentence:
        'polls no address of ntp.az-b.pod (10.0.2.5), now and in the report before, though a confident server is published there.',
    });
    expect(unjoinedNames).toEqual([B_NAME]);
  });

  it('is remembered anew for another name than before', () => {
    const { stale, unjoinedNames } = judgeClient({ client, before: [C_NAME] });
    expect([stale, unjoinedNames]).toEqual([null, [B_NAME]]);
  });

  it('has no source at all, because no name resolved when it started', () => {
    const { stale } = judgeClient({
      client: collected({ sources: [], system: { leap: 'alarm' } }),
      before: [B_NAME, C_NAME],
    });
    expect([stale?.rule, stale?.names]).toEqual(['unjoined', [B_NAME, C_NAME]]);
  });

  const notPublished: [string, Partial<PublishedRecord>][] = [
    ['stands under the name of another AZ', { name: 'ntp.az-g.pod' }],
    ['is of an address that the server no longer has', { addresses: ['10.0.2.4'] }],
    ['is a simple record', { multivalue: false, setIdentifier: null }],
    ['is of another routing policy', { multivalue: false }],
    ['bears the identifier of someone else', { setIdentifier: 'by-hand' }],
    ['is no address record', { type: 'TXT' }],
  ];

  it.each(notPublished)('is not held to a record that %s', (_, given) => {
    const { unjoinedNames } = judgeClient({
      client,
      records: [record('b', '10.0.2.5', given), record('c', '10.0.3.5')],
    });
    expect(unjoinedNames).toEqual([]);
  });
});

describe('silence', () => {
  const before = [B_NAME, C_NAME];
  const silent: [string, Collected | null][] = [
    ['no answer', null],
    ['no daemon', collected({ daemon: null, sources: [], system: null })],
    [
      'a daemon that does not answer',
      collected({
        system: null,
        sources: [],
        faults: [{ line: 7, field: null, text: '***Request timed out', reason: 'the query tool failed' }],
      }),
    ],
    ['an output cut before its sources', collected({ sources: [], truncated: true })],
    [
      'a row that the parser lost',
      collected({
        sources: [source('192.0.2.60', { tally: '*' })],
        faults: [{ line: 9, field: null, text: '+10.0', reason: 'too short' }],
      }),
    ],
    ['an address that was cut', collected({ sources: [source('fd00:10:0:1::1', { address: null })] })],
  ];

  it.each(silent)('makes nobody stale: %s', (_, client) => {
    const { stale, unjoinedNames, unmanaged } = judgeClient({ client, before });
    expect({ stale, unjoinedNames, unmanaged }).toEqual({ stale: null, unjoinedNames: [], unmanaged: false });
  });
});

describe('a pod of pools, whose daemons look names up again by themselves', () => {
  const pod = { ...POD, association: 'pool' } as const;

  it('lets a client be that kept the dead address beside the new one', () => {
    const { stale, remarks } = judgeClient({ ...REPLACED, pod, client: polling(['10.0.2.5', '10.0.2.9', '10.0.3.5']) });
    expect([stale, ...remarks]).toEqual([
      null,
      'still polls 10.0.2.5, which no record of pod holds; in a pod of pools this alone does not make it stale, as its daemon looks the names up again by itself.',
    ]);
  });

  it('gives it one report’s time to find the new server', () => {
    const client = polling(['10.0.2.5', '10.0.3.5']);
    const first = judgeClient({ ...REPLACED, pod, client });
    expect([first.stale, first.unjoinedNames]).toEqual([null, [B_NAME]]);
    const second = judgeClient({ ...REPLACED, pod, client, before: first.unjoinedNames });
    expect([second.stale?.rule, second.stale?.names]).toEqual(['unjoined', [B_NAME]]);
  });
});

describe('a host that podtime does not manage', () => {
  it('names no AZ and polls no server of the pod: counted, never touched', () => {
    const own = { ...polling(['192.0.2.60', '10.0.9.9']), configNames: ['ntp.example.org'] };
    const { stale, unmanaged, remarks } = judgeClient({ client: own, before: [B_NAME] });
    expect([stale, unmanaged, remarks.at(-1)]).toEqual([
      null,
      true,
      "polls no server of podtime's: counted, never touched.",
    ]);
  });

  const managed: [string, Story][] = [
    ['polls a boundary server by its address', { client: { ...polling(['10.0.2.5']), configNames: [] } }],
    ['names the AZs but polls none of them', { client: collected({ sources: [] }) }],
    ['was cut, so that nobody knows', { client: { ...polling(['192.0.2.60']), configNames: [], truncated: true } }],
    ['is a boundary server', { client: polling(['192.0.2.60']), as: { tier: 'boundary' } }],
  ];

  it.each(managed)('is not one that %s', (_, story) => {
    expect(judgeClient(story).unmanaged).toBe(false);
  });

  it('is never stale for names of another zone', () => {
    const client = {
      ...polling(['10.0.7.7']),
      configNames: ['ntp.az-b.other', 'ntp.az-bb.pod', 'xntp.az-b.pod', 'ntp.az-1.pod'],
    };
    expect(judgeClient({ client, before: [B_NAME] }).stale).toBeNull();
  });

  it('may be a boundary server: it is never stale', () => {
    expect(judgeClient({ ...REPLACED, client: polling(['10.0.2.5']), as: { tier: 'boundary' } }).stale).toBeNull();
  });
});
