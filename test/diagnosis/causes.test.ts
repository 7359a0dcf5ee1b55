import { expect, it } from '@jest/globals';
import type { Collected } from '../../src/host/collected.ts';
import { collected, judge, source } from '../builders/sightings.ts';

const peer = (given: Parameters<typeof source>[1] = {}) => source('10.0.1.5', { tally: '*', ...given });
const other = source('10.0.2.5');
const NAMELESS = ['0.0.0.0', '::'].map((remote) =>
  source(remote, { tally: ' ', refid: '.DNS.', stratum: 16, reach: 0 }),
);
const REFUSED = { line: 7, field: null, text: 'ntpq: read: Connection refused', reason: 'the query tool failed' };
const UNREAD = { line: 9, field: null, text: '?', reason: 'not a row' };

/** What ten thousand hosts in one state have in common is one sentence: `1,204 clients are adrift: their offsets are over …`. */
it.each<[what: string, answer: Collected | null, cause: string | null]>([
  ['all well', collected(), null],
  ['an answer that is something else', null, 'what came back is not what the collect document prints'],
  [
    'no daemon',
    collected({ daemon: null, found: 'none', sources: [], system: null }),
    'their agents answer, but no time daemon runs',
  ],
  [
    'a daemon that refuses its query tool',
    collected({ system: null, sources: [], faults: [REFUSED] }),
    'ntpsec is there, but does not answer',
  ],
  [
    'a cut before anything was told',
    collected({ system: null, sources: [], truncated: true }),
    'their answers tell neither leap indicator nor system peer: the output was cut',
  ],
  [
    'lines that could not be read',
    collected({ system: null, sources: [other], faults: [UNREAD] }),
    'their answers tell neither leap indicator nor system peer: lines of the output could not be read',
  ],
  ['a young daemon', collected({ ageSeconds: 299 }), 'their daemons are young and not yet confident'],
  ['leap alarm', collected({ system: { leap: 'alarm' } }), 'leap alarm'],
  ['no source', collected({ sources: [] }), 'no source'],
  ['no system peer', collected({ sources: [other] }), 'no system peer'],
  ['an offset', collected({ system: { offsetMs: 152.3 } }), 'their offsets are over the limit of 50 ms'],
  [
    'an offset from the time service',
    collected({ sources: [peer(), other, source('169.254.169.123', { offsetMs: 60 })] }),
    'their offsets from the AWS time service are over the limit of 50 ms',
  ],
  [
    'an error bound',
    collected({ system: { rootDispersionMs: 400 } }),
    'their clock error bounds are over the limit of 200 ms',
  ],
  [
    'silent sources',
    collected({ sources: [peer(), other, source('10.0.3.5', { reach: 0 }), source('10.0.4.5', { reach: 0 })] }),
    'they heard nothing of 10.0.3.5 and 10.0.4.5 in the last 8 polls',
  ],
  [
    'names that have not resolved',
    collected({ sources: [peer(), other, source('a.example', { tally: ' ', refid: '.DNS.', stratum: 16, reach: 0 })] }),
    'a.example has not resolved',
  ],
  [
    'names that the daemon does not tell',
    collected({ configNames: ['a.example'], sources: [peer(), other, ...NAMELESS] }),
    'a.example has not resolved; 1 name that the daemon does not tell has not resolved',
  ],
  ['silence', collected({ sources: [peer({ reach: 0, whenSeconds: 5000 })] }), 'they hear nobody (silent)'],
  [
    'no majority',
    collected({ sources: [source('10.0.1.5', { tally: 'x' }), source('10.0.2.5', { tally: 'x' })] }),
    'no majority among their sources',
  ],
  [
    'sources without a source',
    collected({ sources: [source('10.0.1.5', { tally: ' ', stratum: 16 })] }),
    'their sources are unsynchronised',
  ],
  [
    'rows without an age, none of them selected',
    collected({ sources: [source('10.0.1.5', { tally: 'x', whenSeconds: null })] }),
    'they select none of their sources',
  ],
  [
    'the local clock',
    collected({ system: { refid: 'LOCAL(0)' }, sources: [source('10.0.1.5', { tally: ' ', reach: 0 })] }),
    'they follow their own undisciplined clocks (local clock)',
  ],
  ['stratum 16', collected({ system: { stratum: 16 } }), 'stratum 16'],
  [
    'sources that were last heard long ago',
    collected({ sources: [peer(), other, source('10.0.3.5', { whenSeconds: 5000 })] }),
    'they last heard 10.0.3.5 too long ago',
  ],
  ['two daemons', collected({ otherDaemons: ['chrony'] }), 'several time daemons are active'],
  ['an old file', collected({ configRevision: 'fedcba9876543210' }), 'they run on old files'],
])('of many hosts, %s: is told without what is one host’s own', (_, answer, cause) => {
  expect(judge(answer, 'Success').cause).toBe(cause);
});
