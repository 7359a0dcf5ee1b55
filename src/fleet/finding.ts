/** A fault, by where it stands in the file. */
export interface Finding {
  path: PropertyKey[];
  sentence: string;
}

/** What is left of a file once the values that are wrong by themselves are taken out: anything may be missing. */
export type Sound<T> = T extends (infer Item)[]
  ? (Sound<Item> | undefined)[]
  : T extends object
    ? { [Key in keyof T]?: Sound<T[Key]> | undefined }
    : T;

/** What settings of a group are. undefined: what was given and is wrong by itself, with which nothing is compared. */
export type Settings<D> = { [Key in keyof D]: D[Key] | undefined };

/**
 * Settings of a group, each by its default where it is missing.
 *
 * @param group null: it is wrong as a whole, and so none of its settings is known
 */
export function settingsOf<D extends object>(
  defaults: D,
  group: { [Key in keyof D]?: NonNullable<D[Key]> | undefined } | null,
): Settings<D> {
  const known: Record<string, unknown> = group === null ? {} : { ...defaults, ...group };
  return Object.fromEntries(Object.keys(defaults).map((key) => [key, known[key]])) as Settings<D>;
}

/** A group inside another, empty where it is missing; null: it was given and is wrong as a whole. */
export function groupOf<G extends object, Key extends keyof G>(
  outer: G,
  key: Key,
): Partial<NonNullable<G[Key]>> | null {
  return outer[key] ?? (Object.hasOwn(outer, key) ? null : {});
}

/** Whether both are known and the first is the lesser. */
export function isBelow(value: number | undefined, limit: number | undefined): boolean {
  return value !== undefined && limit !== undefined && value < limit;
}
