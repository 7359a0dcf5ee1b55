/** What of an element is kept, by name: only some of what is in it again, or whole where its content is wanted. */
export interface Kept {
  readonly [element: string]: Kept | IsWanted;
}

type IsWanted = (content: string) => boolean;

/**
 * The text without what is not kept of the one `<root>` in it: the SDK's parser takes ten times as long for an element as it
 * takes to leave it out. It reads texts as AWS writes them: no attributes, comments or CDATA below the root, and, but for those
 * that `kept` goes into, no element within one of its own name. Of any other text the parser is left to say what is wrong: it is
 * given back as it came. Decision 0071.
 */
export function prunedXml(xml: string, root: string, kept: Kept): string {
  const opening = `<${root}>`;
  const start = xml.indexOf(opening);
  if (start < 0) return xml;
  const pruning = new Pruning(xml);
  const end = pruning.element(start + opening.length, root, kept);
  return end === null ? xml : pruning.textBefore(xml.length);
}

class Pruning {
  private pruned = '';
  /** All before is in `pruned`, or left out. */
  private taken = 0;

  constructor(private readonly xml: string) {}

  /** Goes through what is in an element; answers where its end tag ends, null where there is none. */
  element(from: number, name: string, kept: Kept): number | null {
    let at: number | null = from;
    while (at !== null) {
      const start = this.xml.indexOf('<', at);
      const close = this.xml.indexOf('>', start);
      if (start < 0 || close < 0) return null;
      const tag = this.xml.slice(start + 1, close);
      if (tag === `/${name}`) return close + 1;
      if (!NAME.test(tag)) return null;
      at = this.child(start, close + 1, tag, kept);
    }
    return null;
  }

  /** What is kept up to there. */
  textBefore(end: number): string {
    return this.pruned + this.xml.slice(this.taken, end);
  }

  private child(start: number, opened: number, tag: string, kept: Kept): number | null {
    const isEmpty = tag.endsWith('/');
    const wanted = kept[isEmpty ? tag.slice(0, -1) : tag];
    if (typeof wanted === 'object' && !isEmpty) return this.element(opened, tag, wanted);
    const endTag = isEmpty ? '' : `</${tag}>`;
    const closing = isEmpty ? opened : this.xml.indexOf(endTag, opened);
    if (closing < 0) return null;
    const end = closing + endTag.length;
    const isKept = typeof wanted === 'function' ? wanted(this.xml.slice(opened, closing)) : wanted !== undefined;
    if (!isKept) {
      this.pruned = this.textBefore(start);
      this.taken = end;
    }
    return end;
  }
}

/** Of an element, with a slash where it is empty. */
const NAME = /^[A-Za-z][A-Za-z0-9]*\/?$/;
