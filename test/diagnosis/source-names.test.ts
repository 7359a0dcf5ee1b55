import { describe, expect, it } from '@jest/globals';
import { clockName, sourceName, sourceSubject } from '../../src/diagnosis/source-names.ts';
import { collected, judge, source } from '../builders/sightings.ts';

describe('a source in a sentence', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1', '192.0.2.1 (offset 60 ms)', 'source 192.0.2.1'],
    [
      '169.254.169.123',
      'the AWS time service (169.254.169.123)',
      'the AWS time service (169.254.169.123, offset 60 ms)',
      'the AWS time service (169.254.169.123)',
    ],
    [
      '2001:4860:4806:4::',
      'time2.google.com (2001:4860:4806:4::)',
      'time2.google.com (2001:4860:4806:4::, offset 60 ms)',
      'time2.google.com (2001:4860:4806:4::)',
    ],
  ])('%s is told by its name where that is known', (remote, name, withOffset, subject) => {
    const row = source(remote);
    expect([sourceName(row), sourceName(row, 'offset 60 ms'), sourceSubject(row), clockName(remote)]).toEqual([
      name,
      withOffset,
      subject,
      name,
    ]);
  });

  it('has no name where its address was cut', () => {
    expect(sourceName({ remote: '2001:4860:4806:', address: null })).toBe('2001:4860:4806:');
  });

  it('is told so of a host', () => {
    const rows = [
      source('10.0.1.5', { tally: '*' }),
      source('216.239.35.0', { reach: 0, refid: '.INIT.' }),
      source('129.134.28.123', { tally: 'x', offsetMs: 60 }),
    ];
    const { sentence, cause, remarks } = judge(collected({ sources: rows }));
    expect([sentence, cause, ...remarks]).toEqual([
      'time1.google.com (216.239.35.0, .INIT.) heard 0 of its last 8 polls.',
      'they heard nothing of time1.google.com (216.239.35.0) in the last 8 polls',
      '1 falseticker: time1.facebook.com (129.134.28.123, offset 60 ms).',
    ]);
  });
});
