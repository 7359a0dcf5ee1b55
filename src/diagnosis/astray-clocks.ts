import type { HeardClocks } from './heard-clocks.ts';
import type { PackedIntervals } from './packed-intervals.ts';
import type { Testimony } from './testimony.ts';

/** What one host hears, those that end in an undisciplined clock last. Where it compares none of these it compares none at all. */
export function withAstray(
  heard: HeardClocks,
  { names, followed, intervals, measured }: NonNullable<HeardClocks['astray']>,
): HeardClocks {
  return {
    names: [...heard.names, ...names],
    followed: [...heard.followed, ...followed],
    intervals: joined(heard.intervals, intervals),
    measured: joined(heard.measured, measured),
    nameless: heard.nameless,
    astrayNames: names.length,
  };
}

function joined(first: PackedIntervals | null, last: PackedIntervals | null): PackedIntervals | null {
  return first && last && [...first, ...last];
}

/**
 * What a host says of all that it hears, also of clocks that end in an undisciplined one by their own word: that is what a server says of itself, and none is
 * to hide behind it. Servers that run on together are not to outvote the truth: it says something of them only where the others that agree are more than half
 * of all, these included, whomever they agree with. Where that is, they count for where most of all agree, so that it accuses no honest clock
 * while most of all are honest. Decision 0104.
 *
 * | of the others                      | those that agree are most of all | it says |
 * | ---------------------------------- | -------------------------------- | --- |
 * | it can tell who is wrong           | yes                              | of the others the same, of these whether they stand where most of all do |
 * | they alone are too few to tell     | yes                              | of all whether they stand there |
 * | whatever                           | no                               | of the others the same, of these nothing |
 *
 * @param testimony of the others
 * @param ofAll of all that it hears
 */
export function testimonyWith(testimony: Testimony, ofAll: Testimony, astray: readonly string[]): Testimony {
  if (ofAll.kind !== 'testifies') return { ...testimony, uncompared: [...testimony.uncompared, ...astray] };
  if (testimony.kind !== 'testifies') return ofAll;
  const isAstray = (clock: string) => astray.includes(clock);
  return {
    kind: 'testifies',
    clocks: [...testimony.clocks, ...ofAll.clocks.filter(isAstray)],
    cleared: [...testimony.cleared, ...ofAll.cleared.filter(isAstray)],
    against: [...testimony.against, ...ofAll.against.filter(({ clock }) => isAstray(clock))],
    uncompared: [...testimony.uncompared, ...ofAll.uncompared.filter(isAstray)],
  };
}
