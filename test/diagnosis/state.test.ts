import { describe, expect, it } from '@jest/globals';
import { CHECKS } from '../../src/diagnosis/checks.ts';
import { clockNames } from '../../src/diagnosis/clock-names.ts';
import type { HoldoverCause } from '../../src/diagnosis/contact.ts';
import type { Facts } from '../../src/diagnosis/facts.ts';
import { judgeAll } from '../../src/diagnosis/judge.ts';
import { type Sighting, STATES } from '../../src/diagnosis/judgement.ts';
import { judgeClock } from '../../src/diagnosis/one-clock.ts';
import { nearLeapOf, smearClasses } from '../../src/diagnosis/smear-classes.ts';
import { judged } from '../builders/contradicted-pod.ts';
import { context, host } from '../builders/sightings.ts';
import { ANSWERS } from './table/answers.ts';
import type { Case } from './table/case.ts';
import { HOLDOVER } from './table/holdover.ts';
import { AGAINST_LIMITS } from './table/limits.ts';
import { LATE_AND_LEAP, REMARKS, SERVED, SILENCES } from './table/rules.ts';
import { SOURCES } from './table/sources.ts';
import { WITNESSED } from './table/witnessed.ts';

/** Each state that a host is in by itself, and each rule by which it comes to be. `contradicted`, which others say of it: WITNESSED. */
const TABLE: readonly Case[] = [
  ...SILENCES,
  ...ANSWERS,
  ...HOLDOVER,
  ...AGAINST_LIMITS,
  ...SOURCES,
  ...SERVED,
  ...REMARKS,
  ...LATE_AND_LEAP,
];

function sightingOf([, collected, , , , { isBoundary, status = 'Success', addresses } = {}]: Case): Sighting {
  return { host: host('i-0c', { ...(isBoundary && { tier: 'boundary' }), ...addresses }), collected, status };
}

/** What is known of the host, where its daemon answered. */
function factsOf(row: Case): Facts | null {
  const sighting = sightingOf(row);
  const given = context(row[5]?.context);
  const clocks = clockNames(given.hosts);
  const smear = given.aroundLeap && smearClasses(given.aroundLeap, clocks);
  const nearLeap = smear ? nearLeapOf(smear, clocks, sighting.host.tier) : null;
  return judgeClock(sighting, given, clocks, nearLeap, []).facts;
}

describe('a host in one state', () => {
  it.each(TABLE.map((row): [string, Case] => [row[0], row]))('%s', (_, row) => {
    const [, , state, sentence, remarks, more] = row;
    const [judgement] = judgeAll([sightingOf(row)], context(more?.context));
    expect({ state: judgement?.state, sentence: judgement?.sentence, remarks: judgement?.remarks }).toEqual({
      state,
      sentence,
      remarks,
    });
  });
});

describe('a boundary server as its clients see it', () => {
  it.each(WITNESSED)('%s', (_, seen, state, sentence, remarks) => {
    const judgement = judged(seen, 'i-0c');
    expect({ state: judgement.state, sentence: judgement.sentence, remarks: judgement.remarks }).toEqual({
      state,
      sentence,
      remarks,
    });
  });
});

describe('the table', () => {
  const known = TABLE.flatMap((row) => factsOf(row) ?? []);

  it('has a row of each state', () => {
    const seen = new Set([...TABLE, ...WITNESSED].map(([, , state]) => state));
    expect(STATES.filter((state) => !seen.has(state))).toEqual([]);
  });

  it('has a row of each rule', () => {
    const unseen = CHECKS.filter((check) => known.every((facts) => check(facts) === null));
    expect(unseen.map(({ name }) => name)).toEqual([]);
  });

  it('has a row of each cause of holdover', () => {
    const causes: Record<HoldoverCause, true> = {
      silent: true,
      'no majority': true,
      'unsynchronised sources': true,
      'local clock': true,
      'followed local clock': true,
      'not known': true,
    };
    const seen = new Set(known.flatMap(({ contact }) => contact.holdover ?? []));
    expect([...seen].toSorted()).toEqual(Object.keys(causes).toSorted());
  });

  it('tells each of its rows from the others', () => {
    expect(new Set(TABLE.map(([what]) => what)).size).toBe(TABLE.length);
  });
});
