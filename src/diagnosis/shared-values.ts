/** The hosts of a pod differ in fewer; answers full of noise fill no memory, and take no long search. */
const VALUES_LIMIT = 50;

/**
 * Gives one list for all that are the same: ten thousand clients of a pod have the same few servers and names, and each would keep
 * lists of its own. Nobody changes a list.
 */
export function listSharer<T = string>(): (list: T[]) => T[] {
  return sharer((a, b) => a.length === b.length && a.every((value, index) => value === b[index]));
}

/** The same of objects of one kind: their fields are the same where they are plain values, or shared themselves. Nobody changes an object. */
export function objectSharer<T extends object>(): (object: T) => T {
  let names: (keyof T)[] | null = null;
  return sharer((a, b) => {
    names ??= Object.keys(b) as (keyof T)[];
    return names.every((name) => a[name] === b[name]);
  });
}

function sharer<T>(isSame: (a: T, b: T) => boolean): (value: T) => T {
  const known: T[] = [];
  return (value) => {
    const same = known.find((each) => isSame(each, value));
    if (same !== undefined) return same;
    if (known.length >= VALUES_LIMIT) known.length = 0;
    known.push(value);
    return value;
  };
}
