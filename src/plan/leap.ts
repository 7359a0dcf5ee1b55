import type { Judgement } from '../diagnosis/judgement.ts';
import { described, NUMBER, object, oneOf, optional } from '../fleet/json-schema.ts';
import { isAroundLeap, LEAP_SIGNS, type LeapSecond, leapDueAtMs } from '../fleet/leap-seconds.ts';
import { announcersOf, leapNewsOf } from './cycling/seen.ts';

export const LEAP_SCHEMA = described(
  'The leap second that was announced; absent: none, or it is over for a day. After it nobody announces it any more',
  optional(
    object({
      atMs: described('Epoch ms; the midnight that ends its UTC month', NUMBER),
      sign: described('A second is put in, or taken out', oneOf(LEAP_SIGNS)),
    }),
  ),
);

/**
 * The leap second by which the next ticks judge: announced by most, as the rule of cycling has it, near the end of a UTC month; then
 * remembered until it has been over for a day, for its indicator goes at midnight and smears end at noon. One that is announced no more
 * before its time stays: daemons drop the news with a source, and a smear that was told and not judged for nothing costs less than
 * every boundary server adrift. Decision 0091.
 */
export function rememberedLeap(
  before: LeapSecond | undefined,
  judgements: readonly Judgement[],
  nowMs: number,
): LeapSecond | undefined {
  return announcedLeap(judgements, nowMs) ?? (before && isAroundLeap(before, nowMs) ? before : undefined);
}

function announcedLeap(judgements: readonly Judgement[], nowMs: number): LeapSecond | null {
  const atMs = leapDueAtMs(nowMs);
  if (atMs === null) return null;
  const by = announcersOf(leapNewsOf(judgements));
  if (by === null) return null;
  const heard = judgements.filter(({ host }) => by === 'hosts' || host.tier === 'boundary');
  const saying = (sign: LeapSecond['sign']) => heard.filter(({ leapAnnounced }) => leapAnnounced === sign).length;
  return { atMs, sign: saying('delete') > saying('add') ? 'delete' : 'add' };
}
