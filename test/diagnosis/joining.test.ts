import { describe, expect, it } from '@jest/globals';
import type { PublishedRecord } from '../../src/fleet/records.ts';
import type { Collected } from '../../src/host/collected.ts';
import { B_NAME, C_NAME, judgeClient, polling, REPLACED, type Story } from '../builders/judged-client.ts';
import { collected, POD, record, source } from '../builders/sightings.ts';

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

  it('polls nobody at an address to which it sends its own broadcasts', () => {
    const broadcast = source('10.0.2.5', { tally: ' ', type: 'B', refid: '.BCST.', stratum: 16, reach: 0 });
    const { stale, unjoinedNames } = judgeClient({
      client: { ...client, sources: [...client.sources, broadcast] },
      before: [B_NAME],
    });
    expect([stale?.rule, stale?.names, unjoinedNames]).toEqual(['unjoined', [B_NAME], [B_NAME]]);
  });

  it('has no source at all, because no name resolved when it started', () => {
    const { stale } = judgeClient({
      client: collected({ sources: [], system: { leap: 'alarm' } }),
      before: [B_NAME, C_NAME],
    });
    expect([stale?.rule, stale?.names]).toEqual(['unjoined', [B_NAME, C_NAME]]);
  });

  it('is stale though its ntpsec has stepped its clock, and shows names without an address by another refid', () => {
    const stepped = source(B_NAME, { tally: ' ', refid: '.STEP.', stratum: 16, reach: 0, whenSeconds: null });
    const { stale } = judgeClient({
      client: collected({ sources: [source('10.0.3.5', { tally: '*' }), stepped] }),
      before: [B_NAME],
    });
    expect([stale?.rule, stale?.names]).toEqual(['unjoined', [B_NAME]]);
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
