import { describe, expect, it } from '@jest/globals';
import { askedWith } from '../../src/watchdog/asked-with.ts';
import { client, server } from '../builders/plan-input.ts';

const [A, B] = [server('a', 'a', {}), server('b', 'b', {})] as const;
const [C1, C2, C3, D1] = [client('1', 'a'), client('2', 'a'), client('3', 'a'), client('4', 'b')] as const;

describe('who is asked with the hosts of a look', () => {
  it.each([
    ['nobody, where none of those asked for runs', [], []],
    ['with a client the boundary servers', [C1], [A, B]],
    ['with a server the others, and clients, one of each AZ before a second', [A], [B, C1, D1, C2, C3]],
    ['nobody twice', [A, C1, D1], [B, C2, C3]],
  ])('%s', (_, asked, others) => {
    expect(askedWith(asked, [A, D1, C3, C2, C1, B])).toEqual(others);
  });

  it('50 clients at the most, of every AZ', () => {
    const many = Array.from({ length: 300 }, (_, n) => client(n.toString(16).padStart(4, '0'), n < 260 ? 'a' : 'b'));
    const azs = askedWith([A], [A, ...many]).map(({ az }) => az);
    expect(azs.toSorted()).toEqual([...Array(25).fill(C1.az), ...Array(25).fill(D1.az)]);
  });
});
