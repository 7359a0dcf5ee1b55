/** Far above what the hosts of a pod differ in; answers full of noise fill no memory. */
const LIST_LIMIT = 1000;

/**
 * Gives one list for all that are the same: ten thousand clients of a pod have the same few servers and names, and each would keep
 * lists of its own. Nobody changes a list.
 */
export function listSharer(): (list: string[]) => string[] {
  const known = new Map<string, string[]>();
  return (list) => {
    const key = list.join(' ');
    const same = known.get(key);
    // a text may hold blanks
    if (same?.length === list.length && same.every((text, index) => text === list[index])) return same;
    if (known.size >= LIST_LIMIT) known.clear();
    known.set(key, list);
    return list;
  };
}
