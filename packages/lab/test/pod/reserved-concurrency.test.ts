import { describe, expect, it } from '@jest/globals';
import { ReservedConcurrency } from '../../src/pod/reserved-concurrency.ts';

/** Runs that end when they are told to. */
function createRuns(limit: ReservedConcurrency) {
  const started: string[] = [];
  const ends = new Map<string, { resolve: () => void; reject: (error: Error) => void }>();
  return {
    started,
    start: (functionName: string, name: string) =>
      limit.run(functionName, () => {
        started.push(name);
        return new Promise<string>((resolve, reject) => ends.set(name, { resolve: () => resolve(name), reject }));
      }),
    end: (name: string) => ends.get(name)?.resolve(),
    fail: (name: string) => ends.get(name)?.reject(new Error(name)),
  };
}

describe('reserved concurrency', () => {
  it('lets so many runs of a function go, and the others after them in their order', async () => {
    const { started, start, end, fail } = createRuns(new ReservedConcurrency(2));
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => start('tick', name));
    expect(started).toEqual(['a', 'b']);
    end('b');
    expect(await b).toBe('b');
    expect(started).toEqual(['a', 'b', 'c']);
    fail('a');
    await expect(a).rejects.toThrow('a');
    expect(started).toEqual(['a', 'b', 'c', 'd']);
    end('c');
    end('d');
    expect(await Promise.all([c, d])).toEqual(['c', 'd']);
  });

  it('counts each function by itself, and gives free places back', async () => {
    const { started, start, end } = createRuns(new ReservedConcurrency(1));
    const first = start('tick', 'a');
    const other = start('config', 'b');
    expect(started).toEqual(['a', 'b']);
    end('a');
    end('b');
    await Promise.all([first, other]);
    const again = start('tick', 'c');
    expect(started).toEqual(['a', 'b', 'c']);
    end('c');
    expect(await again).toBe('c');
  });
});
