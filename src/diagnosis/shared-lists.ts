/** The hosts of a pod differ in fewer; answers full of noise fill no memory, and take no long search. */
const LIST_LIMIT = 50;

/**
 * Gives one list for all that are the same: ten thousand clients of a pod have the same few servers and names, and each would keep
 * lists of its own. Nobody changes a list.
 */
export function listSharer(): (list: string[]) => string[] {
  const known: string[][] = [];
  return (list) => {
    const same = known.find((each) => each.length === list.length && each.every((text, index) => text === list[index]));
    if (same) return same;
    if (known.length >= LIST_LIMIT) known.length = 0;
    known.push(list);
    return list;
  };
}
