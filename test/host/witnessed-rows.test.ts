import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { clockJudge } from '../../src/diagnosis/judge.ts';
import type { Testimony } from '../../src/diagnosis/testimony.ts';
import { testimonyOf } from '../../src/diagnosis/witnesses.ts';
import { parseCollected } from '../../src/host/collect.ts';
import type { DaemonKind } from '../../src/host/collected.ts';
import { expectEqual } from '../builders/expectations.ts';
import { type LargeSource, largeAnswer } from '../builders/largest-answers.ts';
import { runs } from '../builders/property-runs.ts';
import { context, host, server } from '../builders/sightings.ts';
import { SHELLS, type ShellName } from './host.ts';

// What a client testifies by an answer that is made to fit: numbers of some of its rows are of those that lie, first of all.

const MOST_SERVERS = 40;
const DISAGREEMENT_MS = 5;
/** Of an answer beside its rows. */
const FIXED_BYTES = 640;
const addressOf = (place: number) => `10.0.${place + 1}.5`;
const SERVERS = Array.from({ length: MOST_SERVERS }, (_, place) => ({
  ...server('a', [addressOf(place)]),
  instanceId: `i-0${place + 16}`,
}));
const CLIENT = host('i-1c');
const judge = clockJudge(context({ hosts: [...SERVERS, CLIENT] }));
const NAMES = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((letter) => `ntp.az-${letter}.pod`);

interface Pod {
  kind: DaemonKind;
  shell: ShellName;
  bytes: number;
  sources: LargeSource[];
}

/** What a client of a pool of these servers prints, and says of them when each follows the time service, or an upstream of its own. */
function testimonies({ kind, shell, bytes, sources }: Pod): Testimony[] {
  const text = largeAnswer(kind, shell, { names: NAMES, directive: 'pool', literals: [], sources }, bytes);
  const { evidence } = judge({ host: CLIENT, collected: parseCollected(text), status: 'Success' });
  const ids = new Set(SERVERS.map(({ instanceId }) => instanceId));
  return ['198.51.100.1', null].map((one) => {
    const follows = (name: string) => (ids.has(name) ? (one ?? `upstream of ${name}`) : undefined);
    return testimonyOf(evidence.heard, { clock: follows, peer: follows }, DISAGREEMENT_MS);
  });
}

const accusedBy = (testimony: Testimony) =>
  testimony.kind === 'testifies' ? testimony.against.map(({ clock }) => clock) : [];

describe.each(SHELLS)('under %s a client of a pool of 24 servers, of which 3 lie by 81 ms', (shell) => {
  const sources = Array.from({ length: 24 }, (_, place): LargeSource => {
    const isLiar = place < 3;
    const tally = isLiar ? 'x' : place === 3 ? '*' : place % 3 ? '+' : '-';
    const offsetMs = isLiar ? 81 : 0;
    return { address: addressOf(place), tally, reach: '377', offsetMs, delayMs: 0.2, jitterMs: 0.02, errorMs: 0.1 };
  });
  const LIARS = ['i-016', 'i-017', 'i-018'];
  /** So many bytes are enough for all of each row, for all numbers of it, for none of most. */
  const ROOM: Record<'ntpd' | 'ntpsec' | 'chrony', [number, number, number]> = {
    ntpd: [2200, 1900, 1500],
    ntpsec: [2200, 1900, 1500],
    chrony: [2200, 1850, 1500],
  };

  it.each(['ntpd', 'ntpsec', 'chrony'] as const)('of %s finds the liars as long as all numbers fit', (kind) => {
    const [whole, numbers, none] = ROOM[kind];
    for (const bytes of [whole, numbers]) {
      for (const testimony of testimonies({ kind, shell, bytes, sources })) {
        expect([accusedBy(testimony).toSorted(), testimony.uncompared]).toEqual([LIARS, []]);
      }
    }
    for (const testimony of testimonies({ kind, shell, bytes: none, sources })) {
      expect({ kind: testimony.kind, uncompared: testimony.uncompared.length }).toEqual({
        kind: 'silent',
        uncompared: 24,
      });
    }
  });
});

describe('however long an answer, and however short it is made', () => {
  const sixteenths = (most: number) => fc.integer({ min: -16 * most, max: 16 * most }).map((parts) => parts / 16);
  /** Fewer than half lie by anything; of the honest each offset is right to within delay / 2 + jitter, or what chrony tells, and half the limit. */
  const pod: fc.Arbitrary<Pod & { liars: string[] }> = fc
    .record({
      kind: fc.constantFrom<DaemonKind>('ntpd', 'ntpsec', 'chrony'),
      shell: fc.constantFrom(...SHELLS),
      // beside what is told of all: 30 for a row in brief, 50 with its numbers, 60 whole
      bytesPerRow: fc.integer({ min: 25, max: 65 }),
      ownMs: sixteenths(500),
      liesMs: fc.array(sixteenths(400), { minLength: 1, maxLength: 2 }),
      rows: fc.array(
        fc.record({
          delay: fc.nat({ max: 32 }),
          jitter: fc.nat({ max: 16 }),
          wrong: fc.integer({ min: -48, max: 48 }),
          stands: sixteenths(DISAGREEMENT_MS / 2),
          tally: fc.constantFrom<LargeSource['tally']>('+', '-', 'x', ' '),
          reach: fc.constantFrom('377', '377', '17', '0'),
        }),
        { minLength: 3, maxLength: 26 },
      ),
      liarShare: fc.constantFrom(0.3, 0.7, 1),
      first: fc.nat(),
    })
    .map(({ rows, liesMs, liarShare, ownMs, first, bytesPerRow, ...given }) => {
      const liars = Math.floor(((rows.length - 1) / 2) * liarShare);
      const places = rows.map((_, place) => (place + first) % rows.length);
      const sources = rows.map(({ delay, jitter, wrong, stands, tally, reach }, place): LargeSource => {
        const isLiar = (places[place] ?? 0) < liars;
        const most = delay + jitter;
        const error = Math.max(-most, Math.min(most, wrong)) / 16;
        const offsetMs = (isLiar ? (liesMs[place % liesMs.length] ?? 0) : stands + error) - ownMs;
        const measured = { delayMs: delay / 8, jitterMs: jitter / 16, errorMs: most / 16 };
        // as a daemon has it that finds the majority
        const found = isLiar ? 'x' : (places[place] ?? 0) === rows.length - 1 ? '*' : tally;
        return { address: addressOf(place), tally: found, reach, offsetMs, ...measured };
      });
      const ids = SERVERS.filter((_, place) => place < rows.length && (places[place] ?? 0) < liars);
      const bytes = FIXED_BYTES + bytesPerRow * rows.length;
      return { ...given, bytes, sources, liars: ids.map(({ instanceId }) => instanceId) };
    });

  it('a witness accuses no honest server while more than half of all its rows are honest', () => {
    fc.assert(
      fc.property(pod, ({ liars, ...given }) => {
        for (const testimony of testimonies(given)) {
          expectEqual(
            accusedBy(testimony).filter((id) => !liars.includes(id)),
            [],
          );
        }
      }),
      runs(60),
    );
  });
});
