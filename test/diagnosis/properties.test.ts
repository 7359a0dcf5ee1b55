import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { judgeAll } from '../../src/diagnosis/judge.ts';
import { type Judgement, type Sighting, STATES } from '../../src/diagnosis/judgement.ts';
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
  driftPpm: ms,
  driftSkewPpm: positiveMs,
  clockSource: maybe(fc.constantFrom('tsc', 'xen', 'jiffies')),
  kernelUnsynchronised: maybe(fc.boolean()),
  packetsReceived: seconds,
  packetsDropped: seconds,
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

function judgeOne(answer: Collected, given = context()): Judgement {
  const [judgement] = judgeAll([{ host: host('i-0e'), collected: answer, status: 'Success' }], given);
  if (judgement === undefined) throw new Error('one sighting gives one judgement');
  return judgement;
}

const UNREADABLE = /null|undefined|NaN|Infinity/;
const RUNS = runs(400);

/** Whether the daemon says itself that its time ends in an undisciplined clock. */
function endsLocally({ system, sources }: Collected): boolean {
  const isLocal = (stratum: number | null | undefined) => (stratum ?? 0) >= 10 && (stratum ?? 0) < 16;
  const isFollowed = sources.some(({ tally, stratum }) => (tally === '*' || tally === 'o') && isLocal(stratum));
  return isFollowed || isLocal(system?.stratum) || /^(127|\.?LOC)/.test(system?.refid ?? '');
}

describe('whatever is collected', () => {
  it('every host gets one judgement, of one known state, with a sentence', () => {
    fc.assert(
      fc.property(pod, ({ sightings, with: given }) => {
        const judgements = judgeAll(sightings, given);
        expectEqual(
          judgements.map((judgement) => judgement.host),
          sightings.map((sighting) => sighting.host),
        );
        for (const { state, findings, sentence, confidence, remarks } of judgements) {
          if (!STATES.includes(state)) expect(STATES).toContain(state);
          expectEqual(findings[0] ?? 'healthy', state);
          expectEqual(
            findings,
            STATES.filter((each) => findings.includes(each)),
          );
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
        const before = judgeOne(answer);
        const after = judgeOne({ ...answer, system: { ...answer.system, [field]: null } });
        // A confident young host falls back to `starting`: confidence wants to know.
        if (after.state === 'starting') return;
        expect(STATES.indexOf(after.state)).toBeGreaterThanOrEqual(STATES.indexOf(before.state));
      }),
      RUNS,
    );
  });

  it('there is a bound while the clock is set and its numbers are known, and a horizon of 0 where it is over its limit', () => {
    fc.assert(
      fc.property(collected, (answer) => {
        const { errorBoundMs, growthPpm, horizonSeconds } = judgeOne(answer).measures;
        const { system: state } = answer;
        const rates = answer.daemon?.kind === 'chrony' ? [state?.skewPpm, state?.residualFrequencyPpm] : [];
        const isKnown = [state?.offsetMs, state?.rootDelayMs, state?.rootDispersionMs, ...rates].every(
          (number) => typeof number === 'number',
        );
        const isSet = state?.leap !== 'alarm' && state?.stratum !== 0 && state?.stratum !== 16;
        const isOnItsOwn = answer.sources.some(
          ({ tally, remote }) => /[*o]/.test(tally ?? '') && /^LOCAL|^127/.test(remote),
        );
        if (errorBoundMs === null) {
          // unless nobody ever set it, it is not known how long it is over
          if (isKnown && isSet && answer.daemon !== null && !isOnItsOwn && !endsLocally(answer))
            expect(errorBoundMs).not.toBeNull();
          return;
        }
        expect(isKnown && isSet).toBe(true);
        expect(errorBoundMs).toBeGreaterThanOrEqual(Math.abs(state?.offsetMs ?? 0) * (1 - 1e-14));
        expect(growthPpm).toBeGreaterThanOrEqual(15);
        if ((horizonSeconds === 0) !== errorBoundMs >= 200) expect({ horizonSeconds, errorBoundMs }).toBeNull();
      }),
      RUNS,
    );
  });

  it('the longer the silence, the larger the bound and the shorter the horizon', () => {
    const ppm = fc.constantFrom(0, 15, 40);
    fc.assert(
      fc.property(collected, fc.nat(100_000), ppm, (answer, more, holdoverPpm) => {
        const given = context({ pod: { ...POD, thresholds: { ...POD.thresholds, holdoverPpm } } });
        const later = answer.sources.map(({ whenSeconds, unansweredPolls, ...row }) => ({
          ...row,
          whenSeconds: whenSeconds === null ? null : whenSeconds + more,
          unansweredPolls: unansweredPolls === null ? null : unansweredPolls + more,
        }));
        const [before, after] = [answer, { ...answer, sources: later }].map((seen) => judgeOne(seen, given).measures);
        if (before?.errorBoundMs == null || after?.errorBoundMs == null) return;
        expect(after.errorBoundMs).toBeGreaterThanOrEqual(before.errorBoundMs);
        expect(after.horizonSeconds).toBeLessThanOrEqual(before.horizonSeconds ?? 0);
      }),
      RUNS,
    );
  });

  it('rows whose age is not known, or that are missing, are no proof of silence', () => {
    fc.assert(
      fc.property(collected, source, (answer, row) => {
        const ageless: Source = { ...row, tally: '+', remote: '10.0.3.5', type: 'u', refid: null, stratum: 3 };
        const aged = { ...ageless, whenSeconds: null, unansweredPolls: null, reach: null };
        for (const seen of [
          { ...answer, truncated: true },
          { ...answer, sources: [...answer.sources, aged] },
        ]) {
          if (!endsLocally(seen) && judgeOne(seen).findings.includes('holdover')) expect(seen).toBeNull();
        }
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
        expect(['healthy', 'degraded']).toContain(judgement.state);
      }),
      runs(1000),
    );
  });
});
