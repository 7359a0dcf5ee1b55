/** A clock that stands apart from where the witness's other sources agree. */
export interface Accusation {
  clock: string;
  /** By how much at least; positive when the clock is ahead. Its size is over the limit. */
  offMs: number;
  /** By how much it is off the true time at the most, which is somewhere where the others agree; not signed. */
  mostMs: number;
}

/**
 * What one host says of the clocks that it hears.
 *
 * `silent`: it has fewer than three to compare, some of its rows are not known, or its clock is still being set. `abstains`: no more than
 * half of its clocks agree, so that it cannot tell who is wrong. `testifies`: of each of `clocks`, that it stands where the others agree,
 * or that it does not; `cleared`: whom of them it would not accuse either were all rows just heard. A row says less
 * the older it is, so that one that stands 25 ms off is no more accused a quarter of an hour later (15 ppm of 900 s are 13.5 ms, on either side). `uncompared`: whom it hears besides and can neither accuse nor find right. `together`: whom of these it sees stand with
 * most of its rows, though it cannot tell who is wrong where one stands apart.
 */
export type Testimony = { uncompared: readonly string[] } & (
  | { kind: 'silent'; together: readonly string[] }
  | { kind: 'abstains'; together: readonly string[]; clocks: number; agreeing: number }
  | { kind: 'testifies'; clocks: readonly string[]; cleared: readonly string[]; against: readonly Accusation[] }
);
