/** What rows have in common, each once; a row names its place. */
export class Table<T> {
  readonly all: T[] = [];
  readonly #places = new Map<unknown, number>();

  /** `key`: what two of them are the same by. */
  placeOf(key: unknown, each: T): number {
    const known = this.#places.get(key);
    if (known !== undefined) return known;
    this.#places.set(key, this.all.length);
    return this.all.push(each) - 1;
  }
}
