import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { judgeAll } from '../../src/diagnosis/judge.ts';
import type { Sighting, State } from '../../src/diagnosis/judgement.ts';
import type { Host } from '../../src/fleet/fleet.ts';
import type { Collected } from '../../src/host/collected.ts';
import type { Fault, Source, SystemState } from '../../src/ntp/source.ts';
import { expectEqual, expectMatch } from '../builders/expectations.ts';
import { runs } from '../builders/property-runs.ts';
import { AZ_NAMES, context, host, POD, REVISION, record, server, collected as settled } from '../builders/sightings.ts';

const ADDRESSES = [
  '10.0.2.5',
  '10.0.2.9',
  '10.0.3.5',
  '10.0.7.7',
  'fd00:10::5',
  '192.0.2.60',
  '169.254.169.123',
  'fd00:ec2::123',
];

const LOST: Fault = { line: 9, field: null, text: '', reason: 'x' };
const UNREAD: Fault = { line: 8, field: 'offsetMs', text: '?', reason: 'x' };
const TIMED_OUT: Fault = { line: 7, field: null, text: '***Request timed out', reason: 'x' };

/** The first three times of four, else one of the others. */
const mostly = <T>(usual: T, ...others: T[]) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...others) });
const maybe = <T>(known: fc.Arbitrary<T>) => fc.option(known, { nil: null });
// Mostly within limits, so that confidence is drawn as well.
const ms = maybe(
  fc.oneof(
    { weight: 4, arbitrary: fc.double({ min: -40, max: 40, noNaN: true }) },
    fc.double({ min: -1e7, max: 1e7, noNaN: true }),
  ),
);
const positiveMs = maybe(
  fc.oneof(
    { weight: 4, arbitrary: fc.double({ min: 0, max: 40, noNaN: true }) },
    fc.double({ min: 0, max: 1e7, noNaN: true }),
  ),
);
const seconds = maybe(fc.integer({ min: 0, max: 4000 }));

const source: fc.Arbitrary<Source> = fc
  .record({
    tally: fc.constantFrom(
      ' ' as const,
      'x' as const,
      '.' as const,
      '-' as const,
      '+' as const,
      '#' as const,
      '*' as const,
      'o' as const,
    ),
    remote: fc.constantFrom(...ADDRESSES, 'LOCAL(0)', '127.127.1.0', 'PHC0', 'ntp.az-b.pod', 'later.pod'),
    identified: mostly(true, false),
    refid: maybe(fc.constantFrom('.INIT.', '.STEP.', '.DNS.', '.POOL.', '.RATE.', '10.0.0.1')),
    stratum: maybe(fc.oneof(fc.integer({ min: 0, max: 16 }), fc.constant(3))),
    type: fc.constantFrom('u', 'u', 'u', 's', 'l', 'p', 'b', '?'),
    whenSeconds: seconds,
    pollSeconds: seconds,
    reach: maybe(fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constant(255))),
    delayMs: positiveMs,
    offsetMs: ms,
    jitterMs: positiveMs,
    uncertaintyMs: positiveMs,
    unansweredPolls: maybe(fc.nat(20)),
  })
  .map(({ identified, ...row }) => ({
    ...row,
    address: identified && ADDRESSES.includes(row.remote) ? row.remote : null,
  }));

const system: fc.Arbitrary<SystemState> = fc.record({
  leap: maybe(fc.constantFrom('none' as const, 'none' as const, 'add' as const, 'delete' as const, 'alarm' as const)),
  stratum: maybe(fc.integer({ min: 0, max: 16 })),
  refid: maybe(fc.constant('10.0.2.5')),
  offsetMs: ms,
  rootDelayMs: positiveMs,
  rootDispersionMs: positiveMs,
  jitterMs: positiveMs,
  frequencyPpm: ms,
  skewPpm: positiveMs,
  residualFrequencyPpm: ms,
  version: maybe(fc.constant('ntpd 4.2.8')),
  uptimeSeconds: seconds,
});

const collected: fc.Arbitrary<Collected> = fc.record({
  daemon: maybe(
    fc.record({
      kind: fc.constantFrom('ntpd' as const, 'ntpsec' as const, 'chrony' as const),
      version: maybe(fc.constant('1')),
    }),
  ),
  otherDaemons: fc.subarray(['chrony' as const]),
  found: fc.constantFrom('none', 'ntpd 4.2.8'),
  ageSeconds: seconds,
  cycledSecondsAgo: seconds,
  configRevision: maybe(fc.constantFrom(REVISION, 'fedcba9876543210')),
  configNames: fc.subarray([...AZ_NAMES, 'us-west-2b.stratum-2.invalid']),
  configAddresses: fc.subarray(ADDRESSES),
  sources: fc.array(source, { maxLength: 8 }),
  system: maybe(system),
  truncated: mostly(false, true),
  faults: mostly([], [LOST, UNREAD], [UNREAD], [TIMED_OUT]),
});

const SERVERS: Host[] = [server('b', ['10.0.2.9'], { instanceId: 'i-0b2' }), server('c', ['10.0.3.5', 'fd00:10::5'])];
const RECORDS = [
  record('b', '10.0.2.9', { setIdentifier: 'i-0b2' }),
  record('c', '10.0.3.5'),
  record('c', 'fd00:10::5'),
];

const answerOfServer = fc.oneof(maybe(collected), fc.constant(settled()));

/** The boundary servers and one client, each with whatever was collected. */
const pod = fc
  .record({
    answers: fc.tuple(answerOfServer, answerOfServer, maybe(collected)),
    before: fc.subarray(AZ_NAMES),
    association: fc.constantFrom('server' as const, 'pool' as const),
  })
  .map(({ answers, before, association }) => {
    const client = host('i-0e');
    const hosts = [...SERVERS, client];
    return {
      sightings: hosts.map((of, i): Sighting => ({ host: of, collected: answers[i] ?? null, status: 'Success' })),
      with: context({ pod: { ...POD, association }, hosts, records: RECORDS, unjoinedBefore: { 'i-0e': before } }),
    };
  });

const STATES: State[] = ['unknown', 'no-daemon', 'starting', 'unsynchronised', 'adrift', 'degraded', 'healthy'];
const UNREADABLE = /null|undefined|NaN|Infinity/;
const RUNS = runs(400);

describe('whatever is collected', () => {
  it('every host gets one judgement, of one known state, with a sentence', () => {
    fc.assert(
      fc.property(pod, ({ sightings, with: given }) => {
        const judgements = judgeAll(sightings, given);
        expectEqual(
          judgements.map((judgement) => judgement.host),
          sightings.map((sighting) => sighting.host),
        );
        for (const { state, sentence, confidence, remarks } of judgements) {
          if (!STATES.includes(state)) expect(STATES).toContain(state);
          for (const text of [sentence, confidence, ...remarks]) {
            expectMatch(text, /^[^\s].*\.$/s);
            if (UNREADABLE.test(text)) expect(text).not.toMatch(UNREADABLE);
          }
        }
      }),
      RUNS,
    );
  });

  it('the order of rows changes nothing', () => {
    const shuffled = pod.chain((drawn) =>
      fc.tuple(
        fc.constant(drawn),
        ...drawn.sightings.map(({ collected: answer }) => {
          const rows = answer?.sources ?? [];
          return fc.shuffledSubarray(rows, { minLength: rows.length, maxLength: rows.length });
        }),
      ),
    );
    fc.assert(
      fc.property(shuffled, ([{ sightings, with: given }, ...orders]) => {
        const turned = sightings.map((sighting, i): Sighting => {
          if (sighting.collected === null) return sighting;
          return { ...sighting, collected: { ...sighting.collected, sources: orders[i] ?? [] } };
        });
        expectEqual(judgeAll(turned, given), judgeAll(sightings, given));
      }),
      RUNS,
    );
  });

  it('the order of hosts changes nothing', () => {
    fc.assert(
      fc.property(pod, ({ sightings, with: given }) => {
        expectEqual(judgeAll([...sightings].reverse(), given).reverse(), judgeAll(sightings, given));
      }),
      RUNS,
    );
  });

  it('only a client whose config names an AZ of the zone is ever stale, and never by silence', () => {
    fc.assert(
      fc.property(pod, ({ sightings, with: given }) => {
        judgeAll(sightings, given).forEach(({ stale, unjoinedNames, polled, host: of }, i) => {
          const answer = sightings[i]?.collected ?? null;
          if (stale === null && unjoinedNames.length === 0) return;
          expect(of.tier).toBe('client');
          expect(answer?.daemon).not.toBeNull();
          expect(answer?.configNames.some((name) => AZ_NAMES.includes(name))).toBe(true);
          if (unjoinedNames.length > 0) expect(answer?.truncated).toBe(false);
          if (stale === null) return;
          expect(stale.names.length).toBeGreaterThan(0);
          expect(answer?.configNames).toEqual(expect.arrayContaining(stale.names));
          if (stale.rule === 'left-behind') {
            expect(given.pod.association).toBe('server');
            expect(polled).toEqual(expect.arrayContaining(stale.addresses));
            for (const address of stale.addresses) {
              expect(['10.0.2.5', '10.0.7.7']).toContain(address);
              expect(answer?.configAddresses).not.toContain(address);
            }
          } else {
            expect(given.unjoinedBefore['i-0e']).toEqual(expect.arrayContaining(stale.names));
            expect(unjoinedNames).toEqual(expect.arrayContaining(stale.names));
          }
        });
      }),
      RUNS,
    );
  });

  it('a number that could not be read is never bad news', () => {
    fc.assert(
      fc.property(collected, fc.constantFrom('offsetMs', 'rootDelayMs', 'rootDispersionMs'), (answer, field) => {
        if (answer.system === null) return;
        const judge = (seen: Collected) =>
          judgeAll([{ host: host('i-0e'), collected: seen, status: 'Success' }], context())[0];
        const before = judge(answer);
        const after = judge({ ...answer, system: { ...answer.system, [field]: null } });
        // A confident young host falls back to `starting`: confidence wants to know.
        if (before === undefined || after === undefined || after.state === 'starting') return;
        expect(STATES.indexOf(after.state)).toBeGreaterThanOrEqual(STATES.indexOf(before.state));
      }),
      RUNS,
    );
  });

  it('confidence is never had with a leap alarm, without a system peer, or by a young or ageless daemon', () => {
    fc.assert(
      fc.property(collected, (answer) => {
        const [judgement] = judgeAll([{ host: host('i-0e'), collected: answer, status: 'Success' }], context());
        if (!judgement?.confident) return;
        expect(answer.system?.leap).toMatch(/^(none|add|delete)$/);
        expect(answer.sources.some(({ tally, reach }) => (tally === '*' || tally === 'o') && (reach ?? 0) > 0)).toBe(
          true,
        );
        expect(judgement.measures.ageSeconds).toBeGreaterThanOrEqual(300);
        expect(['adrift', 'unsynchronised', 'no-daemon', 'unknown', 'starting']).not.toContain(judgement.state);
      }),
      runs(1000),
    );
  });
});
