/** The text is not XML as AWS writes it. It has no message: the SDK, which is given the text then, says what is wrong. */
export class UnusualXml extends Error {}

/**
 * Goes from element to element and makes nothing of those that are skipped: the SDK's parser takes ten times as long. It takes XML
 * as AWS writes it: no attributes, comments or CDATA, no text beside elements, and no skipped element within one of its own name.
 * Any other text is `UnusualXml`, thrown by the constructor or whichever method meets it. Decisions 0071, 0073.
 */
export class XmlReader {
  /** Of the child that came last. */
  private name = '';
  /** It is empty (`<tagSet/>`), and was neither read nor skipped yet. */
  private isEmpty = false;

  /** `at`: where the content of an element begins; in the end, where what was read last ends. */
  constructor(
    private readonly xml: string,
    public at: number,
  ) {
    // in a comment or CDATA an end tag is none
    if (hasMarkup(xml, '!', at) || hasMarkup(xml, '?', at)) throw new UnusualXml();
  }

  /**
   * The name of the next child of an element, null behind the last. A child is read, skipped or gone through itself, by this
   * method with its name, before there is a next.
   */
  child(parent: string): string | null {
    if (this.isEmpty) {
      this.isEmpty = false;
      return null;
    }
    const start = this.xml.indexOf('<', this.at);
    const close = this.xml.indexOf('>', start);
    if (start < 0 || close < 0) throw new UnusualXml();
    if (start > this.at && !LINES.test(this.xml.slice(this.at, start))) {
      throw new UnusualXml();
    }
    this.at = close + 1;
    if (this.xml.charCodeAt(start + 1) === SLASH) {
      if (this.xml.slice(start + 2, close) !== parent) throw new UnusualXml();
      return null;
    }
    this.isEmpty = this.xml.charCodeAt(close - 1) === SLASH;
    this.name = this.xml.slice(start + 1, this.isEmpty ? close - 1 : close);
    if (!NAME.test(this.name)) throw new UnusualXml();
    return this.name;
  }

  /** What is in a child that has no children, by `textFrom`. It may be a part of the whole text, which it keeps in memory: see `copyOf`. */
  text(): string {
    return textFrom(this.raw());
  }

  /** What is in a child that has no children, as it is written: for `textFrom`, where it is wanted at all. A part of the whole text. */
  raw(): string {
    const start = this.at;
    const end = this.isEmpty ? start : this.xml.indexOf('<', start);
    this.goBehind(end);
    return this.xml.slice(start, end);
  }

  skip(): void {
    const next = this.xml.indexOf('<', this.at);
    // most have no children
    const isLeaf = this.xml.charCodeAt(next + 1) === SLASH;
    this.goBehind(isLeaf || this.isEmpty ? next : this.xml.indexOf(`</${this.name}>`, this.at));
  }

  /** A copy of the text of one child of an element, the others skipped; undefined where there is none of that name. */
  textOf(parent: string, wanted: string): string | undefined {
    let text: string | undefined;
    for (let name = this.child(parent); name !== null; name = this.child(parent)) {
      if (name === wanted) text = copyOf(this.text());
      else this.skip();
    }
    return text;
  }

  /** Goes on behind the end tag of the child, which must stand there. */
  private goBehind(end: number): void {
    if (this.isEmpty) {
      this.isEmpty = false;
      return;
    }
    const close = end + 2 + this.name.length;
    if (end < 0 || !this.xml.startsWith(this.name, end + 2) || this.xml.charAt(close) !== '>') {
      throw new UnusualXml();
    }
    this.at = close + 1;
  }
}

/** A text that keeps no longer one, which it was a part of, in memory. */
export function copyOf(text: string): string {
  return Buffer.from(text).toString();
}

/** What is written in an element, read as the SDK reads it: its entities, its line ends, and nothing where it is but empty lines. */
export function textFrom(raw: string): string {
  if (!ODD.test(raw)) return raw;
  const text = raw.replace(LINE_END, '\n').replace(ENTITY, characterOf);
  // half a character: `copyOf` would lose it
  if (LONE_SURROGATE.test(text)) throw new UnusualXml();
  return text.includes('\n') && text.trim() === '' ? '' : text;
}

/** Whether `<` and this character stand together somewhere from `at` on. The character is looked for: it is much rarer than `<`. */
function hasMarkup(xml: string, character: string, at: number): boolean {
  for (let found = xml.indexOf(character, at + 1); found >= 0; found = xml.indexOf(character, found + 1)) {
    if (xml.charAt(found - 1) === '<') return true;
  }
  return false;
}

const SLASH = 0x2f;
const NAME = /^[A-Za-z][A-Za-z0-9]*$/;
/** What may stand between elements. */
const LINES = /^\s*\n\s*$/;

/** What does not stand for itself in a text. */
const ODD = /[&\r\n]/;
const LINE_END = /\r\n?/g;
/** By its number, hexadecimal or decimal, or by its name; a `&` alone is none. */
const ENTITY = /&(?:#x([0-9a-fA-F]{1,6});|#(\d{1,7});|[a-z]+;)?/g;
const LONE_SURROGATE = /\p{Surrogate}/u;

/** Those that XML itself has. */
const ENTITIES = new Map([
  ['&amp;', '&'],
  ['&lt;', '<'],
  ['&gt;', '>'],
  ['&quot;', '"'],
  ['&apos;', "'"],
]);

/** Numbers above U+FFFF lose what is above, as with the SDK. */
function characterOf(entity: string, hexadecimal?: string, decimal?: string): string {
  if (hexadecimal !== undefined) return String.fromCharCode(Number.parseInt(hexadecimal, 16));
  if (decimal !== undefined) return String.fromCharCode(Number.parseInt(decimal, 10));
  const character = ENTITIES.get(entity);
  if (character === undefined) throw new UnusualXml();
  return character;
}
