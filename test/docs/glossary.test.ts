import { expect, it } from '@jest/globals';
import { pageText } from './snippets.ts';

const rows = [...pageText('glossary.md').matchAll(/^\| \*\*(.+?)\*\* \| (.+) \|$/gm)].map(
  ([, word = '', meaning = '']) => ({
    word,
    meaning,
  }),
);
const words = rows.map(({ word }) => word);

it('the glossary has each word once, in the order of the alphabet', () => {
  expect(words.length).toBeGreaterThan(50);
  expect(words).toEqual([...new Set(words)].toSorted((a, b) => a.localeCompare(b, 'en')));
});

it('the glossary has all that confidence wants', () => {
  expect(rows.find(({ word }) => word === 'confident')?.meaning).toBe(
    'A host whose daemon has proved itself: five minutes old, no leap alarm, a fresh system peer well heard, two usable sources, within limits, not contradicted. Only confident servers make a name worth cycling for.',
  );
});
