import { describe, expect, it } from '@jest/globals';
import { type Agreement, selectionOf } from '../../src/diagnosis/agreement.ts';
import type { Source, SystemState } from '../../src/ntp/source.ts';
import { collected, judge, rowOfNtpdRs, SYSTEM, source } from '../builders/sightings.ts';

/** As ntpd-rs tells of itself. */
const UNTOLD: SystemState = { ...SYSTEM, offsetMs: null, refid: null, jitterMs: null, frequencyPpm: null };

const rs = (sources: Source[], system: Partial<SystemState> | null = {}) =>
  collected({ daemon: { kind: 'ntpd-rs', version: '1.4.0' }, sources, system: system && { ...UNTOLD, ...system } });

/** All of which hold the range from 0 to 1 ms. */
const [FIRST, SECOND, THIRD] = [1, 2, 3].map((digit) =>
  rowOfNtpdRs(`10.0.${digit}.5`, { offsetMs: digit - 1.5, delayMs: 4 }),
) as [Source, Source, Source];
const THREE = [FIRST, SECOND, THIRD];

function agreementOf(sources: Source[], system: SystemState | null = UNTOLD): Agreement | null {
  return selectionOf(system, { sources, areComplete: true }).agreement;
}

const agreement = (given: Partial<Agreement> = {}): Agreement => ({
  heard: 3,
  agreeing: 3,
  wanted: 3,
  isMajority: true,
  disregarded: [],
  isKnown: true,
  ...given,
});

describe('how the sources of an ntpd-rs agree', () => {
  it('is known by one alone, where its file wants no more', () => {
    const { state, sentence, confidence } = judge(rs([FIRST], { minimumAgreeing: 1 }));
    expect({ state, sentence, confidence }).toEqual({
      state: 'healthy',
      sentence: 'offset -0.5 ms (limit 50 ms), error bound 2.71 ms (limit 200 ms), 1 usable source.',
      confidence: 'not confident: 1 usable source (at least 2 wanted).',
    });
  });

  it('is known where it tells nothing of its own clock: three must, as without a word of its file', () => {
    const selection = selectionOf(null, { sources: THREE, areComplete: true });
    expect(selection).toEqual({
      system: null,
      sources: THREE.map((row) => ({ ...row, tally: '+' })),
      agreement: agreement(),
    });
  });

  it.each<[string, Source[], Partial<Agreement>]>([
    [
      'has no vote of a source that answered none of its last polls for too long, though one of eight',
      [FIRST, SECOND, { ...THIRD, pollSeconds: 1024, unansweredPolls: 7 }],
      { heard: 2, agreeing: 2, isMajority: false },
    ],
    [
      'has none of one that is not heard, however lately it was',
      [FIRST, SECOND, { ...THIRD, reach: 0, unansweredPolls: null, whenSeconds: 128 }],
      { heard: 2, agreeing: 2, isMajority: false },
    ],
    [
      'is not known while of one it is not known whether it is fresh',
      [FIRST, SECOND, { ...THIRD, pollSeconds: null }],
      { heard: 2, agreeing: 2, isMajority: false, isKnown: false },
    ],
    [
      'is known while that one is not heard',
      [FIRST, SECOND, { ...THIRD, pollSeconds: null, reach: 0, unansweredPolls: null, whenSeconds: 1000 }],
      { heard: 2, agreeing: 2, isMajority: false },
    ],
    [
      'disregards no source as too uncertain whose delay is not known',
      [...THREE, rowOfNtpdRs('10.0.4.5', { delayMs: null, uncertaintyMs: 200 })],
      { heard: 4 },
    ],
    [
      'disregards none whose uncertainty is not known',
      [...THREE, rowOfNtpdRs('10.0.4.5', { delayMs: 2000, uncertaintyMs: null })],
      { heard: 4 },
    ],
  ])('%s', (_, sources, given) => {
    expect(agreementOf(sources)).toEqual(agreement(given));
  });

  it('changes no tally that a daemon tells', () => {
    const rejected = source('10.0.4.5', { tally: 'x', unansweredPolls: 0 });
    const { sources } = selectionOf(UNTOLD, { sources: [...THREE, rejected], areComplete: true });
    expect(sources).toEqual([...THREE.map((row) => ({ ...row, tally: '+' })), rejected]);
  });
});
