import { describe, expect, it } from '@jest/globals';
import { listSharer, objectSharer } from '../../src/diagnosis/shared-values.ts';

describe('lists of many hosts', () => {
  it('are one where they are the same', () => {
    const shared = listSharer();
    const first = shared(['10.0.1.5', '10.0.2.5']);
    expect(shared(['10.0.1.5', '10.0.2.5'])).toBe(first);
    expect(shared(['10.0.2.5', '10.0.1.5'])).toEqual(['10.0.2.5', '10.0.1.5']);
    expect(shared(['10.0.1.5', '10.0.3.5'])).toEqual(['10.0.1.5', '10.0.3.5']);
    expect(shared([])).toEqual([]);
  });

  it('are told apart by what stands in them, not by how they read', () => {
    const shared = listSharer();
    shared(['a b', 'c']);
    expect(shared(['a', 'b c'])).toEqual(['a', 'b c']);
    expect(shared(['a b c'])).toEqual(['a b c']);
    shared([]);
    expect(shared([''])).toEqual(['']);
  });

  it('are kept up to fifty; then all are forgotten, and the next are kept', () => {
    const shared = listSharer();
    const first = shared(['0']);
    for (let number = 1; number < 50; number += 1) shared([`${number}`]);
    expect(shared(['0'])).toBe(first);
    const next = shared(['50']);
    expect(shared(['0'])).not.toBe(first);
    expect(shared(['50'])).toBe(next);
  });

  it('stay themselves when there are more than are kept', () => {
    const shared = listSharer();
    for (let number = 0; number < 3000; number += 1) expect(shared([`${number}`])).toEqual([`${number}`]);
  });
});

describe('objects of many hosts', () => {
  it('are one where all their fields are the same', () => {
    const shared = objectSharer<{ names: readonly string[]; peer: string | null }>();
    const names = ['a'];
    const first = shared({ names, peer: 'a' });
    expect(shared({ names, peer: 'a' })).toBe(first);
    expect(shared({ names, peer: null })).toEqual({ names, peer: null });
    expect(shared({ names: ['b'], peer: 'a' })).toEqual({ names: ['b'], peer: 'a' });
  });

  it('are told apart by lists that are not one', () => {
    const shared = objectSharer<{ names: readonly string[] }>();
    const first = shared({ names: ['a'] });
    expect(shared({ names: ['a'] })).not.toBe(first);
  });
});
