import fc from 'fast-check';
import { clockNames } from '../../src/diagnosis/clock-names.ts';
import type { FollowedBy } from '../../src/diagnosis/followed.ts';
import { clocksHeard, type WitnessedRows } from '../../src/diagnosis/heard-clocks.ts';
import { leastStretchMs } from '../../src/diagnosis/limits.ts';
import type { Testimony } from '../../src/diagnosis/testimony.ts';
import { testimonyOf } from '../../src/diagnosis/witnesses.ts';
import type { Source } from '../../src/ntp/source.ts';
import { server, source } from './sightings.ts';

export const LETTERS = ['a', 'b', 'c', 'd', 'e'];
export const SERVER_IDS = LETTERS.map((letter) => `i-0${letter}`);
export const addressOf = (letter: string) => `10.0.${LETTERS.indexOf(letter) + 1}.5`;

/** Boundary servers a to e, each on 10.0.N.5 and fd00:10::N. */
export const SERVERS = LETTERS.map((letter, index) => server(letter, [addressOf(letter), `fd00:10::${index + 1}`]));
export const CLOCKS = clockNames(SERVERS);
export const DISAGREEMENT_MS = 5;
export const STRETCH_MS = leastStretchMs(DISAGREEMENT_MS);

/** A row just heard, of an exact clock: no delay, no jitter. */
export function exactRow(remote: string, offsetMs: number, given: Partial<Source> = {}): Source {
  return source(remote, { offsetMs, delayMs: 0, jitterMs: 0, whenSeconds: 0, ...given });
}

/** Whom boundary servers follow: each an upstream of its own, but for those given. */
export function following(given: Record<string, string | null> = {}): FollowedBy {
  const followed = (server: string) =>
    SERVER_IDS.includes(server) ? (server in given ? given[server] : `198.51.100.${server}`) : undefined;
  return { clock: followed, peer: followed };
}

/** What a client on ntpsec says of its rows. */
export function testimony(
  sources: readonly Source[],
  given: Partial<WitnessedRows> = {},
  followed: Record<string, string | null> = {},
) {
  return testimonyOf(
    clocksHeard(
      { daemon: 'ntpsec', sources, sourcesComplete: true, isStarting: false, ...given },
      { clocks: CLOCKS, isBoundary: false, classOf: null, stretchMs: STRETCH_MS, shared: (list) => list },
    ),
    following(followed),
    DISAGREEMENT_MS,
  );
}

/** Numbers of a 64th of a millisecond: sums of them are exact. */
export function sixtyFourths(most: number, least = -most): fc.Arbitrary<number> {
  return fc.integer({ min: least * 64, max: most * 64 }).map((parts) => parts / 64);
}

/** Boundary servers, of whom fewer than half lie: how far each stands from true time, honest ones within half the limit. */
export const standings = fc
  .record({ size: fc.constantFrom(3, 4, 5), liars: fc.array(sixtyFourths(3000), { minLength: 2, maxLength: 2 }) })
  .chain(({ size, liars }) =>
    fc.tuple(
      fc.constant(liars.slice(0, Math.ceil(size / 2) - 1)),
      fc.array(sixtyFourths(DISAGREEMENT_MS / 2), { minLength: size, maxLength: size }),
    ),
  )
  .chain(([liars, honest]) => {
    const all = honest.map((stands, index) => ({ isHonest: index >= liars.length, stands: liars[index] ?? stands }));
    return fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length });
  });

export type Standing = { isHonest: boolean; stands: number };

/** What an honest witness of these servers measures, whose own clock is anywhere: each offset right to within delay / 2 + jitter. */
export function rowsSeen(servers: readonly Standing[]): fc.Arbitrary<Source[]> {
  return fc
    .record({
      ownMs: sixtyFourths(5000),
      paths: fc.array(
        fc.record({
          delayMs: sixtyFourths(80, 0),
          jitterMs: sixtyFourths(10, 0),
          wrong: fc.integer({ min: -16, max: 16 }),
        }),
        { minLength: servers.length, maxLength: servers.length },
      ),
    })
    .map(({ ownMs, paths }) =>
      servers.map(({ stands }, index) => {
        const { delayMs = 0, jitterMs = 0, wrong = 0 } = paths[index] ?? {};
        const offsetMs = stands - ownMs + ((delayMs / 2 + jitterMs) * wrong) / 16;
        return exactRow(addressOf(LETTERS[index] ?? ''), offsetMs, { delayMs, jitterMs });
      }),
    );
}

/** Whatever a liar may say of the servers. */
export const lyingTestimony: fc.Arbitrary<Testimony> = fc.oneof(
  fc.constant<Testimony>({ kind: 'silent', uncompared: SERVER_IDS, together: SERVER_IDS }),
  fc.constant<Testimony>({ kind: 'abstains', clocks: 3, agreeing: 1, uncompared: SERVER_IDS, together: SERVER_IDS }),
  fc.record({ clocks: fc.subarray(SERVER_IDS), offMs: sixtyFourths(5000) }).map(
    ({ clocks, offMs }): Testimony => ({
      kind: 'testifies',
      uncompared: [],
      clocks,
      cleared: [],
      against: clocks.map((clock) => ({ clock, offMs, mostMs: Math.abs(offMs) })),
    }),
  ),
);
