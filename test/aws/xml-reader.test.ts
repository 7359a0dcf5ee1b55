import { describe, expect, it } from '@jest/globals';
import { copyOf, textFrom, UnusualXml, XmlReader } from '../../src/aws/xml-reader.ts';

const within = (content: string) => new XmlReader(`${content}</set>`, 0);

/** Reads `a` as text and goes through `b`; skips the rest. */
function read(xml: XmlReader, parent = 'set'): unknown[] {
  const found: unknown[] = [];
  for (let name = xml.child(parent); name !== null; name = xml.child(parent)) {
    if (name === 'a') found.push(xml.text());
    else if (name === 'b') found.push(read(xml, 'b'));
    else xml.skip();
  }
  return found;
}

describe('elements', () => {
  it('come in order, read, gone through or skipped, and the reader stands behind the end tag', () => {
    const xml = new XmlReader('<a>1</a><c><d>2</d><e/></c><b><a>3</a><c/></b><a>é</a></set><next>', 0);
    expect(read(xml)).toEqual(['1', ['3'], 'é']);
    expect(xml.at).toBe('<a>1</a><c><d>2</d><e/></c><b><a>3</a><c/></b><a>é</a></set>'.length);
  });

  it('may be empty, written either way', () => {
    expect(read(within('<a/><b/><c/><a></a><b></b><c></c><a>1</a>'))).toEqual(['', [], '', [], '1']);
  });

  it('are skipped with what they hold, however deep, also of names that are wanted', () => {
    expect(read(within('<c><b><a>1</a></b><d><a/></d></c><a>2</a>'))).toEqual(['2']);
  });

  it('may stand on lines of their own', () => {
    expect(read(within('\n  <a>1</a>\n  <b>\n  </b>\n  <c>\n    <d>2</d>\n  </c>\n'))).toEqual(['1', []]);
  });

  it('tell the text of one child', () => {
    expect(within('<x><y>1</y></x><a>2</a>').textOf('set', 'a')).toBe('2');
    expect(within('<x/>').textOf('set', 'a')).toBeUndefined();
  });
});

it('may hold the characters of comments and instructions for themselves', () => {
  expect(read(within('<c>!a ?b</c><a>!-- ?</a>'))).toEqual(['!-- ?']);
});

describe('a text', () => {
  it('has the five entities of XML for their characters', () => {
    expect(read(within('<a>&lt;R&amp;D&gt; &quot;x&apos; &amp;lt;</a>'))).toEqual([`<R&D> "x' &lt;`]);
  });

  it('has a character for its number, hexadecimal or decimal', () => {
    expect(read(within('<a>caf&#xE9; &#233; &#x26;amp; &#55357;&#56658;</a>'))).toEqual(['café é &amp; 🕒']);
  });

  it('may be of several lines, each of which ends alike', () => {
    expect(read(within('<a>1\n2\r\n3\r4\t</a>'))).toEqual(['1\n2\n3\n4\t']);
  });

  it('is empty where there are only empty lines, and stays as it is where there are only blanks', () => {
    expect(read(within('<a>\n  </a><a>&#10;</a><a> \t</a>'))).toEqual(['', '', ' \t']);
  });

  it('is not looked at before it is wanted', () => {
    const xml = within('<a>R&D &bogus;</a><b/>');
    xml.child('set');
    const raw = xml.raw();
    expect(raw).toBe('R&D &bogus;');
    expect(() => textFrom(raw)).toThrow(UnusualXml);
    expect(xml.child('set')).toBe('b');
  });

  it('can be copied, whatever is in it', () => {
    expect(['', 'é', '時刻', '🕐', 'i-0123456789abcdef0'].map(copyOf)).toEqual([
      '',
      'é',
      '時刻',
      '🕐',
      'i-0123456789abcdef0',
    ]);
  });
});

it.each([
  ['without an end', '<a>1</a>'],
  ['cut in a tag', '<a>1</a'],
  ['cut in a text', '<a>1'],
  ['cut in what is skipped', '<c><d>1</d>'],
  ['cut in a tag that is skipped', '<c><d>1</d></c'],
  ['whose tags are crossed', '<b><a>1</b></a></set>'],
  ['that ends by another tag', '<a>1</a></sets>'],
  ['with a longer end tag', '<a>1</aa></set>'],
  ['with a longer end tag of what is skipped', '<c>1</cc></set>'],
  ['with children where a text is wanted', '<a>1<c/></a></set>'],
  ['with a text beside elements', '<a>1</a>x<a>2</a></set>'],
  ['with a text behind the last of its elements', '<a>1</a>></set>'],
  ['with a comment', '<!-- <a>1</a> --></set>'],
  ['with CDATA', '<![CDATA[<a>1</a>]]></set>'],
  ['with an instruction', '<?x?></set>'],
  ['with a comment in what is skipped', '<c><!-- </c><a>1</a><c> --></c></set>'],
  ['with CDATA in what is skipped', '<c>! <![CDATA[</c><a>1</a><c>]]></c></set>'],
  ['with an instruction in what is skipped', '<c>? <?x </c><a>1</a><c> ?></c></set>'],
  ['with an attribute', '<a type="x">1</a></set>'],
  ['with an attribute of an empty element', '<a type="x"/></set>'],
  ['with an entity that is none of XML', '<a>&eacute;</a></set>'],
  ['with an entity of no number', '<a>&#;</a></set>'],
  ['with an entity of too long a number', '<a>&#12345678;</a></set>'],
  ['with half a character', '<a>&#xD83D;</a></set>'],
  ['with & for itself', '<a>R&D</a></set>'],
])('an element %s is unusual', (_, xml) => {
  expect(() => read(new XmlReader(xml, 0))).toThrow(UnusualXml);
});
