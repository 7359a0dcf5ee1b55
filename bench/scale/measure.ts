import type { Functions } from './functions.ts';

/** One line of the table. */
export interface Row {
  measure: string;
  goal: string;
  now: string;
  /** null: shown, no goal is set. */
  holds: boolean | null;
  /** The part of the goal that no busy machine decides: calls and bytes. Left out: there is none. */
  countsHold?: boolean;
}

export interface Bench {
  functions: Functions;
  /** Hosts of the pods that are measured, rising. */
  sizes: readonly number[];
  /** Calls and bytes alone are held, of which one run tells all. */
  isShort: boolean;
}

/** What `--only NAME` chooses. */
export interface Measure {
  name: string;
  /** `--short` leaves it out: it takes long at any size, or says nothing of a small pod. */
  wholeOnly?: true;
  rows(bench: Bench): AsyncIterable<Row>;
}

export const hosts = (size: number): string => size.toLocaleString('en');
export const seconds = (ms: number): string => `${(ms / 1000).toFixed(ms < 1000 ? 2 : 1)} s`;
export const megabytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MB`;

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** Two things measured right after one another, in the same unit. */
export interface Pair {
  subject: number;
  baseline: number;
}

/** How much more the subject takes: a pair that something else disturbs is but one of many. */
export function medianRatio(pairs: readonly Pair[]): number {
  return median(pairs.map(({ subject, baseline }) => subject / baseline));
}

/** The least of several runs: what a busy machine adds is not the program's. */
export const least = (values: readonly number[]): number => Math.min(...values);
