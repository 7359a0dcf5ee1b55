/** As a function's reserved concurrency does: so many of its runs go at once, and events that come meanwhile wait in order. */
export class ReservedConcurrency {
  readonly #most: number;
  readonly #functions = new Map<string, { running: number; waiting: (() => void)[] }>();

  /** @param most runs of one function at once. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Answers what `run` does, once it had its turn. */
  async run<T>(functionName: string, run: () => Promise<T>): Promise<T> {
    const runs = this.#functions.get(functionName) ?? { running: 0, waiting: [] };
    this.#functions.set(functionName, runs);
    if (runs.running < this.#most) runs.running += 1;
    else await new Promise<void>((resolve) => runs.waiting.push(resolve));
    try {
      return await run();
    } finally {
      // whoever waits longest takes over the place
      const next = runs.waiting.shift();
      if (next) next();
      else runs.running -= 1;
    }
  }
}
