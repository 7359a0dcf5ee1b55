import { describe, expect, it } from '@jest/globals';
import { type JudgeContext, judgeAll, rememberedOf } from '../../src/diagnosis/judge.ts';
import type { Sighting } from '../../src/diagnosis/judgement.ts';
import type { Host } from '../../src/fleet/fleet.ts';
import type { Collected } from '../../src/host/collected.ts';
import type { Source } from '../../src/ntp/source.ts';
import { collected, context, host, POD, record, server, source } from '../builders/sightings.ts';

describe('DNS, for a client', () => {
  const B = server('b', ['10.0.2.5']);
  const C = server('c', ['10.0.3.5', 'fd00:10::5']);
  const polling = (...remotes: string[]) => remotes.map((remote) => source(remote));
  /** Of a boundary server: others of its pod are no source of its own. */
  const upstreams = [source('192.0.2.7', { tally: '*' }), source('192.0.2.8')];
  const seen = (host: Host, answer: Collected) => ({ host, collected: answer, status: 'Success' });
  const judged = (client: Collected, given: Partial<JudgeContext> = {}, servers: Sighting[] = []) => {
    const judgements = judgeAll([...servers, seen(host('i-0c0'), client)], context({ hosts: [B, C], ...given }));
    return judgements.at(-1);
  };
  const old = collected({ sources: [source('10.0.9.9', { tally: '*' })] });

  it.each([
    ['a TXT record', record('b', '10.0.9.9', { type: 'TXT' as never })],
    ['a record of another name', record('b', '10.0.9.9', { name: 'www.pod' })],
  ])('is not %s', (_, stray) => {
    const records = [record('b', '10.0.2.5')];
    expect(judged(old, { records: [...records, stray] })?.stale?.addresses).toEqual(['10.0.9.9']);
    expect(judged(old, { records: [...records, record('b', '10.0.9.9')] })?.stale).toBeNull();
  });

  it('is a reason to cycle it when it is left behind: it is managed', () => {
    expect(judged(old, { records: [record('b', '10.0.2.5')] })).toMatchObject({
      unmanaged: false,
      polled: ['10.0.9.9'],
    });
  });

  it('counts only with servers that have proved confident', () => {
    const given = { records: [record('b', '10.0.2.5')], unjoinedBefore: { 'i-0c0': ['ntp.az-b.pod'] } };
    const client = collected({ sources: polling('192.0.2.1', '192.0.2.2') });
    const state = (answer: Collected) => judged(client, given, [seen(B, answer)])?.stale?.rule;
    expect(state(collected({ sources: upstreams }))).toBe('unjoined');
    expect(state(collected({ sources: upstreams, system: { offsetMs: 999 } }))).toBeUndefined();
  });

  it('names every address of a name that a client has not joined', () => {
    const B2 = server('b', ['10.0.2.5', 'fd00:10::2']);
    const client = collected({ sources: polling('192.0.2.1', '192.0.2.2') });
    const records = [record('b', '10.0.2.5'), record('b', 'fd00:10::2')];
    const given = { hosts: [B2], records, unjoinedBefore: { 'i-0c0': ['ntp.az-b.pod'] } };
    expect(judged(client, given, [seen(B2, collected({ sources: upstreams }))])?.stale?.sentence).toBe(
      'polls no address of ntp.az-b.pod (10.0.2.5, fd00:10::2), now and in the report before, though a confident server is published there.',
    );
  });

  it('has left nobody behind of whom nothing is known', () => {
    const answer = { ...old, system: null, truncated: true, sources: polling('10.0.9.9') };
    expect(judged(answer, { records: [record('b', '10.0.2.5')] })).toMatchObject({ state: 'unknown', stale: null });
  });

  it('is not asked of a pool that follows it, and says so by no remark', () => {
    const records = [record('b', '10.0.2.5')];
    const pod = { ...POD, association: 'pool' as const };
    const client = collected({ sources: polling('10.0.2.5') });
    expect(judged(client, { pod, records })?.remarks.join()).not.toContain('still polls');
    expect(judged(old, { pod, records })?.remarks.join()).toContain('still polls 10.0.9.9');
  });

  it.each<[string, string[], boolean]>([
    ['a published address among others', ['192.0.2.1', '10.0.2.5', 'a.name'], false],
    ['a server that is not published', ['192.0.2.1', 'fd00:10::5'], false],
    ['an address whose server EC2 does not name', ['192.0.2.1', '10.0.4.4'], false],
    ['others', ['192.0.2.1', '192.0.2.2'], true],
    ['another, and a clock of its own', ['192.0.2.1', 'SHM(0)'], true],
  ])('without names of the zone in its file: polls %s', (_, remotes, unmanaged) => {
    const records = [record('b', '10.0.2.5'), record('d', '10.0.4.4')];
    const kinds: Record<string, Partial<Source>> = {
      'a.name': { refid: '.DNS.', tally: ' ' },
      'SHM(0)': { type: 'l' },
    };
    const rows = polling(...remotes).map((row) => ({ ...row, ...kinds[row.remote] }));
    const made = judged(collected({ configNames: ['time.example'], sources: rows }), { records });
    expect(made?.unmanaged).toBe(unmanaged);
    expect(made?.remarks.includes("polls no server of podtime's: counted, never touched.")).toBe(unmanaged);
  });
});

it('what a report remembers is what the next judges by', () => {
  const unjoined = { 'i-0c0': ['ntp.az-b.pod'] };
  const over = { 'i-0c0': ['offset' as const] };
  const received = { 'i-0b': { packets: 7, ageSeconds: 8 } };
  expect(rememberedOf({ unjoined, over, received })).toEqual({
    unjoinedBefore: unjoined,
    overBefore: over,
    receivedBefore: received,
  });
});
