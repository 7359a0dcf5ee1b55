import { describe, expect, it } from '@jest/globals';
import { heldByServer } from '../../src/diagnosis/held-by-server.ts';
import { clockJudge, judgeAll } from '../../src/diagnosis/judge.ts';
import type { Judgement } from '../../src/diagnosis/judgement.ts';
import type { Host } from '../../src/fleet/fleet.ts';
import type { Collected } from '../../src/host/collected.ts';
import { collected, context, host, POD, rowOfNtpdRs, server, source } from '../builders/sightings.ts';

const NOW_MS = 1_800_000_000_000;
const SERVERS = ['a', 'b', 'c'].map((letter, index) => server(letter, [`10.0.${index + 1}.5`]));
const CLIENT = host('i-0c0');
const NTPD_RS = { daemon: { kind: 'ntpd-rs', version: '1.4.0' }, ageSeconds: 86_400 } as const;
/** 2 ms four hours ago, 218 ms now. */
const LAST_BOUNDS = Object.fromEntries(
  SERVERS.map(({ instanceId }) => [instanceId, { boundMs: 2, atMs: NOW_MS - 4 * 3_600_000 }]),
);

/** A server on ntpd-rs that has heard nobody since. */
const lost = collected({
  ...NTPD_RS,
  sources: ['192.0.2.1', '192.0.2.2'].map((each) => rowOfNtpdRs(each, { unansweredPolls: 8, reach: 0 })),
  system: { stratum: 3, refid: null, offsetMs: 0, rootDelayMs: 0.031, rootDispersionMs: 5.722 },
});

/** A client that follows server a, 1 ms off at the most by its row. */
const following = (system: Partial<NonNullable<Collected['system']>> = {}, given: Partial<Collected> = {}) =>
  collected({
    sources: [
      source('10.0.1.5', { tally: '*', offsetMs: 0.25, delayMs: 1, jitterMs: 0.25, whenSeconds: 0 }),
      source('10.0.2.5'),
    ],
    ...given,
    system: { offsetMs: 0.25, rootDelayMs: 1, rootDispersionMs: 2, ...system },
  });

const sightingOf = (of: Host, answer: Collected) => ({
  host: of,
  collected: answer,
  status: 'Success',
  judgedAt: { nowMs: NOW_MS, ageSeconds: 0 },
});

function judged(answer: Collected): Judgement {
  const servers = SERVERS.map((each) => sightingOf(each, lost));
  const all = judgeAll(
    [...servers, sightingOf(CLIENT, answer)],
    context({ hosts: [...SERVERS, CLIENT], lastBounds: LAST_BOUNDS }),
  );
  return all[SERVERS.length] as Judgement;
}

const OF_A = 'it follows i-0a, whose bound is 218 ms';

describe('a client whose server is in holdover', () => {
  it('keeps the sentence of its own bound that is over the limit, and is told of the larger one', () => {
    const { state, findings, sentence, remarks } = judged(following({ rootDispersionMs: 202 }));
    expect({ state, findings, sentence, remarks }).toEqual({
      state: 'uncertain',
      findings: ['uncertain'],
      sentence: 'clock error bound 202.8 ms is over the limit of 200 ms.',
      remarks: [`clock error bound 219 ms is over the limit of 200 ms: ${OF_A}.`],
    });
  });

  it('says what else it lacks, and that', () => {
    expect(judged(following({ offsetMs: 80.5 })).confidence).toBe(
      `not confident: offset 80.5 ms (limit 50 ms); clock error bound 219 ms is over the limit of 200 ms: ${OF_A}.`,
    );
  });

  it('tells one bound of itself while it is starting', () => {
    const { state, sentence, confidence, remarks } = judged(following({ rootDispersionMs: 202 }, { ageSeconds: 30 }));
    expect({ state, sentence, confidence, remarks }).toEqual({
      state: 'starting',
      sentence: 'ntpsec 1.2.2 is 30 s old (limit 600 s) and not yet confident: error bound 219 ms (limit 200 ms).',
      confidence: 'not confident: the daemon is 30 s old (at least 300 s wanted); error bound 219 ms (limit 200 ms).',
      remarks: [`error bound 219 ms: ${OF_A}.`],
    });
  });

  it('has that bound too where its daemon tells no system peer, and rejects another source', () => {
    const rows = SERVERS.map((_, index) => rowOfNtpdRs(`10.0.${index + 1}.5`, { delayMs: 0 }));
    const falseticker = rowOfNtpdRs('192.0.2.9', { offsetMs: 700, delayMs: 0 });
    const answer = (sources: Collected['sources']) => following({ refid: null }, { ...NTPD_RS, sources });
    expect([rows, [...rows, falseticker]].map((each) => judged(answer(each)).measures.errorBoundMs)).toEqual([
      218.99, 218.99,
    ]);
  });

  it('has nothing remembered once that bound is not known', () => {
    const answer = following(
      {},
      { sources: [...following().sources, source('127.127.1.0', { tally: ' ', type: 'l' })] },
    );
    const clock = clockJudge(context({ hosts: SERVERS }))(sightingOf(CLIENT, answer));
    const held = heldByServer(
      clock,
      { boundMs: null, growthPpm: 15, by: { kind: 'server', from: 'i-0a', serverBoundMs: null } },
      POD.thresholds,
    );
    expect(clock.lastBound).toEqual({ boundMs: 2.75, atMs: NOW_MS });
    expect(held).not.toHaveProperty('lastBound');
  });
});
