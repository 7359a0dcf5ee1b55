/** Kept back of what Lambda says is left: the answer is made and logged in it, and a call that is aborted ends in it. */
export const ANSWER_RESERVE_MS = 3000;

/** When a run must have answered, as what is left of it. */
export interface Deadline {
  /** Milliseconds left until the run must have answered; never below 0. */
  leftMs(): number;
}
