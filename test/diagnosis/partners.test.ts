import { describe, expect, it } from '@jest/globals';
import { judgeAll } from '../../src/diagnosis/judge.ts';
import type { JudgedAt, Judgement } from '../../src/diagnosis/judgement.ts';
import type { Host, Pod } from '../../src/fleet/fleet.ts';
import type { Collected } from '../../src/host/collected.ts';
import type { Source } from '../../src/ntp/source.ts';
import { collected, context, host, POD, record, server, source } from '../builders/sightings.ts';

const TOGETHER: Pod = { ...POD, together: true };
const [A, B, C] = ['a', 'b', 'c'].map((letter, index) => server(letter, [`10.0.${index + 1}.5`])) as [Host, Host, Host];
const CLIENT = host('i-0c0');
const RECORDS = [record('a', '10.0.1.5'), record('b', '10.0.2.5'), record('c', '10.0.3.5')];
const unheard = (address: string) => source(address, { tally: ' ', reach: 0, whenSeconds: null });
const UNHEARD = [unheard('10.0.2.5'), unheard('10.0.3.5')];

/** A boundary server with true sources, and rows for its partners. */
const asking = (partners: Source[], given: Pick<Partial<Collected>, 'ageSeconds'> = {}) =>
  collected({
    sources: [source('192.0.2.1', { tally: '*', stratum: 2 }), source('192.0.2.2', { stratum: 2 }), ...partners],
    system: { stratum: 3, refid: '192.0.2.1' },
    ...given,
  });

function judged(of: Host, answer: Collected, { pod = TOGETHER, records = RECORDS } = {}) {
  const given = context({ pod, hosts: [A, B, C, CLIENT], records });
  const [judgement] = judgeAll([{ host: of, collected: answer, status: 'Success' }], given);
  const { state, sentence, cause, remarks } = judgement as Judgement;
  return { state, cause, remarks, ...(state !== 'healthy' && { sentence }) };
}

describe('boundary servers that keep one time', () => {
  const ALONE = {
    state: 'degraded',
    sentence:
      'hears none of its 2 partner boundary servers (10.0.2.5 and 10.0.3.5): without them it would keep a time of its own.',
    cause: 'they hear none of their partner boundary servers',
    remarks: [],
  };

  it('of which several hear none of the others are told together, each from the moment its daemon has settled', () => {
    expect([judged(A, asking(UNHEARD)), judged(A, asking(UNHEARD, { ageSeconds: 600 }))]).toEqual([ALONE, ALONE]);
  });

  it('are not blamed while the age of their daemon is not known, however short a start may be', () => {
    const pod = { ...TOGETHER, thresholds: { ...TOGETHER.thresholds, startingSeconds: 0 } };
    expect([
      judged(A, asking(UNHEARD, { ageSeconds: null }), { pod }),
      judged(A, asking(UNHEARD, { ageSeconds: 0 }), { pod }),
    ]).toEqual([{ state: 'healthy', cause: null, remarks: ["not known: the daemon's age."] }, ALONE]);
  });

  it('and are published without their partners knowing are counted by the records that lead to one', () => {
    const records = [...RECORDS, record('d', '10.0.4.5')];
    expect(judged(A, asking([]), { records }).remarks).toEqual([
      'asks none of the 2 other boundary servers that are published: without them it would keep a time of its own.',
    ]);
  });

  it('go by what their rows say, and by no bound of before, where the time of the look is not told', () => {
    const nowMs = Date.UTC(2026, 0, 15, 12);
    const lastBounds = Object.fromEntries(
      [A, B].map(({ instanceId }) => [instanceId, { boundMs: 20, atMs: nowMs - 1_800_000 }]),
    );
    const ofItself = collected({
      sources: [source('192.0.2.1', { tally: ' ', reach: 0, whenSeconds: 1200 })],
      system: { stratum: 10, refid: '127.127.1.1', offsetMs: 0, rootDelayMs: 0, rootDispersionMs: 0 },
    });
    const boundOf = (judgedAt?: JudgedAt) =>
      judgeAll(
        [{ host: A, collected: ofItself, status: 'Success', ...(judgedAt && { judgedAt }) }],
        context({ pod: TOGETHER, hosts: [A, B, C], lastBounds }),
      ).map(({ state, measures }) => [state, measures.errorBoundMs]);
    expect([boundOf({ nowMs, ageSeconds: 0 }), boundOf()]).toEqual([[['holdover', 20 + 27]], [['holdover', 18]]]);
  });

  it('have a source of their own in one that they listen to, though they do not ask it', () => {
    const rows = [source('192.0.2.1', { type: 'b', tally: 'x' }), source('10.0.2.5', { tally: '*' })];
    expect(judged(A, collected({ sources: rows }))).toEqual({
      state: 'degraded',
      cause: 'they follow other boundary servers of their pod, and none of their own sources',
      sentence: 'follows 10.0.2.5, a boundary server of its pod, and selects none of its own 1 source.',
      remarks: ['1 falseticker: 192.0.2.1 (offset 0.02 ms).'],
    });
  });

  it('have clients, of which nothing of the kind is wanted', () => {
    expect(judged(CLIENT, collected())).toEqual({ state: 'healthy', cause: null, remarks: [] });
  });
});
