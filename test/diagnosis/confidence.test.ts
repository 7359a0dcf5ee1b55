import { describe, expect, it } from '@jest/globals';
import { judgeAll } from '../../src/diagnosis/judge.ts';
import type { Collected } from '../../src/host/collected.ts';
import type { Source } from '../../src/ntp/source.ts';
import { collected, context, host, judge, rowOfNtpdRs, server, source } from '../builders/sightings.ts';

function confidence(answer: Collected): [boolean, string] {
  // a client: to a boundary server another one is no source
  const given = context({ hosts: [server('b', ['10.0.2.5', 'fd00:10::2'])] });
  const [judgement] = judgeAll([{ host: host('i-0c0'), collected: answer, status: 'Success' }], given);
  return [judgement?.confident ?? false, judgement?.confidence ?? ''];
}

const peer = (given: Parameters<typeof source>[1] = {}) => source('192.0.2.60', { tally: '*', stratum: 2, ...given });
const second = source('169.254.169.123', { stratum: 2 });

describe('confidence', () => {
  it('is told with every number and its limit', () => {
    expect(confidence(collected({ sources: [peer({ reach: 0o77 }), second], ageSeconds: 300 }))).toEqual([
      true,
      'confident: the daemon is 300 s old (at least 300 s); no leap alarm; its system peer 192.0.2.60 heard 6 of its last 8 polls (at least 6); ' +
        '2 usable sources (at least 2); offset 0.125 ms (limit 50 ms), error bound 1.375 ms (limit 200 ms), offset from the AWS time service 0.02 ms (limit 50 ms).',
    ]);
  });

  const lacking: [string, Collected, string][] = [
    [
      'a second source: the time service by both its addresses is one',
      collected({ sources: [source('169.254.169.123', { tally: '*' }), source('fd00:ec2::123')] }),
      '1 usable source (at least 2 wanted)',
    ],
    [
      'a second source: a boundary server by both its addresses is one',
      collected({ sources: [source('10.0.2.5', { tally: '*' }), source('fd00:10::2')] }),
      '1 usable source (at least 2 wanted)',
    ],
    ['age', collected({ ageSeconds: 299 }), 'the daemon is 299 s old (at least 300 s wanted)'],
    ['a known age', collected({ ageSeconds: null }), "the daemon's age is not known (at least 300 s wanted)"],
    ['a clock that is set', collected({ system: { leap: 'alarm' } }), 'leap alarm'],
    [
      'a clock that is set, whomever its system peer follows',
      collected({
        system: { leap: 'alarm' },
        sources: [peer({ stratum: 6, refid: 'LOCAL(0)' }), second, source('10.0.1.5')],
      }),
      'leap alarm',
    ],
    ['a known leap indicator', collected({ system: { leap: null } }), 'the leap indicator is not known'],
    ['a system peer', collected({ sources: [second, source('192.0.2.60')] }), 'no system peer'],
    [
      'a system peer that is a source',
      collected({ sources: [source('127.127.1.0', { tally: '*', type: 'l' }), second, source('192.0.2.60')] }),
      'no system peer',
    ],
    [
      'a system peer among the rows there are',
      collected({ sources: [second, source('192.0.2.60')], truncated: true }),
      'no system peer among the sources that could be read',
    ],
    [
      'polls: the third miss loses it, wherever in the register it stands',
      collected({ sources: [peer({ reach: 0b1011_0110 }), second] }),
      'its system peer 192.0.2.60 heard 5 of its last 8 polls (at least 6 wanted)',
    ],
    [
      'a system peer that was ever heard',
      collected({ sources: [peer({ reach: 0, whenSeconds: null }), second, source('10.0.1.5')] }),
      'its system peer 192.0.2.60 heard 0 of its last 8 polls (at least 6 wanted)',
    ],
    [
      'a register that could be read',
      collected({ sources: [peer({ reach: null }), second, source('192.0.2.61')] }),
      'the reach of its system peer 192.0.2.60 could not be read',
    ],
    [
      'a system peer that is fresh',
      collected({ sources: [peer({ whenSeconds: 3000 }), second, source('10.0.1.5')] }),
      'its system peer 192.0.2.60 was last heard 3000 s ago (limit 900 s)',
    ],
    [
      'a system peer that is fresh by its poll',
      collected({ sources: [peer({ whenSeconds: 2109, pollSeconds: 1024 }), second, source('10.0.1.5')] }),
      'its system peer 192.0.2.60 was last heard 2109 s ago (limit 2108 s)',
    ],
    [
      'to know when the system peer was last heard',
      collected({ sources: [peer({ whenSeconds: null }), second, source('10.0.1.5')] }),
      'when its system peer 192.0.2.60 was last heard is not known',
    ],
    [
      'a second source that is fresh',
      collected({ sources: [peer(), source('10.0.1.5', { whenSeconds: 3000 })] }),
      '1 usable source (at least 2 wanted)',
    ],
    ['a second source', collected({ sources: [peer()] }), '1 usable source (at least 2 wanted)'],
    [
      'a second source that is heard',
      collected({ sources: [peer(), source('10.0.1.5', { reach: 0 })] }),
      '1 usable source (at least 2 wanted)',
    ],
    [
      'a second source that can be selected',
      collected({
        sources: [
          peer(),
          source('10.0.1.5', { tally: 'x' }),
          source('10.0.2.6', { tally: ' ' }),
          source('10.0.2.7', { tally: '.' }),
        ],
      }),
      '1 usable source (at least 2 wanted)',
    ],
    [
      'a second source below stratum 16',
      collected({ sources: [peer(), source('10.0.1.5', { stratum: 16 })] }),
      '1 usable source (at least 2 wanted)',
    ],
    [
      'a second source whose fields are known',
      collected({ sources: [peer(), source('10.0.1.5', { stratum: null })] }),
      '1 usable source (at least 2 wanted)',
    ],
    ['an offset within its limit', collected({ system: { offsetMs: -51 } }), 'offset -51 ms (limit 50 ms)'],
    [
      'a known offset',
      collected({ system: { offsetMs: null } }),
      'offset not known (limit 50 ms), error bound not known (limit 200 ms)',
    ],
    [
      'an error bound within its limit',
      collected({ system: { rootDispersionMs: 500 } }),
      'error bound 500.4 ms (limit 200 ms)',
    ],
    [
      'agreement with AWS',
      collected({ sources: [peer(), source('169.254.169.123', { tally: ' ', offsetMs: 51 }), source('10.0.2.6')] }),
      'offset from the AWS time service 51 ms (limit 50 ms)',
    ],
  ];

  it.each(lacking)('wants %s', (_, answer, reason) => {
    expect(confidence(answer)).toEqual([false, `not confident: ${reason}.`]);
  });

  it.each(['*', 'o', '+', '-', '#'] as const)('takes a source of tally %s as the second', (tally) => {
    expect(confidence(collected({ sources: [peer(), source('10.0.1.5', { tally })] }))[0]).toBe(true);
  });

  it('takes a reference clock and a pulse per second', () => {
    const clock = source('PHC0', { tally: 'o', type: 'l', refid: '.PHC0.', stratum: 0 });
    expect(confidence(collected({ sources: [clock, second] }))[0]).toBe(true);
  });

  it('tells all that is lacking', () => {
    expect(confidence(collected({ ageSeconds: 1, system: { leap: 'alarm' }, sources: [] }))).toEqual([
      false,
      'not confident: the daemon is 1 s old (at least 300 s wanted); leap alarm; no system peer; 0 usable sources (at least 2 wanted).',
    ]);
  });

  it('can be had from a cut output that shows enough', () => {
    expect(confidence(collected({ truncated: true }))[0]).toBe(true);
  });
});

describe('confidence where the daemon tells no system peer', () => {
  const UNTOLD = 'ntpd-rs 1.4.0 tells no system peer and no reach register: 3 of';
  /** Three that agree, each with so many polls unanswered. */
  const judged = (unanswered: [number, number, number], ...others: Source[]) => {
    const agreeing = unanswered.map((unansweredPolls, at) => rowOfNtpdRs(`10.0.${at + 1}.5`, { unansweredPolls }));
    const { confident, confidence, over } = judge(
      collected({
        daemon: { kind: 'ntpd-rs', version: '1.4.0' },
        sources: [...agreeing, ...others],
        system: { offsetMs: null, refid: null, jitterMs: null, frequencyPpm: null },
      }),
    );
    return { confident, polls: /ntpd-rs [^;]*\)/.exec(confidence)?.[0], over };
  };

  it('is by the source that answered last of those that agree, wherever it stands', () => {
    expect(judged([7, 1, 2])).toEqual({
      confident: true,
      polls: `${UNTOLD} 3 heard sources agree (at least 3), last 1 polls of 10.0.2.5 unanswered (at most 2)`,
      over: undefined,
    });
  });

  it('is not by one that stands apart from them, which answers each poll', () => {
    expect(judged([3, 4, 5], rowOfNtpdRs('10.0.9.1', { offsetMs: 3500 }))).toEqual({
      confident: false,
      polls: `${UNTOLD} 4 heard sources agree (at least 3), last 3 polls of 10.0.1.5 unanswered (at most 2 wanted)`,
      over: ['reach'],
    });
  });
});
