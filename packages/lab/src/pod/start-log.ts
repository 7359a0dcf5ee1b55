const STILL_EVERY_MS = 15_000;

/** Lines of a start, each step with the seconds since it began: ` 4.2 s  packaged   …`. */
export class StartLog {
  readonly #print: (line: string) => void;
  #still: NodeJS.Timeout | undefined;

  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  /** @param next what is under way from now on; told again and again while it takes long. */
  done(verb: string, what: string, next: string | null): void {
    this.#line(verb, what);
    clearInterval(this.#still);
    if (next === null) return;
    this.#still = setInterval(() => this.#line('still', `${next}: this machine is slow, or busy`), STILL_EVERY_MS);
    this.#still.unref();
  }

  end(): void {
    clearInterval(this.#still);
  }

  #line(verb: string, what: string): void {
    this.#print(`${(performance.now() / 1000).toFixed(1).padStart(6)} s  ${verb.padEnd(10)}  ${what}`);
  }
}
