/** Markup that is safe as it stands: made by `html` alone. */
export class Html {
  constructor(readonly markup: string) {}

  toString(): string {
    return this.markup;
  }
}

/** What a template takes: text is escaped, markup stands, lists are joined, and what is not there is nothing. */
export type Part = Html | string | number | null | undefined | false | readonly Part[];

/** What hides text, turns its direction, or steers a terminal: shown by its number. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]|[\ufe00-\ufe0f]/gu;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

/** Text as it may stand in an element or a quoted attribute, whatever a host, a tag or a name holds. */
export function escaped(text: string): string {
  return text
    .replaceAll(/[&<>"'`]/g, (character) => ENTITIES[character] ?? '')
    .replaceAll(UNSEEN, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

/** A template whose values are escaped: the one place where text becomes markup. Attributes are to be quoted. Decision 0129. */
export function html(strings: TemplateStringsArray, ...parts: Part[]): Html {
  let markup = strings[0] ?? '';
  for (const [index, part] of parts.entries()) markup += markupOf(part) + (strings[index + 1] ?? '');
  return new Html(markup);
}

function markupOf(part: Part): string {
  if (part instanceof Html) return part.markup;
  if (part === null || part === undefined || part === false) return '';
  if (typeof part === 'object') return part.map(markupOf).join('');
  return escaped(String(part));
}
