import { describe, expect, it } from '@jest/globals';
import { withoutDescriptions, withoutWords } from '../../infra/bundle/docs.ts';

describe('words that docs alone print', () => {
  it('are taken from the source, each line of which stays where it is', () => {
    const source = [
      'const A = described("It\'s a time", optional(NUMBER));',
      "const B = described(\n  'Of \\'C\\'',\n  object({ a: A }),\n);",
      "const M = gauge('Name', forDocs('What it is'), { key: forDocs(\n  'why',\n) });",
    ].join('\n');
    expect(withoutWords(source, 'a.ts')).toBe(
      [
        'const A = described( optional(NUMBER));',
        'const B = described(\n  \n  object({ a: A }),\n);',
        "const M = gauge('Name', forDocs(''), { key: forDocs(\n  '',\n) });",
      ].join('\n'),
    );
  });

  it.each([
    ['put together', "described('a ' + 'b', TEXT)"],
    ['a template', 'described(`a`, TEXT)'],
    ['a name', 'described(WORDS, TEXT)'],
    ['metric words that are a name', 'forDocs(WORDS)'],
    ['metric words that are put together', "forDocs('a ' + WORDS)"],
  ])('must be one literal, not %s', (_, source) => {
    expect(() => withoutWords(source, 'a.ts')).toThrow('a.ts: the words of described and forDocs must each be one');
  });

  it('leave the function that would take them', () => {
    const declared = 'function forDocs(words: string): string {\n  return words;\n}';
    expect(withoutWords(declared, 'a.ts')).toBe(declared);
  });

  it('are asked for by no builder any more', () => {
    const source =
      'export function described<S>(description: string, schema: S): S {\n  return { ...schema, description };\n}';
    expect(withoutDescriptions(source, 'a.ts')).toBe(
      `export function described(schema) { return schema; } function withDescription${source.slice('export function described'.length)}`,
    );
    expect(() => withoutDescriptions('export const a = 1;', 'a.ts')).toThrow('a.ts: there is no function described');
  });
});
