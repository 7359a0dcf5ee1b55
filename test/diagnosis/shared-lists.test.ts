import { describe, expect, it } from '@jest/globals';
import { listSharer } from '../../src/diagnosis/shared-lists.ts';

describe('lists of many hosts', () => {
  it('are one where they are the same', () => {
    const shared = listSharer();
    const first = shared(['10.0.1.5', '10.0.2.5']);
    expect(shared(['10.0.1.5', '10.0.2.5'])).toBe(first);
    expect(shared(['10.0.2.5', '10.0.1.5'])).toEqual(['10.0.2.5', '10.0.1.5']);
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

  it('stay themselves when there are more than are kept', () => {
    const shared = listSharer();
    for (let number = 0; number < 3000; number += 1) expect(shared([`${number}`])).toEqual([`${number}`]);
  });
});
