import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parseCollected } from '../../src/host/collect.ts';
import { context, judge, record, server } from '../builders/sightings.ts';

// Answers of hosts as they were reported, judged.

const given = context({
  hosts: [server('a', ['10.0.1.5']), server('b', ['10.0.2.5'])],
  records: [record('a', '10.0.1.5'), record('b', '10.0.2.5')],
});

function judged(name: string, change: (text: string) => string = (text) => text) {
  const text = readFileSync(`test/fixtures/ntp/collect-${name}/input.collect.txt`, 'utf8');
  const { state, sentence, cause, remarks, confident, measures, stale, polled } = judge(
    parseCollected(change(text)),
    'Success',
    given,
  );
  const { reachRatio, reachableSources, usableSources } = measures;
  return { state, sentence, cause, remarks, confident, reachRatio, reachableSources, usableSources, stale, polled };
}

const HEALTHY = {
  state: 'healthy',
  sentence: 'offset 0.311 ms (limit 50 ms), error bound 26.56 ms (limit 200 ms), 2 usable sources.',
  cause: null,
  remarks: [],
  confident: true,
  reachRatio: 1,
  reachableSources: 2,
  usableSources: 2,
  stale: null,
};

const AFTER_503 = {
  sentence: 'offset 0.001 ms (limit 50 ms), error bound 6.281 ms (limit 200 ms), at least 2 usable sources.',
  remarks: ['1 fault in what it printed, the first at line 8: the query tool failed: 503 No such source.'],
  reachableSources: null,
  usableSources: null,
  polled: ['192.0.2.1', '192.0.2.2'],
};

describe('a broadcast of its own', () => {
  it('that ntpq 4.2.6 shows with type u is no server that it polls', () => {
    expect(judged('own-broadcast-row-type-u')).toEqual({ ...HEALTHY, polled: ['10.0.1.5', '10.0.2.5'] });
  });

  it.each([
    ['.BCST.          16 B', 'by a newer ntpq'],
    // decodeaddrtype of ntpq-subs.c up to 4.2.6: the address that it sends from ends in 255
    ['.BCST.          16 b', 'by an ntpq of 4.2.6 or before'],
    ['.MCST.          16 u', 'as multicast'],
    ['.ACST.          16 u', 'as manycast'],
    ['.ACST.          16 a', 'as manycast by a newer ntpq'],
  ])('%s is none either: %s', (row) => {
    expect(judged('own-broadcast-row-type-u', (text) => text.replace('.BCST.          16 u', row))).toEqual({
      ...HEALTHY,
      polled: ['10.0.1.5', '10.0.2.5'],
    });
  });

  it.each(['.XFAC.', '.AUTH.', '.INIT.', '.STEP.', '.CRYP.'])('is not what %s says', (refid) => {
    expect(judged('own-broadcast-row-type-u', (text) => text.replace('.BCST.', refid))).toMatchObject({
      state: 'degraded',
      sentence: `source 10.0.3.255 (${refid}) heard 0 of its last 8 polls.`,
      reachRatio: 2 / 3,
      stale: { rule: 'left-behind', addresses: ['10.0.3.255'] },
    });
  });

  it('does not hide what is polled beside it', () => {
    expect(judged('casts-and-states')).toEqual({
      state: 'degraded',
      sentence:
        'source 192.0.2.3 (.XFAC.) heard 0 of its last 8 polls; source 192.0.2.4 (.AUTH.) heard 0 of its last 8 polls.',
      cause: 'they heard nothing of 192.0.2.3 and 192.0.2.4 in the last 8 polls',
      remarks: [],
      confident: true,
      reachRatio: 3 / 5,
      reachableSources: 3,
      usableSources: 3,
      stale: null,
      polled: ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4', '192.0.2.5'],
    });
  });
});

describe('sources of ntpq 4.1 and 4.2.0, which bear no type', () => {
  const polled = ['192.0.2.233', '192.0.2.237', '192.0.2.33'];
  const partly =
    'source 192.0.2.233 heard 3 of its last 8 polls; source 192.0.2.237 heard 4 of its last 8 polls; source 192.0.2.33 heard 4 of its last 8 polls.';

  it('are polled', () => {
    expect(judged('type-dash')).toEqual({
      ...HEALTHY,
      sentence: 'offset 0.311 ms (limit 50 ms), error bound 26.56 ms (limit 200 ms), 3 usable sources.',
      remarks: [partly],
      confident: false,
      reachRatio: 11 / 24,
      reachableSources: 3,
      usableSources: 3,
      polled,
    });
  });

  it('are told when they are never heard', () => {
    expect(judged('type-dash', (text) => text.replace('64   17 ', '64    0 '))).toMatchObject({
      state: 'degraded',
      sentence: 'source 192.0.2.33 heard 0 of its last 8 polls.',
      reachRatio: 7 / 24,
      polled,
    });
  });

  it('are old addresses where no record holds them', () => {
    const old = (text: string) => text.replace('192.0.2.233', '10.0.9.233');
    expect(judged('type-dash', old).stale).toMatchObject({ rule: 'left-behind', addresses: ['10.0.9.233'] });
  });
});

describe('a query tool that failed', () => {
  it.each([
    'ntpq is not installed',
    'chronyc is not installed',
    'sh: ntpq: not found',
    'timeout: failed to run command ntpq: Permission denied',
    'ntpq: error while loading shared libraries: libopts.so.25: cannot open shared object file',
    '***Server disallowed request (authentication?)',
    '***Response from server was incomplete',
    'localhost: Name or service not known',
    '501 Not authorised',
    'no time was left to ask ntpq',
  ])('and tells nothing of the daemon is why nothing is known: %s', (trouble) => {
    const { state, sentence, cause } = judged('query-tool-missing', (text) =>
      text.replace('ntpq is not installed', trouble),
    );
    const why = trouble.slice(0, 80);
    expect({ state, sentence, cause }).toEqual({
      state: 'unknown',
      sentence: `ntpd runs, but the answer tells neither its leap indicator nor a system peer: ${why}.`,
      cause: `their answers tell neither leap indicator nor system peer: ${why}`,
    });
  });

  it.each([
    'ntpq: read: Connection refused',
    '***Request timed out',
    'localhost: timed out, nothing received',
    '***Socket error; probably ntpd is not running',
    '506 Cannot talk to daemon',
    'ntpq printed nothing',
    'chronyc printed nothing',
    'Could not open connection to daemon',
  ])('because no daemon answers it says so: %s', (trouble) => {
    const { state, sentence, cause } = judged('query-tool-missing', (text) =>
      text.replace('ntpq is not installed', trouble),
    );
    expect({ state, sentence, cause }).toEqual({
      state: 'no-daemon',
      sentence: `ntpd is there, but does not answer: ${trouble}.`,
      cause: 'ntpd is there, but does not answer',
    });
  });

  it('after some rows keeps these, and is known to have left out others', () => {
    expect(judged('chronyc-fails-after-some-rows')).toEqual({ ...HEALTHY, ...AFTER_503 });
  });

  it('after some rows makes nobody unjoined', () => {
    const onOne = (text: string) => text.replaceAll('192.0.2.1', '10.0.1.5').replaceAll('192.0.2.2', '10.0.9.2');
    expect(judged('ntpq-ended-after-some-rows', onOne)).toMatchObject({
      state: 'healthy',
      remarks: [
        '1 fault in what it printed, the first at line 8: the query tool failed: ntpq did not answer any more.',
      ],
      reachableSources: null,
      stale: { rule: 'left-behind', addresses: ['10.0.9.2'] },
    });
  });
});

it('an offset that the signs of ntpq 4.2.8p11 cut is a lower bound, ahead as behind', () => {
  expect(judged('plus-signed-offset-cut').remarks).toContain(
    '2 faults in what it printed, the first at line 12, offsetMs: fills the seven characters that ntpq prints: it may be cut, and is at least this.',
  );
});

it.each(['control-characters-in-refid', 'control-characters-elsewhere'])('%s steers nothing that is shown', (name) => {
  const seen = judged(name);
  expect(seen.remarks).toContain('its answer holds characters that are not shown as they came.');
  expect([seen.sentence, seen.cause, ...seen.remarks, ...seen.polled].join(' ')).toMatch(/^[ -~]*$/);
});
