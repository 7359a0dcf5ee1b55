import { describe, expect, it } from '@jest/globals';
import { type FileKey, keyText, readKey } from '../../src/config/trials/file-key.ts';
import { type FileState, type FileStates, stateOfFile } from '../../src/config/trials/file-states.ts';
import { type FollowedFiles, followFiles, settlesMs, trialMs } from '../../src/config/trials/following.ts';
import {
  isFree,
  isSpent,
  MOST_PERMITS,
  nextPermit,
  type Permit,
  permitMs,
  slotOf,
} from '../../src/config/trials/permits.ts';
import { mayTry, servedRevision } from '../../src/config/trials/serving.ts';
import type { Pod } from '../../src/fleet/fleet.ts';
import { BLUE } from '../builders/blue-pod.ts';

const [OLD, NEW, OTHER] = ['0'.repeat(16), '1'.repeat(16), '2'.repeat(16)];
const NOW = 1_795_348_800_000;
const HOST = 'i-00000000000000021';
const KEY: FileKey = { tier: 'client', az: 'us-west-2b', file: 'chrony.conf', version: [4, 4] };
const NAME = 'client us-west-2b chrony.conf 4.4';

describe('the name of a file in the state', () => {
  it.each([KEY, { ...KEY, version: [] }])('is read again', (key) => {
    expect(readKey(keyText(key))).toEqual(key);
  });

  it.each([
    '',
    'client us-west-2b',
    'client us-west-2b boot.sh',
    `${NAME} x`,
    'server us-west-2b ntp.conf',
    'client a ntp.conf -',
  ])('is not %j', (text) => expect(readKey(text)).toBeNull());
});

describe('how a file stands', () => {
  const states: FileStates = {
    [keyText({ ...KEY, version: [] })]: { settled: OTHER },
    [NAME]: { settled: OLD, refused: { revision: NEW, finding: 'it died' } },
    [keyText({ ...KEY, az: 'us-west-2c' })]: { settled: NEW },
  };

  it.each<[string, FileKey, FileState | undefined]>([
    ['its own', KEY, states[NAME]],
    ['of a class that nobody had: the next one below', { ...KEY, version: [4, 8] }, { settled: OLD }],
    ['of one between', { ...KEY, version: [4] }, { settled: OTHER }],
    ['of another tier: none', { ...KEY, tier: 'boundary' }, undefined],
    ['of another file: none', { ...KEY, file: 'ntp.conf' }, undefined],
    ['of no class below: none', { ...KEY, az: 'us-west-2c', version: [] }, undefined],
  ])('%s', (_, key, state) => {
    expect(stateOfFile(states, key)).toEqual(state);
  });
});

describe('which revision is served', () => {
  const trial = { revision: NEW, instanceId: HOST, sinceMs: NOW };
  const refused = { revision: NEW, finding: 'it died' };

  it.each<[string, FileState | undefined, string | null, string, boolean]>([
    ['nothing has settled', undefined, OLD, NEW, false],
    ['the fleet file has', { settled: NEW }, OLD, NEW, false],
    ['another has, to who has that', { settled: OLD }, OLD, OLD, true],
    ['another has, to a new host', { settled: OLD }, null, OLD, true],
    ['another has, to who has the new one', { settled: OLD }, NEW, NEW, false],
    ['a host is on trial, to another', { settled: OLD, trial }, OLD, OLD, false],
    ['a host is on trial, to that', { settled: OLD, trial }, NEW, NEW, false],
    ['a trial of a file before', { settled: OLD, trial: { ...trial, revision: OTHER } }, OLD, OLD, true],
    ['it is refused', { settled: OLD, refused }, OLD, OLD, false],
    ['it is refused, to who has it', { settled: OLD, refused }, NEW, OLD, false],
    ['one before was refused', { settled: OLD, refused: { ...refused, revision: OTHER } }, OTHER, OLD, true],
  ])('%s', (_, state, has, served, tries) => {
    expect([servedRevision({ state, fleet: NEW, has }), mayTry({ state, fleet: NEW, has })]).toEqual([served, tries]);
  });
});

describe('a permit', () => {
  const wanted = { key: KEY, revision: NEW };
  const permit = nextPermit(null, NEW, 'r-1', NOW);
  const later = NOW + permitMs(BLUE);
  const spent = [2, 3].reduce((before: Permit, n) => nextPermit(before, NEW, `r-${n}`, NOW), permit);
  const server = { ...KEY, tier: 'boundary' as const };

  it.each<[string, Permit | null, FileKey, FileStates, number, boolean]>([
    ['that nobody has', null, KEY, {}, NOW, true],
    ['that was just given', permit, KEY, {}, later - 1, false],
    ['whose time is over', permit, KEY, {}, later, true],
    ['given in vain as often as it may be', spent, KEY, {}, later, false],
    ['given so often, but days ago', spent, KEY, {}, later + 86_400_000, true],
    [
      'of a revision before that has settled',
      nextPermit(null, OTHER, 'r', NOW),
      KEY,
      { [NAME]: { settled: OTHER } },
      NOW,
      true,
    ],
    [
      'while the host of another AZ tries a file: clients',
      null,
      KEY,
      { 'client us-west-2c ntp.conf': { settled: OLD, trial: { revision: OTHER, instanceId: HOST, sinceMs: NOW } } },
      NOW,
      true,
    ],
    [
      'while the host of another AZ tries a file: boundary servers',
      null,
      server,
      { 'boundary us-west-2c ntp.conf': { settled: OLD, trial: { revision: OTHER, instanceId: HOST, sinceMs: NOW } } },
      NOW,
      false,
    ],
  ])('%s', (_, before, key, states, nowMs, free) => {
    expect(isFree(before, { ...wanted, key }, states, nowMs, BLUE)).toBe(free);
  });

  it('is one for all boundary servers of a pod, and one for each file of clients', () => {
    expect([slotOf(server), slotOf(KEY)]).toEqual(['boundary', 'client-us-west-2b-chrony.conf-4.4']);
  });

  it('is spent once the last who had it had their time', () => {
    expect(Object.values(spent.given)).toEqual([{ times: MOST_PERMITS, atMs: NOW }]);
    expect(isSpent(spent, NEW, later - 1, BLUE)).toBe(false);
    expect(isSpent(spent, NEW, later, BLUE)).toBe(true);
    expect(isSpent(permit, NEW, later, BLUE)).toBe(false);
    expect(isSpent(nextPermit(spent, OTHER, 'r', NOW), NEW, NOW, BLUE)).toBe(true);
  });
});

describe('what a tick concludes', () => {
  const BAD = { confident: false, finding: 'unsynchronised: it hears nobody' };
  const GOOD = { confident: true, finding: '' };
  const trial = { revision: NEW, instanceId: HOST, sinceMs: NOW };

  function concluded(state: FileState | undefined, more: Partial<FollowedFiles> & { runners?: string[] } = {}) {
    const { runners = [], ...others } = more;
    const news = followFiles({
      pod: BLUE,
      states: state === undefined ? {} : { [NAME]: state },
      unsettled: [{ key: KEY, revision: NEW, runners }],
      isServed: () => true,
      hostOf: () => GOOD,
      permits: new Map(),
      settle: null,
      nowMs: NOW,
      ...others,
    });
    return { ...news, state: news.states[NAME] };
  }

  it.each<[string, FileState | undefined, Parameters<typeof concluded>[1], FileState | undefined]>([
    ['nobody has it, nothing has settled', undefined, {}, undefined],
    ['a first host is confident', undefined, { runners: [HOST] }, { settled: NEW }],
    ['a first host is not', undefined, { runners: [HOST], hostOf: () => BAD }, undefined],
    ['nobody tries it', { settled: OLD }, {}, { settled: OLD }],
    ['a host is seen', { settled: OLD }, { runners: [HOST], hostOf: () => BAD }, { settled: OLD, trial }],
    [
      'it is confident',
      { settled: OLD, trial },
      { runners: [HOST] },
      { settled: OLD, trial: { ...trial, confidentSinceMs: NOW } },
    ],
    [
      'it was confident for two intervals',
      { settled: OLD, trial: { ...trial, confidentSinceMs: NOW } },
      { runners: [HOST], nowMs: NOW + settlesMs(BLUE) },
      { settled: NEW },
    ],
    [
      'it is confident no more',
      { settled: OLD, trial: { ...trial, confidentSinceMs: NOW } },
      { runners: [HOST], hostOf: () => BAD, nowMs: NOW + settlesMs(BLUE) },
      { settled: OLD, trial },
    ],
    ['it is gone', { settled: OLD, trial }, { hostOf: () => undefined }, { settled: OLD }],
    ['it went back', { settled: OLD, trial }, {}, { settled: OLD }],
    [
      'its daemon is gone, and its time is not over',
      { settled: OLD, trial },
      { hostOf: () => BAD },
      { settled: OLD, trial },
    ],
    [
      'a fleet file before was refused',
      { settled: OLD, refused: { revision: OTHER, finding: '' } },
      {},
      { settled: OLD },
    ],
    [
      'an operator says so',
      { settled: OLD, refused: { revision: NEW, finding: '' } },
      { settle: NEW },
      { settled: NEW },
    ],
    ['an operator speaks of another', { settled: OLD }, { settle: OTHER }, { settled: OLD }],
    [
      'the pod takes files at once',
      { settled: OLD, trial },
      { pod: { ...BLUE, rollout: 'at-once' } as Pod, runners: [HOST], hostOf: () => BAD },
      { settled: NEW },
    ],
  ])('%s', (_, before, more, after) => {
    const { state, settled, refusedTiers } = concluded(before, more);
    expect(state).toEqual(after);
    expect(settled.length).toBe(after?.settled === NEW ? 1 : 0);
    expect(refusedTiers).toEqual([]);
  });

  it('refuses what does not make its host confident in time, with what to type', () => {
    const nowMs = NOW + trialMs(BLUE);
    const { state, told, refusedTiers, settled } = concluded(
      { settled: OLD, trial },
      { runners: [HOST], hostOf: () => BAD, nowMs },
    );
    const finding = `${HOST} has run on it for 26 min and is not confident (unsynchronised: it hears nobody)`;
    expect({ state, refusedTiers, settled }).toEqual({
      state: { settled: OLD, refused: { revision: NEW, finding } },
      refusedTiers: ['client'],
      settled: [],
    });
    expect(told).toEqual([
      {
        subject: NAME,
        rule: 'file-refused',
        sentence: `chrony.conf (from 4.4) of clients in us-west-2b: revision ${NEW} is refused: ${finding}. All are served ${OLD}. Mend the fleet file and deploy; or serve it all the same: npx sls invoke --stage STAGE -f watchdog -d '{"pod":"blue","settle":"${NEW}"}'.`,
      },
    ]);
    // and goes on to
    expect(concluded(state, { nowMs: nowMs + 1 }).state).toEqual(state);
  });

  it('refuses what was given in vain', () => {
    const permit = { revision: NEW, givenAtMs: NOW, by: 'r', given: { [NEW]: { times: MOST_PERMITS, atMs: NOW } } };
    const permits = new Map([[slotOf(KEY), permit]]);
    const { state, refusedTiers } = concluded({ settled: OLD }, { permits, nowMs: NOW + permitMs(BLUE) });
    expect(state?.refused?.finding).toMatch(/^it was given to a host 3 times, and none was seen to run on it/);
    expect(refusedTiers).toEqual(['client']);
  });

  it('forgets files that the pod has no more', () => {
    expect(concluded({ settled: OLD }, { unsettled: [], isServed: () => false }).states).toEqual({});
  });
});
