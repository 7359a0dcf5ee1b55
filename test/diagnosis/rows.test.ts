import { describe, expect, it } from '@jest/globals';
import {
  bySource,
  isAsked,
  isHeardLately,
  isKissed,
  isLocalClock,
  isLocalRefid,
  isOutOfReach,
  isPlaceholder,
  isUnresolved,
  isUsable,
  timeServiceSource,
} from '../../src/diagnosis/sources.ts';
import type { Source, SystemState } from '../../src/ntp/source.ts';
import { collected, judge, source } from '../builders/sightings.ts';

const TIME_SERVICE = '169.254.169.123';
const peer = source('10.0.1.5', { tally: '*' });
const other = source('10.0.2.5');
const NEVER_HEARD = { reach: 0, stratum: 16 };

describe('a row', () => {
  it.each([
    ['LOCAL(0)', null, true],
    ['local(1)', null, true],
    ['NOT-LOCAL(0)', null, false],
    ['127.127.1.0', '127.127.1.0', true],
    ['127.127.1.0', null, true],
    ['127.127.20.0', '127.127.20.0', false],
    ['clock', '127.127.1.1', true],
    ['fd00::1', 'fd00::1', false],
    ['10.127.127.1.5', null, false],
  ])('%s (%s) is the undisciplined local clock: %s', (remote, address, expected) => {
    expect(isLocalClock(source(remote, { address }))).toBe(expected);
  });

  it.each([
    ['LOCAL(0)', true],
    ['.LOCL.', true],
    ['locl', true],
    ['127.127.1.0', true],
    ['127.0.0.1', true],
    ['127.0.0.10', false],
    // a server's name that has such a word in it
    ['ntp.locl.invalid', false],
    ['ntp-LOCAL(0)', false],
  ])('whose refid is %s tells of its own clock: %s', (refid, expected) => {
    expect(isLocalRefid(refid)).toBe(expected);
  });

  it.each<[Partial<Source>, boolean | null]>([
    [{ reach: 1 }, true],
    [{ reach: 0 }, false],
    [{ reach: null, unansweredPolls: 7 }, true],
    [{ reach: null, unansweredPolls: 8 }, false],
    [{ reach: null }, null],
    [{ reach: 0, unansweredPolls: 7 }, false],
  ])('%j is heard in one of its last eight polls: %s', (given, expected) => {
    expect(isHeardLately(source('10.0.1.5', given))).toBe(expected);
  });

  it.each(['u', 's', 'S', 'l'])('of type %s is asked', (type) =>
    expect(isAsked(source('10.0.1.5', { type }))).toBe(true),
  );

  it.each(['b', 'B', 'm', 'M', 'a', 'p', ''])('of type %j comes unasked, or is no server', (type) =>
    expect(isAsked(source('10.0.1.5', { type }))).toBe(false),
  );

  it.each([
    [{ type: 'p' }, true],
    [{ refid: '.POOL.', ...NEVER_HEARD }, true],
    [{ refid: '.POOL.' }, false],
    [{ refid: '.DNS.', ...NEVER_HEARD }, true],
    [{ refid: '.DNS.' }, false],
    [{ refid: null }, false],
    [{}, false],
    [{ type: 'B' }, true],
    [{ type: 'M' }, true],
    [{ type: 'a' }, true],
    [{ type: 'b' }, false],
    [{ type: 'm' }, false],
    [{ refid: '.BCST.', ...NEVER_HEARD }, true],
    [{ refid: '.MCST.', ...NEVER_HEARD }, true],
    [{ refid: '.ACST.', ...NEVER_HEARD }, true],
    [{ refid: '.XFAC.', ...NEVER_HEARD }, false],
    [{ refid: null, ...NEVER_HEARD }, false],
    [{ refid: '.BCST.', reach: null, stratum: null }, true],
    [{ refid: '.BCST.', reach: 0, stratum: 1 }, false],
    [{ refid: '.BCST.', reach: 1, stratum: 16 }, false],
    [{ address: '224.0.1.1' }, true],
    [{ address: '239.255.255.255' }, true],
    [{ address: 'ff05::101' }, true],
    [{ address: '255.255.255.255' }, true],
    [{ address: '223.0.1.1' }, false],
    [{ address: '240.0.1.1' }, false],
    [{ address: '10.0.3.255' }, false],
    [{ address: 'fe80::1' }, false],
    [{ address: 'fd00:ff05::101' }, false],
    [{ address: '2001:db8:ff02::1' }, false],
    [{ address: null }, false],
  ])('%j stands for a name, a pool or a broadcast: %s', (given, expected) => {
    expect(isPlaceholder(source('10.0.1.5', given))).toBe(expected);
  });

  it.each<[string, Partial<Source>, boolean]>([
    ['ntp.az-b.pod', {}, true],
    ['0.0.0.0', {}, true],
    ['::', {}, true],
    // a server, a cut address of one, who is heard, a reference clock
    ['10.0.1.5', {}, false],
    ['fd00:66:1::1:23', { address: null }, false],
    ['ntp.az-b.pod', { reach: 1 }, false],
    ['ntp.az-b.pod', { reach: null }, false],
    ['SHM(0)', { type: 'l' }, false],
    ['ntp.az-b.pod', { refid: '.INIT.' }, false],
  ])('%s with %j, once ntpsec stepped its clock, is a name without address: %s', (remote, given, expected) => {
    expect(isUnresolved(source(remote, { refid: '.STEP.', reach: 0, stratum: 16, ...given }))).toBe(expected);
  });

  it.each([
    ['.RATE.', true],
    ['.DENY.', true],
    ['.RSTR.', true],
    ['.INIT.', false],
    [null, false],
  ])('with refid %s bears a kiss: %s', (refid, expected) => {
    expect(isKissed(source('10.0.1.5', { refid, ...NEVER_HEARD }))).toBe(expected);
    // that is then a server's word of itself
    expect(isKissed(source('10.0.1.5', { refid, stratum: 1 }))).toBe(false);
  });

  it.each([
    [{ stratum: 9 }, true],
    // of a local clock, or of who follows one
    [{ stratum: 10 }, false],
    [{ stratum: 15 }, false],
    [{ stratum: 16 }, false],
    // below that its refid tells: ntpd's local clock as its file has it by default, a fudged one, chrony's `local`, an orphan
    [{ stratum: 6, refid: 'LOCAL(0)' }, false],
    [{ stratum: 6, refid: '.LOCL.' }, false],
    [{ stratum: 5, refid: 'LOCL' }, false],
    [{ stratum: 9, refid: '127.127.1.0' }, false],
    [{ stratum: 8, refid: '127.127.1.1' }, false],
    [{ stratum: 5, refid: '127.0.0.1' }, false],
    // of a clock that is said to be true by hand, of another driver, of one that has just begun, of a server's own address
    [{ stratum: 2, refid: 'LOCAL(1)' }, true],
    [{ stratum: 4, refid: '127.0.0.1' }, true],
    [{ stratum: 6, refid: '127.127.20.0' }, true],
    [{ stratum: 6, refid: '.INIT.' }, true],
    [{ stratum: 6, refid: '.RATE.' }, true],
    [{ stratum: 6, refid: '127.0.0.10' }, true],
    [{ stratum: 6, refid: null }, true],
    [{ stratum: null, refid: 'LOCAL(0)' }, null],
    [{ stratum: null }, null],
    [{ reach: null }, null],
    [{ reach: 0 }, false],
    [{ tally: 'x' as const }, false],
    // of a daemon that does not tell what it selects
    [{ tally: null }, false],
    [{ remote: 'LOCAL(0)' }, false],
  ])('%j is usable: %s', (given, expected) => expect(isUsable(source('10.0.1.5', given))).toBe(expected));

  it('of the local clock counts for none of the sources that are heard', () => {
    const { measures } = judge(collected({ sources: [peer, other, source('LOCAL(0)', { type: 'l', stratum: 10 })] }));
    expect(measures).toMatchObject({ reachableSources: 2, usableSources: 2, reachRatio: 1 });
  });
});

describe('the time service', () => {
  const known = [TIME_SERVICE, 'fd00:ec2::123'];

  it.each([
    [TIME_SERVICE, { ipv4: null, ipv6: ['fd00::1'] }, true],
    [TIME_SERVICE, { ipv4: '10.0.1.9', ipv6: ['fd00::1'] }, false],
    [TIME_SERVICE, { ipv4: null, ipv6: [] }, false],
    ['fd00:ec2::123', { ipv4: '10.0.1.9', ipv6: [] }, true],
    ['fd00:ec2::123', { ipv4: '10.0.1.9', ipv6: ['fd00::1'] }, false],
    ['fd00:ec2::123', { ipv4: null, ipv6: [] }, false],
    ['10.0.2.5', { ipv4: null, ipv6: ['fd00::1'] }, false],
    ['a.name', { ipv4: null, ipv6: ['fd00::1'] }, false],
  ])('%s is out of reach for a host of %j: %s', (remote, addresses, expected) => {
    expect(isOutOfReach(source(remote), known, addresses)).toBe(expected);
  });

  const at = (remote: string, given: Parameters<typeof source>[1]) => source(remote, given);
  it.each([
    [
      'heard more often',
      at(TIME_SERVICE, { reach: 0o17, delayMs: 0.1 }),
      at('fd00:ec2::123', { reach: 0o37, delayMs: 9 }),
    ],
    ['nearer', at(TIME_SERVICE, { delayMs: 0.3 }), at('fd00:ec2::123', { delayMs: 0.2 })],
    ['of known delay', at(TIME_SERVICE, { delayMs: null }), at('fd00:ec2::123', { delayMs: 5 })],
    ['first by name', at('fd00:ec2::123', { delayMs: null }), at(TIME_SERVICE, { delayMs: null })],
    ['heard at all', at(TIME_SERVICE, { reach: 0 }), at('fd00:ec2::123', { reach: 1 })],
    ['fresh', at(TIME_SERVICE, { reach: 0o200, whenSeconds: 901 }), at('fd00:ec2::123', { reach: 1 })],
    ['of known reach', at(TIME_SERVICE, { reach: null }), at('fd00:ec2::123', { reach: 1 })],
    ['of known offset', at(TIME_SERVICE, { offsetMs: null }), at('fd00:ec2::123', { delayMs: 5 })],
    ['of the service', at('10.0.2.5', { delayMs: 0 }), at('fd00:ec2::123', { delayMs: 5 })],
  ])('is told by the row that is %s, wherever it stands', (_, worse, better) => {
    expect(timeServiceSource([worse, better], known)).toBe(better);
    expect(timeServiceSource([better, worse], known)).toBe(better);
  });

  it.each([
    ['heard too long ago', { whenSeconds: 901 }],
    ['heard nobody knows when, or whether', { reach: null, whenSeconds: null }],
    ['whose register is not known, heard too long ago', { reach: null, whenSeconds: 901 }],
  ])('tells nothing by a row %s', (_, given) => {
    expect(timeServiceSource([source(TIME_SERVICE, given)], known)).toBeNull();
  });

  it('tells nothing by other rows', () => {
    expect(timeServiceSource([source('10.0.2.5'), source('a.name')], known)).toBeNull();
  });
});

it('rows have an order of their own: by remote, then by the rest', () => {
  const [first, second] = [source('10.0.1.5', { tally: '-' }), source('10.0.2.5', { tally: '*' })];
  const again = { ...first, tally: '+' as const };
  for (const rows of [
    [second, first, again],
    [first, again, second],
  ])
    expect(rows.sort(bySource)).toEqual([again, first, second]);
});

describe('a host that listens to a broadcasting server, which it does not ask', () => {
  const listening = (given: Partial<Source>, system: Partial<SystemState> = {}) => {
    const row = source('10.0.1.5', { type: 'b', ...given });
    const { state, sentence, cause } = judge(collected({ sources: [row], system }));
    return [state, sentence.replace(/[;:] (?:bound|error bound) .*/, ''), cause];
  };

  it.each<[string, Partial<Source>, Partial<SystemState>, ReturnType<typeof listening>]>([
    [
      'selects it not yet',
      {},
      {},
      ['degraded', 'no system peer: ntpsec 1.2.2 has selected none of its 1 source.', 'no system peer'],
    ],
    [
      'hears it no more',
      { tally: ' ', reach: 0, whenSeconds: 3120 },
      {},
      ['holdover', 'heard nobody for 52 min (silent)', 'they hear nobody (silent)'],
    ],
    ['rejects it', { tally: 'x' }, {}, ['holdover', 'no majority among 1 source', 'no majority among their sources']],
    [
      'hears it say that it follows nobody',
      { tally: ' ', stratum: 16 },
      {},
      [
        'holdover',
        'the sources that ntpsec 1.2.2 hears are unsynchronised (stratum 16), 1 source in all',
        'their sources are unsynchronised',
      ],
    ],
    [
      'rejects it, and follows itself',
      { tally: 'x' },
      { refid: 'LOCAL(0)' },
      [
        'holdover',
        'follows its own undisciplined clock, hears 1 source and selects none (local clock)',
        'they follow their own undisciplined clocks (local clock)',
      ],
    ],
  ])('and %s has a source', (_, given, system, expected) => {
    expect(listening(given, system)).toEqual(expected);
  });
});
