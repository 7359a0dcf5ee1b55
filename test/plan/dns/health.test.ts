import { describe, expect, it } from '@jest/globals';
import type { Judgement } from '../../../src/diagnosis/judgement.ts';
import { assessHealth } from '../../../src/plan/dns/health.ts';
import { planRecords } from '../../../src/plan/dns/records.ts';
import type { Memory } from '../../../src/plan/plan.ts';
import {
  adrift,
  client,
  HOUR,
  id,
  input,
  judged,
  MINUTE,
  memory,
  NOW,
  POD,
  record,
  server,
  silent,
} from '../../builders/plan-input.ts';

const B = server('b', 'b');
const ofB = id('b');
const CLIENT = client('1', 'b');

const bad = () => adrift(B);
const good = () => judged(B);
const notConfident = () => judged(B, { confident: false, state: 'degraded' });
const quiet = () => silent(B);
const starting = () => judged(B, { confident: false, state: 'starting' });
const noSync = () => adrift(B, { state: 'unsynchronised' });
const contradicted = () => adrift(B, { state: 'contradicted' });
const uncertain = () => adrift(B, { state: 'uncertain' });
/** In holdover: its bound over the limit, within it, or not known. */
const holdover = (horizonSeconds: number | null) => () =>
  adrift(B, { state: 'holdover', measures: { ...adrift(B).measures, horizonSeconds } });
const lost = holdover(0);
const trusted = holdover(1);
const unmeasured = holdover(null);
const noDaemon = () => adrift(B, { state: 'no-daemon' });

/** Ticks every so many minutes, each with its sighting of `B`; tells what is proved after each, in minutes, and when it is unfit. */
function watch(everyMinutes: number, sightings: ((() => Judgement) | null)[]) {
  let remembered: Memory = memory();
  const provenMinutes: (number | null)[] = [];
  let unfitAt: number | null = null;
  sightings.forEach((sighting, tick) => {
    const nowMs = NOW + tick * everyMinutes * MINUTE;
    const judgements = new Map(sighting ? [[ofB, sighting()]] : []);
    const health = assessHealth(POD, nowMs, [B], judgements, remembered);
    const { unhealthySinceMs, unhealthy } = health;
    remembered = memory({ unhealthySinceMs, unhealthy });
    const proof = health.unhealthy[ofB];
    provenMinutes.push(proof ? proof.provenMs / MINUTE : null);
    if (health.unfit.has(ofB)) unfitAt ??= tick * everyMinutes;
  });
  return { provenMinutes, unfitAt };
}

describe('fifteen minutes of sightings', () => {
  it.each<[string, number, ((() => Judgement) | null)[], (number | null)[], number | null]>([
    ['bad four times at five minutes: unfit at 15 min', 5, [bad, bad, bad, bad], [0, 5, 10, 15], 15],
    ['whichever way it is bad', 5, [noSync, bad, noDaemon, noSync], [0, 5, 10, 15], 15],
    ['contradicted, or in holdover over its limit', 5, [lost, contradicted, lost, lost], [0, 5, 10, 15], 15],
    [
      'in holdover within its limit in between: the clock stands still, for its time is good and its health not shown',
      5,
      [bad, bad, trusted, trusted, bad, bad, bad],
      [0, 5, 5, 5, 5, 10, 15],
      30,
    ],
    [
      'in holdover within its limit for ever: never unfit',
      5,
      [trusted, trusted, trusted, trusted],
      [null, null, null, null],
      null,
    ],
    ['in holdover with a bound that is not known: no proof', 5, [bad, unmeasured, unmeasured, bad], [0, 0, 0, 0], null],
    ['uncertain in between: from the start', 5, [bad, bad, uncertain, bad], [0, 5, null, 0], null],
    [
      'uncertain for ever: never unfit',
      5,
      [uncertain, uncertain, uncertain, uncertain],
      [null, null, null, null],
      null,
    ],
    ['good in between: from the start', 5, [bad, bad, bad, good, bad, bad], [0, 5, 10, null, 0, 5], null],
    ['degraded in between, not confident: from the start', 5, [bad, bad, notConfident, bad], [0, 5, null, 0], null],
    ['silent for ever: never unfit', 5, [quiet, quiet, quiet, quiet, quiet], [null, null, null, null, null], null],
    ['not sighted at all: never unfit', 5, [null, null, null, null, null], [null, null, null, null, null], null],
    [
      'silent in between: the clock stands still, neither back nor on',
      5,
      [bad, bad, quiet, quiet, quiet, bad, bad, bad],
      [0, 5, 5, 5, 5, 5, 10, 15],
      35,
    ],
    ['not sighted in between: the same', 5, [bad, bad, null, bad, bad, bad], [0, 5, 5, 5, 10, 15], 25],
    [
      'silent at the fifteenth minute: not unfit on silence',
      5,
      [bad, bad, bad, quiet, bad, bad],
      [0, 5, 10, 10, 10, 15],
      25,
    ],
    ['starting in between: the clock stands still', 5, [bad, bad, starting, bad, bad, bad], [0, 5, 5, 5, 10, 15], 25],
    ['one sighting in an hour and one more: at most two intervals are proved', 60, [bad, bad, bad], [0, 10, 20], 120],
  ])('%s', (_, every, sightings, proved, unfitAt) => {
    expect(watch(every, sightings)).toEqual({ provenMinutes: proved, unfitAt });
  });
});

describe('a server', () => {
  const ill = memory({
    unhealthySinceMs: { [ofB]: NOW - HOUR },
    unhealthy: { [ofB]: { provenMs: HOUR, seenMs: null } },
  });
  const assess = (of = B, judgement: Judgement = adrift(of), remembered = ill) =>
    assessHealth(POD, NOW, [of], new Map([[ofB, judgement]]), remembered);

  it('is unfit with the sentence why, and remembered', () => {
    const sentence = 'adrift for 60 min of sightings (limit 15 min): offset 80 ms is over the limit of 50 ms.';
    expect(assess()).toEqual({
      unhealthySinceMs: { [ofB]: NOW - HOUR },
      unhealthy: { [ofB]: { provenMs: HOUR, seenMs: NOW } },
      starting: {},
      unbound: {},
      startingTooLong: new Map(),
      unfit: new Map([[ofB, sentence]]),
      withdrawn: {},
    });
  });

  it('is not unfit while silent, however long it was bad before', () => {
    expect(assess(B, silent(B)).unfit).toEqual(new Map());
  });

  it('is not remembered as unhealthy when nothing but silence is known of it', () => {
    const { unhealthy, unhealthySinceMs } = assess(B, silent(B), memory());
    expect([unhealthy, unhealthySinceMs]).toStrictEqual([{}, {}]);
  });

  it('that is confident is never unfit, whatever else is said of it', () => {
    expect(assess(B, adrift(B, { confident: true })).unfit).toEqual(new Map());
  });

  describe('in holdover with a bound that is not known (ntpd-rs tells none)', () => {
    const unset = (given: Partial<Judgement['measures']> = {}) =>
      adrift(B, {
        state: 'holdover',
        sentence: 'heard nobody.',
        measures: { ...adrift(B).measures, horizonSeconds: null, growthPpm: 15, ...given },
      });
    // at 15 ppm 200 ms take 222 min and 13 s
    const ticks = 60;
    const firstUnfit = (sightings: (tick: number) => Judgement | null) => {
      let remembered = memory();
      const unfit: [minutes: number, sentence: string][] = [];
      for (let tick = 0; tick <= ticks; tick += 1) {
        const judgement = sightings(tick);
        const nowMs = NOW + tick * 5 * MINUTE;
        const judgements = judgement ? [judgement] : [];
        const { memory: next } = planRecords(input({ nowMs, hosts: [B], judgements, memory: remembered }));
        const health = assessHealth(POD, nowMs, [B], new Map(judgements.map((one) => [ofB, one])), remembered);
        for (const sentence of health.unfit.values()) unfit.push([tick * 5, sentence]);
        remembered = memory(next);
      }
      return unfit[0];
    };

    it('is unfit a quarter of an hour after the best of clocks would be over the limit', () => {
      expect(firstUnfit(() => unset())).toEqual([
        240,
        'in holdover with a bound that is not known for 4 h of sightings (limit 3.7 h); unhealthy for 15 min of sightings (limit 15 min): heard nobody.',
      ]);
    });

    it('is at the very end of the time that the best of clocks would take', () => {
      const remembered = memory({ unbound: { [ofB]: { provenMs: 19_700_000, seenMs: NOW - 5 * MINUTE } } });
      // at 10 ppm 200 ms take 20,000 s
      const judgements = new Map([[ofB, unset({ growthPpm: 10 })]]);
      expect(assessHealth(POD, NOW, [B], judgements, remembered).unhealthySinceMs).toEqual({ [ofB]: NOW });
    });

    it.each<[string, (tick: number) => Judgement | null]>([
      ['had a source an hour ago', (tick) => (tick === 48 - 12 ? uncertain() : unset())],
      ['was silent half of the time', (tick) => (tick % 2 === 0 ? null : unset())],
      ['says now that its bound is within the limit', (tick) => (tick < 44 ? unset() : trusted())],
      ['tells nothing of its clock', () => unset({ growthPpm: null })],
    ])('is not while it %s', (_, sightings) => {
      expect(firstUnfit(sightings)).toBeUndefined();
    });
  });

  it.each(['pending', 'stopped', 'terminated'] as const)('that is %s starts anew', (state) => {
    const long = memory({ ...ill, starting: { [ofB]: { provenMs: HOUR, seenMs: null } } });
    expect(assess({ ...B, state }, starting(), long)).toEqual({
      unhealthySinceMs: {},
      unhealthy: {},
      starting: {},
      unbound: {},
      startingTooLong: new Map(),
      unfit: new Map(),
      withdrawn: {},
    });
  });
});

describe('a daemon that is starting for ever', () => {
  /** Ticks every five minutes; in minutes: when it was first too long, when unfit, and what is proved at the end. */
  function watchStart(sightings: ((() => Judgement) | null)[]) {
    let remembered: Memory = memory();
    let tooLongAt: number | null = null;
    let unfitAt: number | null = null;
    let sentence: string | undefined;
    sightings.forEach((sighting, tick) => {
      const judgements = new Map(sighting ? [[ofB, sighting()]] : []);
      const health = assessHealth(POD, NOW + tick * 5 * MINUTE, [B], judgements, remembered);
      const { unhealthySinceMs, unhealthy, starting } = health;
      remembered = memory({ unhealthySinceMs, unhealthy, starting });
      if (health.startingTooLong.has(ofB)) tooLongAt ??= tick * 5;
      if (health.unfit.has(ofB)) {
        unfitAt ??= tick * 5;
        sentence ??= health.unfit.get(ofB);
      }
    });
    return { tooLongAt, unfitAt, sentence };
  }
  const times = <T>(number: number, one: T) => Array.from({ length: number }, () => one);

  it('counts as unhealthy after twice the time in which a daemon may start', () => {
    expect(watchStart(times(8, starting))).toEqual({
      tooLongAt: 20,
      unfitAt: 35,
      sentence: `starting for 35 min of sightings (limit 20 min); unhealthy for 15 min of sightings (limit 15 min): ${starting().sentence}`,
    });
  });

  it('is said in a sentence of its own', () => {
    const long = memory({ starting: { [ofB]: { provenMs: 25 * MINUTE, seenMs: null } } });
    const { startingTooLong } = assessHealth(POD, NOW, [B], new Map([[ofB, starting()]]), long);
    expect(startingTooLong).toEqual(new Map([[ofB, `${ofB} keeps starting for 25 min of sightings (limit 20 min).`]]));
  });

  it.each<[string, ((() => Judgement) | null)[], number | null]>([
    ['a healthy sighting ends it', [...times(4, starting), good, ...times(4, starting)], null],
    ['so does a degraded one', [...times(4, starting), notConfident, ...times(4, starting)], null],
    ['silence stops the clock', [...times(3, starting), ...times(9, quiet), starting, starting, starting], 70],
    ['no sighting does too', [...times(3, starting), ...times(9, null), starting, starting, starting], 70],
    ['a daemon that dies in between does not set it back', [...times(4, starting), noDaemon, starting, starting], 30],
  ])('%s', (_, sightings, tooLongAt) => {
    expect(watchStart(sightings).tooLongAt).toBe(tooLongAt);
  });

  it('of a client has the same end, and touches no record', () => {
    const long = memory({ starting: { [CLIENT.instanceId]: { provenMs: 20 * MINUTE, seenMs: NOW - MINUTE } } });
    const seen = new Map([[CLIENT.instanceId, { ...starting(), host: CLIENT }]]);
    const { startingTooLong, unfit, unhealthy, starting: kept } = assessHealth(POD, NOW, [CLIENT], seen, long);
    expect(startingTooLong).toEqual(
      new Map([[CLIENT.instanceId, `${CLIENT.instanceId} keeps starting for 21 min of sightings (limit 20 min).`]]),
    );
    expect([unfit.size, unhealthy, kept]).toEqual([
      0,
      {},
      { [CLIENT.instanceId]: { provenMs: 21 * MINUTE, seenMs: NOW } },
    ]);
    const healthy = new Map([[CLIENT.instanceId, judged(CLIENT)]]);
    expect(assessHealth(POD, NOW, [CLIENT], healthy, long).starting).toEqual({});
  });

  it('has an end by the pod’s own limit', () => {
    const pod = { ...POD, thresholds: { ...POD.thresholds, startingSeconds: 300 } };
    const provedFor = (provenMs: number) =>
      assessHealth(
        pod,
        NOW,
        [B],
        new Map([[ofB, starting()]]),
        memory({ starting: { [ofB]: { provenMs, seenMs: null } } }),
      );
    expect(provedFor(10 * MINUTE - 1).startingTooLong.size).toBe(0);
    expect(provedFor(10 * MINUTE).startingTooLong.size).toBe(1);
  });
});

describe('a server that its witnesses contradicted', () => {
  const acquitted = () => judged(B, { acquitted: true });

  it.each<[string, ((() => Judgement) | null)[], (number | null)[], number | null]>([
    [
      'a tick in which nobody compares it does not set it back',
      [contradicted, contradicted, contradicted, good, contradicted, contradicted],
      [0, 5, 10, 10, 10, 15],
      25,
    ],
    [
      'nor one in which it is degraded, or unknown',
      [contradicted, notConfident, quiet, contradicted],
      [0, 0, 0, 0],
      null,
    ],
    ['nor is what it is besides', [contradicted, bad, bad, good, bad], [0, 5, 10, 10, 10], null],
    ['witnesses that acquit it do', [contradicted, contradicted, acquitted, contradicted], [0, 5, null, 0], null],
    ['one that is adrift needs no witness to be well', [bad, bad, good], [0, 5, null], null],
  ])('%s', (_, sightings, provenMinutes, unfitAt) => {
    expect(watch(5, sightings)).toMatchObject({ provenMinutes, unfitAt });
  });

  it('is remembered so, also where a state that comes before hides it', () => {
    const proof = { provenMs: 0, seenMs: NOW, contradicted: true };
    const hidden = adrift(B, { state: 'unsynchronised', findings: ['unsynchronised', 'contradicted'] });
    for (const seen of [contradicted(), hidden])
      expect(assessHealth(POD, NOW, [B], new Map([[ofB, seen]]), memory()).unhealthy).toEqual({ [ofB]: proof });
  });

  it('once withdrawn comes back when it is confident and acquitted, and says until then what is wanted', () => {
    const proof = { [ofB]: { provenMs: 20 * MINUTE, seenMs: NOW - 5 * MINUTE, contradicted: true as const } };
    const records = [record(server('a', 'a'))];
    const planned = (before: Memory, seen: Judgement) =>
      planRecords(
        input({
          hosts: [server('a', 'a'), B],
          records,
          memory: before,
          judgements: [judged(server('a', 'a')), seen],
        }),
      );
    const { memory: first } = planned(memory({ unhealthy: proof }), contradicted());
    const entry = first.withdrawn[ofB];
    expect(entry).toMatchObject({ contradicted: true });
    const silence = planned(memory(first), good());
    expect(silence.changes).toEqual([]);
    expect(silence.memory.withdrawn[ofB]).toEqual(entry);
    expect(silence.refusals.map(({ rule, sentence }) => [rule, sentence])).toEqual([
      [
        'withdrawn',
        `${ofB} is not registered until it is confident again and 3 clients that compare it find it right, or nobody has accused it 60 min after it was withdrawn, or accuses it while no server that stands in DNS is in service: ${entry?.sentence}`,
      ],
    ]);
    const cleared = planned(memory(silence.memory), acquitted());
    expect([cleared.memory.withdrawn, cleared.memory.unhealthy, cleared.refusals]).toEqual([{}, {}, []]);
    expect(cleared.changes.map(({ action, setIdentifier }) => [action, setIdentifier])).toContainEqual(['UPSERT', ofB]);
    const stopped = assessHealth(POD, NOW, [{ ...B, state: 'stopped' }], new Map(), memory(first));
    expect([stopped.withdrawn, stopped.unhealthy]).toEqual([{}, {}]);
  });

  it('returns on trial an hour after it was withdrawn, where nobody accuses it, and goes with the first sighting that is bad again', () => {
    const proof = { provenMs: 20 * MINUTE, seenMs: null, contradicted: true as const };
    const withdrawnFor = (minutes: number, seen: Judgement) => {
      const entry = {
        sinceMs: NOW - minutes * MINUTE,
        sentence: 'contradicted.',
        addresses: [],
        contradicted: true as const,
      };
      const before = memory({ withdrawn: { [ofB]: entry }, unhealthy: { [ofB]: proof } });
      return assessHealth(POD, NOW, [B], new Map([[ofB, seen]]), before);
    };
    expect([...withdrawnFor(59, good()).unfit.keys()]).toEqual([ofB]);
    expect([...withdrawnFor(60, { ...good(), accused: true }).unfit.keys()]).toEqual([ofB]);
    expect([...withdrawnFor(60, notConfident()).unfit.keys()]).toEqual([ofB]);
    const onTrial = withdrawnFor(60, good());
    expect([onTrial.unfit.size, onTrial.withdrawn, onTrial.unhealthy]).toEqual([0, {}, { [ofB]: proof }]);
    const again = assessHealth(
      POD,
      NOW,
      [B],
      new Map([[ofB, contradicted()]]),
      memory({ unhealthy: onTrial.unhealthy }),
    );
    expect([...again.unfit.keys()]).toEqual([ofB]);
  });
});

it('is marked as contradicted by sightings that prove something, not by one of a daemon that is just starting', () => {
  const before = memory({ unhealthy: { [ofB]: { provenMs: 5 * MINUTE, seenMs: NOW - MINUTE } } });
  const marks = [starting(), contradicted()].map((seen) => {
    const judgement: Judgement = { ...seen, findings: ['contradicted'] };
    return assessHealth(POD, NOW, [B], new Map([[ofB, judgement]]), before).unhealthy[ofB];
  });
  expect(marks).toEqual([
    { provenMs: 5 * MINUTE, seenMs: null },
    { provenMs: 6 * MINUTE, seenMs: NOW, contradicted: true },
  ]);
});

it('is no confident server while it is withdrawn, whatever it says of itself: the floor keeps it where no other is confident', () => {
  const other = server('c', 'c');
  const entry = { sinceMs: NOW - MINUTE, sentence: 'contradicted.', addresses: [], contradicted: true as const };
  const planned = (others: Judgement) =>
    planRecords(
      input({
        hosts: [B, other],
        // Route 53 refused to take it away
        records: [record(B), record(other)],
        judgements: [{ ...good(), accused: true }, others],
        memory: memory({ withdrawn: { [ofB]: entry } }),
      }),
    );
  const [kept, gone] = [planned(silent(other)), planned(judged(other))];
  expect([kept.changes, kept.refusals.map(({ rule }) => rule)]).toEqual([[], ['floor']]);
  expect(gone.changes.map(({ action, setIdentifier }) => [action, setIdentifier])).toEqual([
    ['UPSERT', other.instanceId],
    ['DELETE', ofB],
  ]);
});

describe('a server withdrawn for its health', () => {
  const entry = { sinceMs: NOW - HOUR, sentence: 'adrift: 80 ms.', addresses: ['10.0.2.11'] };
  const remembered = memory({ withdrawn: { [ofB]: entry } });
  const assess = (hosts = [B], judgements: Judgement[] = []) =>
    assessHealth(POD, NOW, hosts, new Map(judgements.map((one) => [one.host.instanceId, one])), remembered);

  it.each<[string, Judgement[]]>([
    ['bad', [bad()]],
    ['silent', [quiet()]],
    ['not sighted', []],
    ['starting', [starting()]],
    ['degraded and not confident', [notConfident()]],
  ])('stays so while it is %s', (_, judgements) => {
    const health = assess([B], judgements);
    expect(health.withdrawn).toEqual({ [ofB]: entry });
    expect(health.unfit).toEqual(new Map([[ofB, entry.sentence]]));
  });

  it('comes back when it is confident', () => {
    const health = assess([B], [good()]);
    expect(health.withdrawn).toEqual({});
    expect(health.unfit).toEqual(new Map());
  });

  it('is forgotten when it dies, becomes a client or goes to another pod', () => {
    expect(assess([{ ...B, state: 'stopped' }]).withdrawn).toEqual({});
    expect(assess([{ ...B, tier: 'client' }]).withdrawn).toEqual({});
    expect(assess([{ ...B, pod: 'green' }]).withdrawn).toEqual({});
  });

  it('is remembered for a day when EC2 does not list it', () => {
    expect(assess([]).withdrawn).toEqual({ [ofB]: entry });
    const old = memory({ withdrawn: { [ofB]: { ...entry, sinceMs: NOW - 24 * HOUR } } });
    expect(assessHealth(POD, NOW, [], new Map(), old).withdrawn).toEqual({});
  });
});

it('a server of an AZ that EC2 does not describe keeps what was proved, as one that is silent', () => {
  const proof = { provenMs: 10 * MINUTE, seenMs: NOW - 5 * MINUTE };
  const remembered = memory({
    unhealthy: { [ofB]: proof },
    starting: { [ofB]: proof },
    unbound: { [ofB]: proof },
    unhealthySinceMs: { [ofB]: NOW - HOUR },
  });
  const stopped = { [ofB]: { provenMs: 10 * MINUTE, seenMs: null } };
  const seen = input({ hosts: [server('a', 'a')], unread: [ofB], memory: remembered });
  expect(planRecords(seen).memory).toMatchObject({
    unhealthy: stopped,
    starting: stopped,
    unbound: stopped,
    unhealthySinceMs: { [ofB]: NOW - HOUR },
  });
  const forgotten = planRecords({ ...seen, unread: [] }).memory;
  expect([forgotten.unhealthy, forgotten.starting, forgotten.unhealthySinceMs]).toEqual([{}, {}, {}]);
  const { unhealthy, starting: started, unhealthySinceMs } = assessHealth(POD, NOW, [], new Map(), memory(), [ofB]);
  expect([unhealthy, started, Object.keys(unhealthySinceMs)]).toEqual([{}, {}, []]);
});
