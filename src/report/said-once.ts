import type { Report } from './report.ts';

/** What stands in an answer beside its sentences: without what they say already. */
export const saidOnce = {
  entries: <E extends { sentence: string }>(entries: readonly E[]): Omit<E, 'sentence'>[] =>
    entries.map(({ sentence: _, ...entry }) => entry),

  clocks: ({ contradicted: _, ...clocks }: NonNullable<Report['clocks']>) => clocks,
};
