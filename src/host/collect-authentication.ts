import type { Faults } from '../ntp/faults.ts';
import { whole } from '../ntp/numbers.ts';
import type { HeadLine, Parts } from './collect-parts.ts';

/** A source that is asked with NTS and has no cookies to do so. */
export interface Unauthenticated {
  name: string;
  /** Key exchanges that failed since the last that did not; null: not told. */
  attempts: number | null;
  /** Answers since then by which its server refused a cookie (NTS NAK). */
  naks: number | null;
  /** Since the last key exchange that did not fail; null: never, or not told. */
  exchangedSecondsAgo: number | null;
}

/** What chrony and ntpd-rs tell of its sources with NTS. */
export interface Authentication {
  /** How many have cookies; null: not told. */
  authenticated: number | null;
  unauthenticated: Unauthenticated[];
}

/** Of a server that is asked with NTS, near its end. */
export interface Certificate {
  name: string;
  /** Until its end by the host's own clock; below 0: it has ended. */
  secondsLeft: number;
  /** From its beginning to its end. */
  lifeSeconds: number;
}

const MOST_SECONDS = 2 ** 32;
const NAME = /^[a-z0-9_](?:[a-z0-9_.-]{0,251}[a-z0-9_])?$/;

/** null: the host's file asks nobody with NTS, or its daemon tells nothing of it. */
export function authenticationOf(parts: Parts, faults: Faults): Authentication | null {
  const line = parts.head.get('authenticated');
  const unauthenticated = parts.unauthenticated.map((each) => unauthenticatedIn(each, faults));
  if (line === undefined && unauthenticated.length === 0) return null;
  return {
    authenticated: line === undefined ? null : numberIn(line, 0, 'authenticated', faults),
    unauthenticated: unauthenticated.filter((each) => each !== null),
  };
}

function unauthenticatedIn(line: HeadLine, faults: Faults): Unauthenticated | null {
  const name = (line.words[0] ?? '').toLowerCase();
  if (!NAME.test(name)) {
    faults.add(line.number, 'unauthenticated', line.text, 'not a name of a host');
    return null;
  }
  return {
    name,
    attempts: numberIn(line, 1, 'attempts', faults),
    naks: numberIn(line, 2, 'naks', faults),
    exchangedSecondsAgo: numberIn(line, 3, 'exchangedSecondsAgo', faults),
  };
}

function numberIn({ words, number }: HeadLine, place: number, field: string, faults: Faults): number | null {
  const text = words[place] ?? '';
  if (text === '-') return null;
  const read = whole(text, 0, MOST_SECONDS);
  if (typeof read === 'number') return read;
  faults.add(number, field, text, read);
  return null;
}

/** Only those that are told of: the others have more than a third of their lives before them, or could not be looked at. */
export function certificatesOf({ certificates }: Parts, faults: Faults): Certificate[] {
  return certificates.flatMap((line) => {
    const { words, number, text } = line;
    const [name = '', left = '', life = ''] = words;
    const secondsLeft = whole(left, -MOST_SECONDS, MOST_SECONDS);
    const lifeSeconds = whole(life, 1, MOST_SECONDS);
    if (NAME.test(name) && typeof secondsLeft === 'number' && typeof lifeSeconds === 'number') {
      return [{ name, secondsLeft, lifeSeconds }];
    }
    faults.add(number, 'certificate', text, 'not a certificate: NAME SECONDS_LEFT SECONDS_IN_ALL');
    return [];
  });
}
