import { isDeepStrictEqual } from 'node:util';
import { expect } from '@jest/globals';

// For what a property asks many thousand times: an expectation costs far more than the comparison, and few ever fail.

/** `expect(actual).toEqual(expected)`. */
export function expectEqual(actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual).toEqual(expected);
}

/** `expect(text).toMatch(pattern)`; the pattern must not be global or sticky. */
export function expectMatch(text: string, pattern: RegExp): void {
  if (!pattern.test(text)) expect(text).toMatch(pattern);
}

/** That a number lies between two others; null, which says that there is none, passes. */
export function expectWithin(value: number | null, least: number, most: number): void {
  if (value === null || (value >= least && value <= most)) return;
  expect(value).toBeGreaterThanOrEqual(least);
  expect(value).toBeLessThanOrEqual(most);
}
