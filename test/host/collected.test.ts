import { describe, expect, it } from '@jest/globals';
import { parseCollected } from '../../src/host/collect.ts';
import { untilCut } from '../../src/host/truncation.ts';
import { judge } from '../builders/sightings.ts';

const ROW = '*10.66.0.53      169.254.169.123  3 u    3    8  377   0.0603   0.0237   0.0017';
const HEAD = '     remote           refid      st t when poll reach   delay   offset   jitter';

/** What collect prints of a settled ntpsec, with these lines of its head. */
const answer = (...head: string[]) =>
  ['podtime-collect 1', 'found ntpsec 1.2.2', ...head, 'sources ntpq', HEAD, ROW, 'end', ''].join('\n');
const read = (...head: string[]) => parseCollected(answer(...head));
const faultsOf = (...head: string[]) => read(...head)?.faults.map(({ line, field, reason }) => [line, field, reason]);

describe('the names of the file', () => {
  it('are read as DNS spells them, each once, in their order', () => {
    expect(read('names NTP.az-b.POD. ntp.az-a.pod ntp.az-b.pod _x a')?.configNames).toEqual([
      'ntp.az-b.pod',
      'ntp.az-a.pod',
      '_x',
      'a',
    ]);
  });

  it.each(['-a', 'a-', 'a/b', 'a..', '.', `${'a'.repeat(254)}`])('are not %j', (word) => {
    expect(read(`names ${word} ntp.az-b.pod`)?.configNames).toEqual(['ntp.az-b.pod']);
    expect(faultsOf(`names ${word}`)).toEqual([[3, 'configNames', 'not a name of a host']]);
  });

  it('have 253 characters at most', () => {
    const longest = 'a'.repeat(253);
    expect(read(`names ${longest}`)).toMatchObject({ configNames: [longest], faults: [] });
  });

  it('are five hundred at most', () => {
    const names = Array.from({ length: 501 }, (_, n) => `h${n}`);
    expect(read(`names ${names.slice(0, 500).join(' ')}`)?.faults).toEqual([]);
    const some = read(`names ${names.join(' ')}`);
    expect(some?.configNames).toEqual(names.slice(0, 500));
    expect(some?.faults).toMatchObject([
      { line: 3, field: 'configNames', reason: '501 words, of which only the first 500 are read' },
    ]);
  });
});

describe('the addresses of the file', () => {
  it('are canonical, each once', () => {
    expect(read('literals ::ffff:10.0.0.1 10.0.0.1 FD00:0:0::1')?.configAddresses).toEqual(['10.0.0.1', 'fd00::1']);
  });

  it('are addresses', () => {
    expect(faultsOf('literals 10.0.0 10.0.0.2')).toEqual([[3, 'configAddresses', 'not an address']]);
  });

  it('are five hundred at most', () => {
    const words = Array.from({ length: 501 }, (_, n) => `10.0.${n >> 8}.${n & 255}`);
    expect(faultsOf(`literals ${words.join(' ')}`)).toEqual([
      [3, 'configAddresses', '501 words, of which only the first 500 are read'],
    ]);
  });
});

describe('what the host left out, as SSM keeps so little', () => {
  const fault = (what: string, many = 3) => `${many} ${what} were left out, as SSM keeps 2,400 bytes`;

  it.each([
    ['rows', null],
    ['names', 'configNames'],
    ['literals', 'configAddresses'],
  ])('%s: is a fault', (what, field) => {
    expect(faultsOf(`left-out 3 ${what}`)).toEqual([[3, field, fault(what)]]);
    expect(faultsOf(`left-out 3 ${what}  `)).toEqual([[3, field, fault(what)]]);
    expect(faultsOf(`left-out 123456 ${what}`)).toEqual([[3, field, fault(what, 123_456)]]);
  });

  it.each([
    'left-out 3 wheels',
    'left-out rows',
    'left-out 3 rows more',
    'left-out 1234567 rows',
    'and left-out 3 rows',
    'left-out left-out 3 rows',
  ])('is not said by %j', (line) => expect(faultsOf(line)).toEqual([[3, null, 'not a line of the collect document']]));

  it('makes a literal address of whatever it polls, once', () => {
    expect(read('literals 10.0.0.1 10.66.0.53', 'left-out 1 literals')?.configAddresses).toEqual([
      '10.0.0.1',
      '10.66.0.53',
    ]);
    expect(read('literals 10.0.0.1', 'left-out 1 literals')?.configAddresses).toEqual(['10.0.0.1', '10.66.0.53']);
    expect(read('literals 10.0.0.1', 'left-out 1 names')?.configAddresses).toEqual(['10.0.0.1']);
    const unnamed = answer('left-out 1 literals').replace('*10.66.0.53     ', ' ntp.az-b.pod   ');
    expect(parseCollected(unnamed)?.configAddresses).toEqual([]);
  });
});

describe('a shortened answer', () => {
  it('has the domain that stands behind its names', () => {
    expect(read('domain POD', 'names ntp.az-b.~ ntp.az-c.pod x~')?.configNames).toEqual([
      'ntp.az-b.pod',
      'ntp.az-c.pod',
    ]);
    expect(read('names ntp.az-b.~')?.configNames).toEqual([]);
  });

  it('has it behind the names that it polls, too', () => {
    const polled = (...head: string[]) =>
      parseCollected(answer(...head).replace('*10.66.0.53     ', ' ntp.az-b.~     '))?.sources.map(
        ({ remote }) => remote,
      );
    expect(polled('domain pod')).toEqual(['ntp.az-b.pod']);
    expect(polled()).toEqual(['ntp.az-b.~']);
  });

  it('has a domain that is one', () => {
    expect(faultsOf('domain -pod')).toEqual([[3, 'configNames', 'not a domain']]);
  });
});

describe('a number of seconds', () => {
  it.each([
    ['age -', null, []],
    ['age 0', 0, []],
    ['age 4294967296', 2 ** 32, []],
    ['age 4294967297', null, [[3, 'ageSeconds', 'outside 0 to 4294967296']]],
    ['age x', null, [[3, 'ageSeconds', 'not a whole number']]],
    ['age', null, [[3, 'ageSeconds', 'not a whole number']]],
  ])('%s', (line, seconds, faults) => {
    expect(read(line)?.ageSeconds).toBe(seconds);
    expect(faultsOf(line)).toEqual(faults);
  });

  it.each([
    ['cycled -', null, []],
    ['cycled 7', 7, []],
    ['cycled yesterday', null, [[3, 'cycledSecondsAgo', 'not a whole number']]],
  ])('%s', (line, seconds, faults) => {
    expect(read(line)?.cycledSecondsAgo).toBe(seconds);
    expect(faultsOf(line)).toEqual(faults);
  });
});

describe('the revision', () => {
  it.each([
    ['revision -', null, []],
    ['revision 01234567', '01234567', []],
    [`revision ${'f'.repeat(64)}`, 'f'.repeat(64), []],
    ['revision 0123456', null, [[3, 'configRevision', 'not a revision, 8 to 64 hex digits']]],
    [`revision ${'f'.repeat(65)}`, null, [[3, 'configRevision', 'not a revision, 8 to 64 hex digits']]],
    ['revision 01234567 8', null, [[3, 'configRevision', 'not a revision, 8 to 64 hex digits']]],
  ])('%s', (line, revision, faults) => {
    expect(read(line)?.configRevision).toBe(revision);
    expect(faultsOf(line)).toEqual(faults);
  });
});

describe('a line', () => {
  it('of another document is a fault, and so is a second of one kind', () => {
    expect(faultsOf('age 7', 'age 9', 'weather fine')).toEqual([
      [4, null, 'a second age line'],
      [5, null, 'not a line of the collect document'],
    ]);
    expect(read('age 7', 'age 9')?.ageSeconds).toBe(7);
  });

  it('that opens a part a second time is a fault, and rows may be missing', () => {
    const rows = '^,*,10.0.1.5,3,6,377,13,0.000021,0.000021,0.000100';
    const text = `podtime-collect 1\nfound chrony 4.3\nsources chronyc\nsources chronyc\n${rows}\nend\n`;
    expect(parseCollected(text)).toMatchObject({
      sources: [],
      faults: [{ line: 4, field: null, text: 'sources chronyc', reason: 'a second sources section' }],
    });
    expect(judge(parseCollected(text)).findings).not.toContain('holdover');
  });

  it('behind the end is a fault, the first of them alone', () => {
    const made = parseCollected(`${answer()}one\ntwo\n`);
    expect(made).toMatchObject({
      truncated: false,
      faults: [{ line: 7, text: 'one', reason: 'stands behind the end' }],
    });
  });

  it('may end in spaces', () => {
    const text = answer('age 7').replaceAll('\n', '  \n');
    expect(parseCollected(text)).toMatchObject({ ageSeconds: 7, truncated: false, faults: [] });
  });

  it('of trouble is told by its first words', () => {
    const made = read(`trouble   ntpq: ${'x'.repeat(300)}`);
    expect(made?.faults[0]).toMatchObject({
      line: 3,
      field: null,
      reason: expect.stringMatching(/^the query tool failed: ntpq: x{74}/),
    });
  });
});

describe('the version', () => {
  it.each([
    ['ntpsec', null],
    ['ntpsec -', null],
    ['ntpsec 1.2.2', '1.2.2'],
    [`ntpsec ${'9'.repeat(65)}`, '9'.repeat(64)],
  ])('found %s', (found, version) => {
    const text = answer().replace('found ntpsec 1.2.2', `found ${found}`);
    expect(parseCollected(text)?.daemon).toEqual({ kind: 'ntpsec', version });
  });

  it.each([
    ['4.2.8p6', 'fd00:10:0:1::12'],
    ['4.2.8', 'fd00:10:0:1::12'],
    ['4.3.0', 'fd00:10:0:1::12'],
    ['5.0.0', 'fd00:10:0:1::12'],
    ['10.0.0', 'fd00:10:0:1::12'],
    ['4.10.0', 'fd00:10:0:1::12'],
    ['4.2.10', 'fd00:10:0:1::12'],
    ['4.2.7', null],
    ['4.1.9', null],
    ['3.9.9', null],
    ['unknown', null],
    ['v4.2.8', null],
  ])('%s of classic: an address that fills its column is %s, as ntpq may have cut it', (version, address) => {
    const text = answer()
      .replace('found ntpsec 1.2.2', `found ntpd ${version}`)
      .replace('*10.66.0.53     ', '*fd00:10:0:1::12');
    expect(parseCollected(text)?.sources[0]?.address).toBe(address);
  });
});

describe('the line of what was found', () => {
  it.each(['found', 'found clockspeed 7', ''])('%j names no daemon that podtime knows: nothing is known', (line) => {
    expect(parseCollected(answer().replace('found ntpsec 1.2.2', line))).toBeNull();
  });

  it('is shown escaped, in whole and its version, and both are faults', () => {
    const made = parseCollected(answer().replace('1.2.2', '1\u001b2'));
    expect(made).toMatchObject({ found: 'ntpsec 1\\u{1b}2', daemon: { version: '1\\u{1b}2' } });
    expect(made?.faults.map(({ line, field }) => [line, field])).toEqual([
      [2, 'version'],
      [2, 'found'],
    ]);
  });
});

describe('a section', () => {
  it.each(['a system ntpq', 'system ntpq now', 'system ntpdc'])('is not begun by %j', (line) => {
    expect(faultsOf(line)?.[0]).toEqual([3, null, 'not a line of the collect document']);
  });

  it('that comes twice counts once, the first', () => {
    const twice = answer().replace('end\n', `sources ntpq\n${HEAD}\n${ROW.replace('.53', '.54')}\nend\n`);
    expect(parseCollected(twice)?.sources.map(({ remote }) => remote)).toEqual(['10.66.0.53']);
  });
});

describe('what the agent cut', () => {
  it.each(['\n---Output truncated---', '---Output truncated---', '--output truncated--'])('%j', (mark) => {
    expect(untilCut(`abc${mark}def`)).toEqual({ text: 'abc', isCut: true });
    expect(untilCut(mark)).toEqual({ text: '', isCut: true });
  });

  it('ends at the first mark, and is nothing where there is none', () => {
    expect(untilCut('a--output truncated--b---Output truncated---')).toEqual({ text: 'a', isCut: true });
    expect(untilCut('a---Output truncated---b--output truncated--')).toEqual({ text: 'a', isCut: true });
    expect(untilCut('abc')).toEqual({ text: 'abc', isCut: false });
    expect(untilCut('was truncated--')).toEqual({ text: 'was truncated--', isCut: false });
  });
});
