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

/** The settings of a group that are there and sound, to be laid over the defaults. */
export function defined<T extends object>(given: T | undefined): { [Key in keyof T]: NonNullable<T[Key]> } {
  return Object.fromEntries(Object.entries(given ?? {}).filter(([, value]) => value !== undefined)) as never;
}
