import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { escaped, html } from '../../../src/report/page/html.ts';

describe('a template', () => {
  it('escapes text, keeps markup, joins lists, and makes nothing of what is not there', () => {
    const inner = html`<b>${'<&>'}</b>`;
    expect(String(html`<p title="${`"'`}">${inner}${[inner, null, 'x']}${undefined}${false}${0}</p>`)).toBe(
      '<p title="&quot;&#39;"><b>&lt;&amp;&gt;</b><b>&lt;&amp;&gt;</b>x0</p>',
    );
  });

  it('shows by its number what hides text or turns its direction', () => {
    expect(escaped('a\u202eb\u200fc\u2066d\u0000e\u001bf\u00adg\ufeffh')).toBe(
      'a\\u{202e}b\\u{200f}c\\u{2066}d\\u{0}e\\u{1b}f\\u{ad}g\\u{feff}h',
    );
  });

  it('lets no text end an attribute, open an element or begin an entity', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(escaped(text)).not.toMatch(/[<>"'`\p{Cc}\p{Cf}]|&(?!(?:amp|lt|gt|quot|#39|#96);)/u);
      }),
    );
  });
});
