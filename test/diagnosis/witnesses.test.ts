import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { clockNames } from '../../src/diagnosis/clock-names.ts';
import { clocksHeard } from '../../src/diagnosis/heard-clocks.ts';
import type { Testimony } from '../../src/diagnosis/testimony.ts';
import { abstentionSentence, testimonyOf } from '../../src/diagnosis/witnesses.ts';
import type { Source } from '../../src/ntp/source.ts';
import { expectEqual } from '../builders/expectations.ts';
import { runs } from '../builders/property-runs.ts';
import { host, server, source } from '../builders/sightings.ts';
import {
  addressOf,
  CLOCKS,
  DISAGREEMENT_MS,
  exactRow,
  following,
  LETTERS,
  rowsSeen,
  SERVER_IDS,
  STRETCH_MS,
  sixtyFourths,
  standings,
  testimony,
} from '../builders/witnessing.ts';

const A = '10.0.1.5';
const B = '10.0.2.5';
const C = '10.0.3.5';
const TIME_SERVICE = '169.254.169.123';

const ANY_MS = expect.any(Number) as unknown as number;
const testifies = (clocks: string[], ...against: { clock: string; offMs: number; mostMs?: number }[]): Testimony => ({
  kind: 'testifies',
  clocks,
  cleared: clocks.filter((name) => !against.some(({ clock }) => clock === name)),
  against: against.map((each) => ({ mostMs: ANY_MS, ...each })),
  uncompared: [],
});
const silent = (...uncompared: string[]): Testimony => ({ kind: 'silent', uncompared, together: [] });
/** As many as see each other stand together. */
const pair = (...names: string[]): Testimony => ({ kind: 'silent', uncompared: names, together: names });

describe('a witness says which clock stands apart from where most of its sources agree', () => {
  it('accuses the liar that its daemon follows, and no honest server with it', () => {
    // 8, -4, -4: pulled to the middle the client is off from all three
    const rows = [exactRow(A, -4), exactRow(B, -4), exactRow(C, 8, { tally: '*' })];
    // the others may be half the limit ahead of the true time, or behind it
    expect(testimony(rows)).toEqual(testifies(['i-0a', 'i-0b', 'i-0c'], { clock: 'i-0c', offMs: 12, mostMs: 14.5 }));
  });

  it('counts a server that is known by both families once, so that it is no majority of its own', () => {
    const rows = (ipv4: string, ipv6: string) => [
      exactRow(A, 0),
      exactRow(ipv4, 90),
      exactRow(ipv6, 90),
      exactRow(B, 0),
    ];
    const own = { stratum: 1, refid: '.GOOG.' };
    const known = [exactRow(A, 0), ...['216.239.35.4', '2001:4860:4806:4::'].map((each) => exactRow(each, 90, own))];
    expect({
      server: testimony(rows(C, 'fd00:10::3')),
      timeService: testimony(rows(TIME_SERVICE, 'fd00:ec2::123')),
      // two clocks are too few to say which is wrong
      publicServer: testimony(known),
    }).toEqual({
      server: testifies(['i-0a', 'i-0c', 'i-0b'], { clock: 'i-0c', offMs: 90 }),
      timeService: testifies(['i-0a', 'the AWS time service', 'i-0b'], { clock: 'the AWS time service', offMs: 90 }),
      publicServer: silent('i-0a', '216.239.35.4'),
    });
  });

  it('takes off what delay, jitter and age of both sides explain', () => {
    const rows = [
      exactRow(A, 0, { delayMs: 2, jitterMs: 0.5 }),
      exactRow(B, 0, { delayMs: 2, jitterMs: 0.5 }),
      // 1 of delay, 1 of jitter, 100 s of 15 ppm
      exactRow(C, -20, { delayMs: 2, jitterMs: 1, whenSeconds: 100 }),
    ];
    expect(testimony(rows)).toEqual(testifies(['i-0a', 'i-0b', 'i-0c'], { clock: 'i-0c', offMs: -15 }));
  });

  it('lets servers differ by as much as the limit', () => {
    expect(testimony([exactRow(A, 0), exactRow(B, 0), exactRow(C, 5)])).toEqual(testifies(['i-0a', 'i-0b', 'i-0c']));
    expect(testimony([exactRow(A, 0), exactRow(B, 0), exactRow(C, 5.5)])).toEqual(
      testifies(['i-0a', 'i-0b', 'i-0c'], { clock: 'i-0c', offMs: 5.5 }),
    );
  });

  it('hears servers that are honest across the internet, a few milliseconds apart, as agreeing', () => {
    const rows = [exactRow(A, -1.5), exactRow(B, 2), exactRow(TIME_SERVICE, 0), exactRow(C, 40)];
    expect(testimony(rows)).toEqual(
      testifies(['i-0a', 'i-0b', 'the AWS time service', 'i-0c'], { clock: 'i-0c', offMs: 41.5 }),
    );
  });

  it('abstains where no more than half agree', () => {
    const split = testimony([exactRow(A, 0), exactRow(B, 0), exactRow(C, 30), exactRow('10.0.4.5', 30)]);
    expect(split).toEqual({
      kind: 'abstains',
      clocks: 4,
      agreeing: 2,
      uncompared: SERVER_IDS.slice(0, 4),
      together: [],
    });
    expect(abstentionSentence(split, 5)).toBe(
      'its sources disagree: no more than 2 of 4 clocks stand within 5 ms of each other (3 wanted).',
    );
    expect(testimony([exactRow(A, 0), exactRow(B, 30), exactRow(C, 60)])).toEqual({
      kind: 'abstains',
      clocks: 3,
      agreeing: 1,
      uncompared: SERVER_IDS.slice(0, 3),
      together: [],
    });
    expect(abstentionSentence(silent('i-0a'), 5)).toBeNull();
  });

  describe('of rows and of the independent clocks behind them', () => {
    const D = '10.0.4.5';
    const E = '10.0.5.5';

    it('abstains where more than half of the clocks agree, but no more than half of the rows', () => {
      // two follow one clock and span from 0 to 100: that holds 50 as well
      const rows = [exactRow(A, 0), exactRow(B, 100), exactRow(C, 50), exactRow(D, 50)];
      expect(testimony(rows, {}, { 'i-0a': 'x', 'i-0b': 'x' })).toEqual({
        kind: 'abstains',
        clocks: 4,
        agreeing: 2,
        uncompared: SERVER_IDS.slice(0, 4),
        together: [],
      });
    });

    it('abstains where more than half of the rows agree, but no more than half of the clocks, and says who stands there', () => {
      const rows = [exactRow(A, 0), exactRow(B, 0), exactRow(C, 0), exactRow(D, 40), exactRow(E, 80)];
      const followed = { 'i-0a': 'x', 'i-0b': 'x', 'i-0c': 'x' };
      expect(testimony(rows, {}, followed)).toEqual({
        kind: 'abstains',
        clocks: 3,
        agreeing: 1,
        uncompared: SERVER_IDS,
        together: SERVER_IDS.slice(0, 3),
      });
    });

    it('counts one that follows nobody knows whom as a clock more where it stands apart from all the others alone', () => {
      const rows = (offMs: number) => [exactRow(A, 0), exactRow(B, 0), exactRow(C, 100), exactRow(D, offMs)];
      const unknown = { 'i-0d': null };
      const accused = { clock: 'i-0c', offMs: 100 };
      expect(testimony(rows(0), {}, unknown)).toEqual(testifies(['i-0a', 'i-0b', 'i-0c', 'i-0d'], accused));
      expect(testimony([...rows(50), exactRow(E, 0)], {}, unknown)).toEqual(
        testifies(SERVER_IDS, accused, { clock: 'i-0d', offMs: 50 }),
      );
      expect(testimony(rows(50), {}, unknown)).toEqual({
        kind: 'abstains',
        clocks: 4,
        agreeing: 2,
        uncompared: SERVER_IDS.slice(0, 4),
        together: [],
      });
    });

    it('of two smear classes, one too small to compare and one that disagrees, it abstains by the second', () => {
      const isSmall = (clock: string) => ['i-0a', 'i-0b'].includes(clock);
      const sets = clocksHeard(
        {
          daemon: 'ntpsec',
          sources: [exactRow(A, 0), exactRow(B, 0), exactRow(C, 0), exactRow(D, 40), exactRow(E, 80)],
          sourcesComplete: true,
          isStarting: false,
        },
        {
          clocks: CLOCKS,
          isBoundary: false,
          classOf: (clock) => (isSmall(clock) ? 'aws' : 'utc'),
          stretchMs: STRETCH_MS,
          shared: (list) => list,
        },
      );
      const [small, large] = [
        sets.filter(({ names }) => names.length === 2),
        sets.filter(({ names }) => names.length === 3),
      ];
      const heard = (given: typeof sets) => testimonyOf(given, following(), DISAGREEMENT_MS);
      expect(sets).toHaveLength(2);
      const [aws, utc] = [SERVER_IDS.slice(0, 2), SERVER_IDS.slice(2)];
      expect(heard(small)).toEqual({ kind: 'silent', uncompared: aws, together: aws });
      expect([heard([...small, ...large]), heard(large)]).toEqual([
        { kind: 'abstains', clocks: 3, agreeing: 1, uncompared: SERVER_IDS, together: aws },
        { kind: 'abstains', clocks: 3, agreeing: 1, uncompared: utc, together: [] },
      ]);
    });
  });

  it('is not led astray by liars who agree with some of the honest', () => {
    // four stand about 3 to 5: more than the three that hold true time, 0; the third of those is honest, and not accused
    const rows = [
      exactRow(A, 0, { delayMs: 8 }),
      exactRow(B, 0, { delayMs: 8 }),
      exactRow(C, -4, { delayMs: 8 }),
      exactRow('10.0.4.5', 6),
      exactRow('10.0.5.5', 6),
    ];
    expect(testimony(rows)).toEqual(testifies(SERVER_IDS));
  });
});

describe('what counts as a row', () => {
  const OTHERS = [exactRow(A, 0), exactRow(B, 0)];
  const accused = testifies(['i-0a', 'i-0b', 'i-0c'], { clock: 'i-0c', offMs: 30 });
  const UNKNOWN = { stratum: null, reach: 0 };

  it.each<[string, Partial<Source>]>([
    ['a falseticker', { tally: 'x' }],
    ['one that is not followed (noselect)', { tally: ' ' }],
    ['one unheard for eight polls, but fresh', { reach: 0, whenSeconds: 0 }],
    ['one whose stratum could not be read', { stratum: null }],
    // a liar may call its reference what it likes
    ...['.RATE.', '.INIT.', '.STEP.', '.DNS.', '.POOL.'].map((refid): [string, Partial<Source>] => [
      `one that says ${refid} of itself`,
      { refid, stratum: 1 },
    ]),
  ])('%s is heard', (_, given) => {
    expect(testimony([...OTHERS, exactRow(C, 30, given)])).toEqual(accused);
  });

  it.each<[string, Partial<Source>]>([
    ['one that was told to stop', { refid: '.RATE.', ...UNKNOWN }],
    ['one just begun', { refid: '.INIT.', ...UNKNOWN }],
    ['one just stepped', { refid: '.STEP.', ...UNKNOWN }],
    ['one that is not synchronised itself', { stratum: 16 }],
    ['one silent for longer than is fresh', { whenSeconds: 901 }],
    ['one never heard', { whenSeconds: null, reach: 0 }],
    ['a name not resolved', { refid: '.DNS.', ...UNKNOWN }],
    ['the head of a pool', { type: 'p', refid: '.POOL.' }],
    ['the local clock', { address: '127.127.1.0', remote: 'LOCAL(0)', type: 'l' }],
  ])('%s is not heard', (_, given) => {
    expect(testimony([...OTHERS, exactRow(C, 30, given)])).toEqual(pair('i-0a', 'i-0b'));
  });

  it('says nothing by two sources, or while rows are missing', () => {
    const three = [...OTHERS, exactRow(C, 30)];
    expect(testimony(OTHERS)).toEqual(pair('i-0a', 'i-0b'));
    expect(testimony([exactRow(A, 0)])).toEqual(silent('i-0a'));
    expect(testimony(three, { sourcesComplete: false })).toEqual(silent('i-0a', 'i-0b', 'i-0c'));
    expect(testimony(three, { isStarting: true })).toEqual(silent('i-0a', 'i-0b', 'i-0c'));
  });

  it('sees who stands together where too few clocks are behind its rows to tell who is wrong', () => {
    const followed = { 'i-0a': '198.51.100.1', 'i-0b': '198.51.100.1', 'i-0c': '198.51.100.2' };
    const names = ['i-0a', 'i-0b', 'i-0c'];
    expect(testimony([...OTHERS, exactRow(C, 0)], {}, followed)).toEqual(pair(...names));
    expect(testimony([...OTHERS, exactRow(C, 30)], {}, followed)).toEqual({
      kind: 'silent',
      uncompared: names,
      together: ['i-0a', 'i-0b'],
    });
    expect(testimony([exactRow(A, 0), exactRow(C, 30)])).toEqual(silent('i-0a', 'i-0c'));
  });

  it('clears nobody whom it does not accuse for the age of its rows alone', () => {
    const aged = (whenSeconds: number) => [
      exactRow(A, 0, { whenSeconds }),
      exactRow(TIME_SERVICE, 0),
      exactRow(C, -25, { whenSeconds }),
    ];
    const names = ['i-0a', 'the AWS time service', 'i-0c'];
    expect(testimony(aged(0))).toEqual(testifies(names, { clock: 'i-0c', offMs: -25 }));
    const old = { ...testifies(names), cleared: ['i-0a', 'the AWS time service'] };
    expect(testimony(aged(800))).toEqual(old);
  });

  it('counts a server once by both of its addresses, and the time service too', () => {
    const twice = [exactRow(A, 0), exactRow('fd00:10::1', 0), exactRow(C, 30), exactRow('fd00:10::3', 30)];
    expect(testimony(twice)).toEqual(silent('i-0a', 'i-0c'));
    const both = [exactRow(TIME_SERVICE, 0), exactRow('fd00:ec2::123', 0), exactRow(C, 30)];
    expect(testimony(both)).toEqual(silent('the AWS time service', 'i-0c'));
    expect(testimony([...both, exactRow(A, 0)])).toEqual(
      testifies(['the AWS time service', 'i-0c', 'i-0a'], { clock: 'i-0c', offMs: 30 }),
    );
  });

  it('holds a clock to what its rows have in common, and to all that they span where they have nothing', () => {
    const narrow = [exactRow(C, 30, { delayMs: 60 }), exactRow('fd00:10::3', 30, { delayMs: 2 })];
    expect(testimony([...OTHERS, ...narrow])).toEqual(
      testifies(['i-0a', 'i-0b', 'i-0c'], { clock: 'i-0c', offMs: 29 }),
    );
    const apart = [exactRow(C, 30), exactRow('fd00:10::3', 1)];
    expect(testimony([...OTHERS, ...apart])).toEqual(testifies(['i-0a', 'i-0b', 'i-0c']));
  });

  it('a reference clock of the host is a source as well', () => {
    const clock = exactRow('PHC0', 0, { type: 'l', address: null });
    expect(testimony([clock, exactRow(A, 0), exactRow(C, 30)])).toEqual(
      testifies(['reference clock PHC0', 'i-0a', 'i-0c'], { clock: 'i-0c', offMs: 30 }),
    );
  });

  it('a boundary server is no witness of the others of its pod', () => {
    const rows = [exactRow('192.0.2.1', 0), exactRow('192.0.2.2', 0), exactRow('192.0.2.3', 30), exactRow(C, 90)];
    const heard = clocksHeard(
      { daemon: 'ntpd', sources: rows, sourcesComplete: true, isStarting: false },
      { clocks: CLOCKS, classOf: null, isBoundary: true, stretchMs: STRETCH_MS, shared: (list) => list },
    );
    const outcome = testimonyOf(heard, following(), 5);
    expect(outcome).toEqual(testifies(['192.0.2.1', '192.0.2.2', '192.0.2.3'], { clock: '192.0.2.3', offMs: 30 }));
  });

  it('reads the error that chrony tells of each source, and what ntpd-rs calls uncertainty', () => {
    const chrony = { delayMs: null, jitterMs: null, uncertaintyMs: 4 };
    const rows = [exactRow(A, 0, chrony), exactRow(B, 0, chrony), exactRow(C, 30, chrony)];
    const clocks = ['i-0a', 'i-0b', 'i-0c'];
    expect(testimony(rows, { daemon: 'chrony' })).toEqual(testifies(clocks, { clock: 'i-0c', offMs: 22 }));
    // of another daemon a row without a delay has no bound
    expect(testimony(rows)).toEqual(silent(...clocks));
    const rs = { delayMs: 4, jitterMs: null, uncertaintyMs: 1 };
    const others = [exactRow(A, 0, rs), exactRow(B, 0, rs), exactRow(C, 30, rs)];
    expect(testimony(others)).toEqual(testifies(clocks, { clock: 'i-0c', offMs: 24 }));
  });
});

describe('which clock stands behind a row', () => {
  it('a boundary server of any state by its id, the time service by its name, any other by its address', () => {
    const names = clockNames([server('a', ['10.0.1.5'], { state: 'stopped' }), host('i-0e', { ipv4: '10.0.9.9' })]);
    expect(['10.0.1.5', 'fd00:ec2::123', '10.0.9.9'].map((address) => names.nameOf(source(address)))).toEqual([
      'i-0a',
      'the AWS time service',
      '10.0.9.9',
    ]);
    expect(['i-0a', 'i-0e', '10.0.9.9'].map((name) => names.isServer(name))).toEqual([true, false, false]);
  });
});

describe('whatever the paths and the witness’s own clock', () => {
  it('accuses no honest server while more than half of its sources are honest, and no liar is further off than it says', () => {
    const seen = standings.chain((servers) => fc.tuple(fc.constant(servers), rowsSeen(servers)));
    fc.assert(
      fc.property(seen, ([servers, rows]) => {
        const outcome = testimony(rows);
        if (outcome.kind !== 'testifies') return expect(outcome.kind).toBe('testifies');
        const honest = SERVER_IDS.filter((_, index) => servers[index]?.isHonest);
        expectEqual(
          outcome.against.filter(({ clock }) => honest.includes(clock)),
          [],
        );
        for (const { offMs } of outcome.against) {
          if (!(Math.abs(offMs) > DISAGREEMENT_MS)) expect(Math.abs(offMs)).toBeGreaterThan(DISAGREEMENT_MS);
        }
        for (const { clock, mostMs } of outcome.against) {
          const errorMs = Math.abs(servers[SERVER_IDS.indexOf(clock)]?.stands ?? 0);
          if (!(mostMs >= errorMs)) expect(mostMs).toBeGreaterThanOrEqual(errorMs);
        }
      }),
      runs(2000),
    );
  });

  it('accuses a liar that stands further off than errors and limits explain', () => {
    const far = standings.chain((servers) => {
      // beyond 90 ms of error on its side, as much on the others', the limit, and the half of it that the honest may be off
      const shifted = servers.map(({ isHonest, stands }) => ({
        isHonest,
        stands: isHonest ? stands : stands + 10_000,
      }));
      return fc.tuple(fc.constant(shifted), rowsSeen(shifted));
    });
    fc.assert(
      fc.property(far, ([servers, rows]) => {
        const outcome = testimony(rows);
        const liars = SERVER_IDS.filter((_, index) => servers[index]?.isHonest === false);
        expectEqual(outcome.kind === 'testifies' ? outcome.against.map(({ clock }) => clock) : [], liars);
      }),
      runs(500),
    );
  });

  it('accuses no honest server while more than half of the clocks that they follow are honest, however many servers follow a liar', () => {
    // of servers each its clock; of clocks fewer than half lie, and whoever follows a liar stands where that does
    const seen = fc
      .record({
        clocks: standings,
        followed: fc.array(fc.nat({ max: 4 }), { minLength: 5, maxLength: 5 }),
      })
      .chain(({ clocks, followed }) => {
        const places = followed.map((place) => place % clocks.length);
        const servers = places.map((place) => clocks[place] ?? { isHonest: true, stands: 0 });
        const words = Object.fromEntries(SERVER_IDS.map((id, index) => [id, `198.51.100.${places[index]}`]));
        const used = clocks.filter((_, place) => places.includes(place));
        const isMostHonest = 2 * used.filter(({ isHonest }) => isHonest).length > used.length;
        return fc.tuple(fc.constant({ servers, words, isMostHonest }), rowsSeen(servers));
      })
      .filter(([{ isMostHonest }]) => isMostHonest);
    fc.assert(
      fc.property(seen, ([{ servers, words }, rows]) => {
        const outcome = testimony(rows, {}, words);
        const honest = SERVER_IDS.filter((_, index) => servers[index]?.isHonest);
        const against = outcome.kind === 'testifies' ? outcome.against : [];
        expectEqual(
          against.filter(({ clock }) => honest.includes(clock)),
          [],
        );
      }),
      runs(2000),
    );
  });

  it('accuses no honest server while more than half of the servers are honest, whatever they say that they follow', () => {
    const seen = standings.chain((servers) =>
      fc.tuple(
        fc.constant(servers),
        rowsSeen(servers),
        fc.array(fc.constantFrom(null, '198.51.100.1', '198.51.100.2', '198.51.100.3', 'i-0a'), {
          minLength: 5,
          maxLength: 5,
        }),
      ),
    );
    fc.assert(
      fc.property(seen, ([servers, rows, words]) => {
        const outcome = testimony(
          rows,
          {},
          Object.fromEntries(SERVER_IDS.map((id, index) => [id, words[index] ?? null])),
        );
        const honest = SERVER_IDS.filter((_, index) => servers[index]?.isHonest);
        const against = outcome.kind === 'testifies' ? outcome.against : [];
        expectEqual(
          against.filter(({ clock }) => honest.includes(clock)),
          [],
        );
      }),
      runs(2000),
    );
  });

  const anyRows = fc.array(
    fc
      .record({
        letter: fc.constantFrom(...LETTERS),
        isSecond: fc.boolean(),
        offsetMs: sixtyFourths(30),
        delayMs: sixtyFourths(8, 0),
        jitterMs: sixtyFourths(2, 0),
      })
      .map(({ letter, isSecond, offsetMs, ...given }) =>
        exactRow(isSecond ? `fd00:10::${LETTERS.indexOf(letter) + 1}` : addressOf(letter), offsetMs, given),
      ),
    { maxLength: 10 },
  );

  it('its own clock, added to all rows, changes nothing', () => {
    fc.assert(
      fc.property(anyRows, sixtyFourths(100_000), (rows, ownMs) => {
        const moved = rows.map((row) => ({ ...row, offsetMs: (row.offsetMs ?? 0) + ownMs }));
        expectEqual(testimony(moved), testimony(rows));
      }),
      runs(1000),
    );
  });

  it('the order of rows changes nothing', () => {
    const inAnyOrder = (outcome: Testimony) => {
      const uncompared = outcome.uncompared.toSorted();
      if (outcome.kind !== 'testifies') return { ...outcome, uncompared, together: outcome.together.toSorted() };
      return {
        clocks: outcome.clocks.toSorted(),
        cleared: outcome.cleared.toSorted(),
        against: outcome.against.toSorted((a, b) => (a.clock < b.clock ? -1 : 1)),
        uncompared,
      };
    };
    const shuffled = anyRows.chain((rows) =>
      fc.tuple(fc.constant(rows), fc.shuffledSubarray(rows, { minLength: rows.length, maxLength: rows.length })),
    );
    fc.assert(
      fc.property(shuffled, ([rows, turned]) => {
        expectEqual(inAnyOrder(testimony(turned)), inAnyOrder(testimony(rows)));
      }),
      runs(1000),
    );
  });
});
