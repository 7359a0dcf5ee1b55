import { describe, expect, it } from '@jest/globals';
import { prunedXml } from '../../src/aws/pruned-xml.ts';

const always = () => true;
const KEPT = {
  item: { id: always, place: { az: always }, tags: { item: (tag: string) => tag.includes('<key>ntp-') } },
};
const answer = (items: string) =>
  `<?xml version="1.0"?>\n<Answer xmlns="http://a/"><set>${items}</set><next>t</next></Answer>`;
const pruned = (xml: string) => prunedXml(xml, 'set', KEPT);

describe('of an answer', () => {
  it('keeps what is wanted, at any depth, and all around the root', () => {
    const tags = '<tags><item><key>Name</key></item><item><key>ntp-pod</key><value>a &lt; b</value></item></tags>';
    const item = `<item><id>i-1</id><groups><item><id>sg-1</id></item></groups><place><az>a</az><azId>z1</azId></place>${tags}</item>`;
    const kept =
      '<item><id>i-1</id><place><az>a</az></place><tags><item><key>ntp-pod</key><value>a &lt; b</value></item></tags></item>';
    expect(pruned(answer(item + item))).toBe(answer(kept + kept));
  });

  it('tells an element that is there and empty from one that is not there', () => {
    const items = '<item><id/><tags/><groups/></item><item><tags></tags><groups></groups></item>';
    expect(pruned(answer(items))).toBe(answer('<item><id/><tags/></item><item><tags></tags></item>'));
    expect(pruned(answer(''))).toBe(answer(''));
  });

  it('reads one that is written over several lines', () => {
    expect(pruned(answer('\n  <item>\n    <id>é</id>\n    <size>2</size>\n  </item>\n'))).toBe(
      answer('\n  <item>\n    <id>é</id>\n    \n  </item>\n'),
    );
  });

  it.each([
    ['without the root', '<Response><Errors><Error><Code>Blocked</Code></Error></Errors></Response>'],
    ['whose root is empty', '<Answer><set/></Answer>'],
    ['that is a page of HTML', '<html><body><set><p class="x">Bad gateway</p></set></body></html>'],
    ['that is empty', ''],
    ...['<set', '<item>', '<id>i-1', '</id>', '<size>', '2</si', '</item>', '</set'].map((end) => {
      const whole = answer('<item><id>i-1</id><size>2</size></item>');
      return [`that ends at ${end}`, whole.slice(0, whole.indexOf(end))];
    }),
    ['whose tags are crossed', answer('<item><id>i-1</item></id>')],
    ['with a comment', answer('<item><!-- <id>i-2</id> --><id>i-1</id></item>')],
    ['with an attribute', answer('<item><id type="x">i-1</id></item>')],
  ])('gives back as it came one %s', (_, xml) => {
    expect(pruned(xml)).toBe(xml);
  });
});
