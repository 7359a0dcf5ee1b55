import { describe, expect, it } from '@jest/globals';
import type { Unauthenticated } from '../../src/host/collect-authentication.ts';
import { collected, judge, source } from '../builders/sightings.ts';

const WHY =
  "Its log says why: a certificate that expired, a clock outside of the certificate's time, or no way to TCP 4460, as a rule.";

function failing(name: string, given: Partial<Unauthenticated> = {}): Unauthenticated {
  return { name, attempts: 2, naks: 0, exchangedSecondsAgo: null, ...given };
}

function ofChrony(...unauthenticated: Unauthenticated[]) {
  return judge(
    collected({ daemon: { kind: 'chrony', version: '4.3' }, authentication: { authenticated: 1, unauthenticated } }),
  );
}

describe('NTS that fails', () => {
  it('degrades a host of chrony, with how often and since when', () => {
    const { state, sentence, cause } = ofChrony(
      failing('a.example', { attempts: 1 }),
      failing('b.example', { exchangedSecondsAgo: 7200, naks: 3 }),
      failing('c.example', { naks: null }),
    );
    expect({ state, sentence, cause }).toEqual({
      state: 'degraded',
      sentence: `NTS fails with a.example (1 key exchange failed, none ever worked), b.example (2 key exchanges failed, the last that worked was 7200 s ago, 3 cookies refused) and c.example (2 key exchanges failed, none ever worked): not followed, and not asked without. ${WHY}`,
      cause: 'NTS fails with a.example, b.example and c.example',
    });
  });

  it('is a name that ntpd-rs has no source for', () => {
    const unauthenticated = [failing('a.example', { attempts: null, naks: null })];
    const { sentence } = judge(
      collected({
        daemon: { kind: 'ntpd-rs', version: '1.4.0' },
        authentication: { authenticated: 1, unauthenticated },
      }),
    );
    expect(sentence).toBe(`NTS fails with a.example: not followed, and not asked without. ${WHY}`);
  });

  it('is not said of sources not tried yet, of silent ones whose cookies were used up, and of what was not told', () => {
    const given = [{ attempts: 0 }, { attempts: 0, exchangedSecondsAgo: 900 }, { attempts: null }];
    expect(ofChrony(...given.map((each) => failing('a.example', each))).state).toBe('healthy');
  });

  it('is not said of a daemon that is starting', () => {
    const young = collected({
      ageSeconds: 30,
      authentication: { authenticated: 0, unauthenticated: [failing('a.example')] },
    });
    const { state, remarks } = judge(young);
    expect([state, remarks.join()]).toEqual(['starting', expect.not.stringContaining('NTS')]);
  });

  it('is a row of .NTS. with ntpsec, until it is heard', () => {
    const row = source('a.example', {
      tally: ' ',
      address: null,
      refid: '.NTS.',
      stratum: 16,
      reach: 0,
      offsetMs: null,
    });
    const sources = [source('10.0.1.5', { tally: '*' }), source('10.0.2.5'), row];
    const { state, sentence } = judge(collected({ sources }));
    expect({ state, sentence }).toEqual({
      state: 'degraded',
      sentence: `NTS fails with a.example: not followed, and not asked without. ${WHY}`,
    });
    const heard = judge(collected({ sources: [...sources.slice(0, 2), { ...row, reach: 1 }] }));
    expect([heard.sentence, ...heard.remarks].join(' ')).not.toContain('NTS');
  });

  it.each<[string[], string]>([
    [['a.example'], 'a.example'],
    [['a.example', 'b.example'], '1 of a.example and b.example'],
    [[], '1 name that the daemon does not tell'],
    // the first row is this one's
    [['10.0.1.5', 'a.example'], 'a.example'],
  ])('is named by what the file has, %j, where ntpsec lost the name: %s', (configNames, named) => {
    const row = source('0.0.0.0', { tally: ' ', address: null, refid: '.NTS.', stratum: 16, reach: 0, offsetMs: null });
    const { sentence } = judge(
      collected({ configNames, sources: [source('10.0.1.5', { tally: '*' }), source('10.0.2.5'), row] }),
    );
    expect(sentence).toBe(`NTS fails with ${named}: not followed, and not asked without. ${WHY}`);
  });
});

describe('a certificate', () => {
  const DAY = 86_400;
  const endingIn = (...certificates: [daysLeft: number, days: number][]) =>
    judge(
      collected({
        certificates: certificates.map(([left, days], index) => ({
          name: `${'abc'.charAt(index)}.example`,
          secondsLeft: left * DAY,
          lifeSeconds: days * DAY,
        })),
      }),
    );

  it('degrades a host that asks by it once a fifth of its life is left, or three weeks', () => {
    const { state, sentence, cause } = endingIn([17.5, 90], [20.5, 365], [-47 / 24, 90]);
    expect({ state, sentence, cause }).toEqual({
      state: 'degraded',
      sentence:
        'the certificate of a.example ends in 17 days (limit 18 days), b.example ends in 20 days (limit 21 days) and c.example ended 47 h 0 min ago: from then on NTS fails with it.',
      cause: 'the certificate of a.example, b.example and c.example is near its end',
    });
  });

  it('ends in no time at its last second', () => {
    expect(endingIn([0, 90]).sentence).toBe(
      'the certificate of a.example ends in 0 s (limit 18 days): from then on NTS fails with it.',
    );
  });

  it('is not told of before', () => {
    expect(endingIn([18, 90], [21, 365], [1.3, 6]).state).toBe('healthy');
  });
});

describe('a daemon for which podtime has no file', () => {
  it('degrades its host, by the sentence that the host was refused with', () => {
    const answer = collected({ daemon: { kind: 'ntpd', version: '4.2.8p15' } });
    const asked: unknown[] = [];
    const noFile = (...args: unknown[]) => {
      asked.push(args.slice(1));
      return 'There is none.';
    };
    const { state, sentence, cause } = judge(answer, 'Success', { noFile, expectedRevision: () => null });
    expect({ asked, state, sentence, cause }).toEqual({
      asked: [['ntpd', '4.2.8p15']],
      state: 'degraded',
      sentence: 'There is none.',
      cause: 'podtime has no file for their daemons',
    });
  });

  it('is none of those that have one', () => {
    expect(judge(collected(), 'Success', { noFile: () => null }).state).toBe('healthy');
  });
});
