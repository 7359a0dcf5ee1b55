/** One thing that a verb broke, and what is said when it is mended. */
interface Broken {
  /** Of the host, the server outside or the AZ, as the hosts' backend knows it. */
  id: string;
  mended: string;
}

/** What verbs have broken and nobody has mended: so that `mend` can say, thing by thing, what it does. */
export class Damage {
  readonly #broken = new Map<string, Broken>();

  /**
   * @param how such as `drift`: broken twice in the same way a thing is mended once
   * @param mended a sentence
   */
  note(how: string, id: string, mended: string): void {
    this.#broken.set(`${how} ${id}`, { id, mended });
  }

  /** A host is gone, with all that was broken of it. */
  forget(id: string): void {
    this.take(id);
  }

  /** What was broken of one, or of all: a sentence each, in the order in which it was broken. From then on it is mended. */
  take(id?: string): string[] {
    const taken = [...this.#broken].filter(([, broken]) => id === undefined || broken.id === id);
    for (const [key] of taken) this.#broken.delete(key);
    return taken.map(([, { mended }]) => mended);
  }
}
