/** When a run must have answered, as what is left of it. */
export interface Deadline {
  /** Milliseconds left until the run must have answered; never below 0. */
  leftMs(): number;
}
