import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { loadFleet } from '../../../src/fleet/load.ts';
import {
  forcedWaveSentence,
  podRollOutSentence,
  rollOutTime,
  waveSentence,
} from '../../../src/plan/cycling/wave-time.ts';
import { POD } from '../../builders/plan-input.ts';
import { policy } from '../../builders/stale-clients.ts';

const TEN_THOUSAND = { running: 10_000, isFirst: false, mayFail: 200 };

describe('how long a roll-out takes', () => {
  it.each([
    // hosts that wait, in the next wave, policy: waves, seconds, seconds where hosts say nothing
    [1000, 1000, {}, 1, 5 * 25, 5 * 25 + 90],
    [10_000, 1000, {}, 10, 10 * 125 + 9 * 12, 10 * 215 + 9 * 12],
    // a tenth more is no wave of its own: six turns for one of them
    [1100, 1100, {}, 1, 6 * 25, 6 * 25 + 90],
    [10_000, 500, { waveShare: 0.05 }, 20, 20 * 75 + 19 * 12, 20 * 165 + 19 * 12],
    // more than fifty are several commands: silent hosts cost their wave a turn
    [50, 50, {}, 1, 25, 90],
    [51, 51, {}, 1, 25, 25 + 90],
    [40, 40, {}, 1, 25, 90],
  ])('of %i hosts, %i now, by policy %p: %i waves', (hosts, wave, cycling, waves, seconds, silentSeconds) => {
    expect(rollOutTime(policy(cycling), TEN_THOUSAND, hosts, wave)).toMatchObject({ waves, seconds, silentSeconds });
  });

  it('counts the first wave as what it is, and the others by the share', () => {
    const time = rollOutTime(POD, { ...TEN_THOUSAND, isFirst: true }, 10_000, 7);
    expect(time).toMatchObject({ wave: 7, atOnce: 7, waves: 11, seconds: 25 + 10 * 137 });
  });
});

it('says it in one sentence', () => {
  expect(waveSentence(rollOutTime(POD, TEN_THOUSAND, 10_000, 1000))).toBe(
    '1,000 of 10,000 stale clients are to be cycled now, 200 at one time; at 25 s a host all are through in about 23 min, 10 waves, or in 38 min where hosts say nothing.',
  );
});

it('says of one by force that nobody goes on with the others', () => {
  expect(forcedWaveSentence(rollOutTime(POD, { running: 12, isFirst: true, mayFail: 1 }, 3, 3), 9)).toBe(
    '3 of 12 clients asked for are to be cycled now (the first wave takes one of each AZ), 1 at one time; at 25 s a host they are through in about 75 s, or in 2 min where hosts say nothing. 9 are left. Ask again when this wave is through; by itself podtime cycles stale hosts alone.',
  );
});

it('says of one host that is left that it is one', () => {
  expect(forcedWaveSentence(rollOutTime(POD, { running: 12, isFirst: false, mayFail: 1 }, 1, 1), 1)).toContain(
    'where hosts say nothing. 1 is left. Ask again',
  );
});

describe('of a pod, when it is packaged, it says', () => {
  it('what its policy means', () => {
    expect(podRollOutSentence({ ...POD, hosts: 10_000 })).toBe(
      'blue: 9,998 stale clients are cycled in 11 waves of up to 995, 199 at one time; at 25 s a host all are through in about 24 min, or in 40 min where hosts say nothing.',
    );
    // two, then four and three
    expect(podRollOutSentence({ ...policy({ waveShare: 1 }), hosts: 11 })).toContain(
      'blue: 9 stale clients are cycled in 3 waves of up to 4, 1 at one time;',
    );
    expect(podRollOutSentence({ ...POD, hosts: 3 })).toBe(
      'blue: 1 stale client is cycled in one wave, 1 at one time; at 25 s a host all are through in about 25 s, or in 90 s where hosts say nothing.',
    );
  });

  it('that there is no client to cycle', () => {
    expect(podRollOutSentence({ ...POD, hosts: 2 })).toBe(
      'blue: built for its boundary servers alone, which are cycled one by one.',
    );
  });

  it.each([
    [
      { waveShare: 0.34 },
      / Its waveShare 0\.34 is cut: a wave has 5 turns at most, each of maxConcurrencyShare 0\.02\.$/,
    ],
    [{ waveShare: 0.1 }, /say nothing\.$/],
    [{ waveShare: 0.35, maxConcurrencyShare: 0.07 }, /say nothing\.$/],
  ])('where %p asks for waves that are cut', (cycling, end) => {
    expect(podRollOutSentence({ ...policy(cycling), hosts: 1000 })).toMatch(end);
  });
});

describe('the table of docs/fleet.md', () => {
  const [blue] = loadFleet(readFileSync('fleet.yml', 'utf8')).pods;
  const page = readFileSync('docs/fleet.md', 'utf8');
  const rows = [...page.matchAll(/^\| ([\d,]+) \| ([\d,]+) \| (\d+) \| (.* min) \| (.* min) \|$/gm)];

  it('is what packaging says', () => {
    expect(rows.map(([, hosts]) => hosts)).toEqual(['100', '1,000', '10,000']);
    for (const [, hosts = '', atOnce, waves, time, silent] of rows) {
      if (!blue) throw new Error('no pod');
      const sentence = podRollOutSentence({ ...blue, hosts: Number(hosts.replace(',', '')) });
      expect(sentence).toMatch(
        new RegExp(` in ${waves} waves of .*, ${atOnce} at one time; .* in about ${time}, or in ${silent} where`),
      );
    }
  });
});
