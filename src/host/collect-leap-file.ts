import type { Faults } from '../ntp/faults.ts';
import { whole } from '../ntp/numbers.ts';
import type { Parts } from './collect-parts.ts';

/** The list of leap seconds of a host's daemon, where there is something to say of it. Decision 0093. */
export interface LeapFile {
  path: string;
  /** For how long it is valid yet, by the host's own clock; below 0: it has expired. `unread`: it names no end. */
  secondsLeft: number | 'missing' | 'unread';
}

const PATH = /^\/[\w./+-]{1,200}$/;
const MOST_SECONDS = 2 ** 32;

/** `leap-file SECONDS PATH`. null: its configuration names none, or one that is valid for long. */
export function leapFileOf({ head }: Parts, faults: Faults): LeapFile | null {
  const line = head.get('leap-file');
  if (line === undefined) return null;
  const [left = '', path = ''] = line.words;
  const secondsLeft = secondsIn(left);
  if (PATH.test(path) && secondsLeft !== null) return { path, secondsLeft };
  faults.add(line.number, 'leapFile', line.text, 'not a leap file: SECONDS_LEFT PATH');
  return null;
}

function secondsIn(text: string): LeapFile['secondsLeft'] | null {
  if (text === 'missing') return text;
  if (text === '?') return 'unread';
  const seconds = whole(text, -MOST_SECONDS, MOST_SECONDS);
  return typeof seconds === 'number' ? seconds : null;
}
