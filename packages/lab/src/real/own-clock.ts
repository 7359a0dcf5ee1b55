import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { must } from './commands.ts';

/** Where own-clock.c looks for what the clock is. */
const STATE_PATH = '/run/own-clock';
const LIBRARY_PATH = '/usr/local/lib/own-clock.so';
/** More than it maps: all zeros but numbers of 64 bits, of which these are the places. */
const STATE_BYTES = 4096;
const PLACES = { aheadNs: 0, times: 8, lapseSinceNs: 16, ratePpm: 24 } as const;
const NS_PER_SECOND = 1_000_000_000n;

export interface OwnClock {
  /** So far ahead of the machine's clock when it begins; seconds, whole. */
  aheadSeconds: number;
  /** How much faster than time the timer runs by which its ntpd counts, and after `hastenClock` the clock. Default: as fast. */
  times?: number;
}

const SOURCE = join(import.meta.dirname, 'own-clock.c');
const FLAGS = ['-O2', '-Wall', '-Wextra', '-Werror', '-shared', '-fPIC'];

/**
 * Gives a host, whose `/` is to be `root`, a clock of its own: what runs there reads it and may set and steer it. The machine's clock stays
 * out of reach as ever. Decision 0096. @throws CommandError without gcc
 */
export async function installOwnClock(root: string, { aheadSeconds, times = 1 }: OwnClock): Promise<void> {
  // what is /usr/local there (root-filesystem.ts)
  const library = join(root, LIBRARY_PATH.replace('/usr/local', 'usr-local'));
  mkdirSync(join(library, '..'), { recursive: true });
  await must(['gcc', ...FLAGS, '-o', library, SOURCE], 'building a clock of its own');
  const state = Buffer.alloc(STATE_BYTES);
  state.writeBigInt64LE(BigInt(aheadSeconds) * NS_PER_SECOND, PLACES.aheadNs);
  state.writeBigInt64LE(BigInt(times), PLACES.times);
  writeFileSync(join(root, STATE_PATH), state);
  writeFileSync(join(root, 'etc/ld.so.preload'), `${LIBRARY_PATH}\n`);
}

/** From now on the clock is as fast as the timers. To be done when nobody is heard any more: what was measured would be far off. */
export function hastenClock(root: string): void {
  writeState(root, monotonicNow(), PLACES.lapseSinceNs);
}

/** From now on the clock gains on the machine's by so much, in ppm, until its daemon corrects that; below 0 it loses. To be done once: what it gained by then would be lost. */
export function setClockRate(root: string, ppm: number): void {
  const rate = Buffer.alloc(Float64Array.BYTES_PER_ELEMENT);
  rate.writeDoubleLE(ppm);
  // since when stands behind it
  writeState(root, Buffer.concat([rate, monotonicNow()]), PLACES.ratePpm);
}

/** The monotonic clock, which is the same in there. */
function monotonicNow(): Buffer {
  const nowNs = Buffer.alloc(BigInt64Array.BYTES_PER_ELEMENT);
  nowNs.writeBigInt64LE(process.hrtime.bigint());
  return nowNs;
}

function writeState(root: string, bytes: Buffer, place: number): void {
  const file = openSync(join(root, STATE_PATH), 'r+');
  writeSync(file, bytes, 0, bytes.length, place);
  closeSync(file);
}
