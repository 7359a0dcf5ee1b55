import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { textOf, withoutNumbers } from '../../src/report/texts.ts';

describe('what rows say in common', () => {
  it.each<[string, string, number[]]>([
    ['leap alarm', 'leap alarm', []],
    [
      'clock error bound 1081.5 ms is over the limit of 200 ms.',
      'clock error bound # ms is over the limit of 200 ms.',
      [1081.5],
    ],
    [
      'not confident: offset -80 ms (limit 50 ms), error bound 212 ms (limit 200 ms).',
      'not confident: offset # ms (limit 50 ms), error bound # ms (limit 200 ms).',
      [-80, 212],
    ],
    [
      'source 10.0.1.5 heard 7 of its last 8 polls; source 2001:db8::5 heard 3 of its last 8 polls.',
      'source 10.0.1.5 heard # of its last 8 polls; source 2001:db8::5 heard # of its last 8 polls.',
      [7, 3],
    ],
    ['1 falseticker: 10.0.1.5 (offset 350 ms).', '# falseticker: 10.0.1.5 (offset # ms).', [1, 350]],
    ['ntpsec 1.2.2 is 007 s old, 1.50 of 9007199254740993', 'ntpsec 1.2.2 is 007 s old, 1.50 of 9007199254740993', []],
    ['a # of its own, and 7 polls', 'a # of its own, and 7 polls', []],
  ])('of %s is %s', (sentence, text, numbers) => {
    expect(withoutNumbers(sentence)).toEqual({ text, numbers });
  });

  it('is put together again as it was, whatever it says', () => {
    const word = fc.oneof(fc.string(), fc.constantFrom('#', '-1', '80.50', '80.5', '(limit 50 ms)', '-0', '1e3'));
    const sentence = fc
      .array(fc.oneof(word, fc.double().map(String)), { maxLength: 8 })
      .map((words) => words.join(' '));
    fc.assert(
      fc.property(fc.oneof(fc.string(), sentence), (text) => {
        const split = withoutNumbers(text);
        const stored = JSON.parse(JSON.stringify([1, ...split.numbers]));
        expect(textOf(stored, ['another', split.text])).toBe(text);
      }),
    );
  });
});
