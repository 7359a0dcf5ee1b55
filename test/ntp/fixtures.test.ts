import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { cases, PARSERS } from './cases.ts';

describe('captured and made outputs read as their reviewed expectations', () => {
  const all = cases();

  it('finds the cases', () => {
    expect(all.length).toBeGreaterThan(150);
  });

  for (const { name, kind, input, expected } of all) {
    it(`${name} (${kind})`, () => {
      const read = PARSERS[kind];
      if (read === undefined) throw new Error(`no parser reads input.${kind}.txt`);
      expect(read(input)).toEqual(JSON.parse(readFileSync(expected, 'utf8')));
    });
  }
});
