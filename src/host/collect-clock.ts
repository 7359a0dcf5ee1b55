import type { Faults } from '../ntp/faults.ts';
import { partsPerMillion, positivePartsPerMillion, type Reading, whole, withoutNoise } from '../ntp/numbers.ts';
import type { HeadLine, Parts } from './collect-parts.ts';
import type { ClockDetails, RunningDaemon } from './collected.ts';

/** The kernel's own names of what it counts time by: `tsc`, `kvm-clock`, `hyperv_clocksource_tsc_page`. */
const CLOCK_SOURCE = /^[0-9A-Za-z_-]{1,32}$/;

/** Far above the packets of any daemon's life; a double holds it exactly. */
const MOST_PACKETS = 1e15;

/**
 * The lines of the clock in the head: `drift PPM [SKEW]`, `served RECEIVED DROPPED`, `kernel unsync|sync`, `clocksource tsc`. An answer
 * without one tells nothing, and that is no fault: these are what is left out first where an answer is long. Decision 0086. Never throws.
 */
export function clockDetailsOf({ head }: Parts, kind: RunningDaemon | undefined, faults: Faults): ClockDetails {
  const [driftPpm, driftSkewPpm] = wordsOf(head.get('drift'), faults, [
    ['driftPpm', partsPerMillion],
    ['driftSkewPpm', positivePartsPerMillion],
  ]);
  const [packetsReceived, packetsDropped] = wordsOf(head.get('served'), faults, [
    ['packetsReceived', (text) => whole(text, 0, MOST_PACKETS)],
    ['packetsDropped', (text) => whole(text, 0, MOST_PACKETS)],
  ]);
  return {
    // chrony keeps the error of the bare clock, ntpd the correction: `frequencyPpm` has the sign of the latter
    driftPpm: kind === 'chrony' && driftPpm !== null ? withoutNoise(-driftPpm) : driftPpm,
    driftSkewPpm,
    clockSource: clockSourceOf(head.get('clocksource'), faults),
    kernelUnsynchronised: unsynchronisedOf(head.get('kernel'), faults),
    packetsReceived,
    packetsDropped,
  };
}

type Field = [name: keyof ClockDetails, read: (text: string) => Reading];

/** The two numbers of a line; one that is not there is null. */
function wordsOf(line: HeadLine | undefined, faults: Faults, fields: [Field, Field]) {
  return fields.map(([name, read], index) => {
    const text = line?.words[index];
    if (line === undefined || text === undefined) return null;
    const reading = read(text);
    if (typeof reading === 'number') return reading;
    faults.add(line.number, name, text, reading);
    return null;
  }) as [number | null, number | null];
}

function clockSourceOf(line: HeadLine | undefined, faults: Faults): string | null {
  if (line === undefined) return null;
  const [name = ''] = line.words;
  if (CLOCK_SOURCE.test(name)) return name;
  faults.add(line.number, 'clockSource', name, 'not a name of a clock source');
  return null;
}

function unsynchronisedOf(line: HeadLine | undefined, faults: Faults): boolean | null {
  if (line === undefined) return null;
  const [word = ''] = line.words;
  if (word === 'unsync' || word === 'sync') return word === 'unsync';
  faults.add(line.number, 'kernelUnsynchronised', word, 'neither sync nor unsync');
  return null;
}
