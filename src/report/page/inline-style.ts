import type { State } from '../../diagnosis/judgement.ts';
import { Html } from './html.ts';
import { COLOURS, type Theme } from './style.ts';

/** The colour of a state, or of what is stale. */
export function stateColour(state: State | 'stale', theme: Theme): string {
  return COLOURS[theme][state.replace('-', '')] ?? '';
}

/**
 * The picture with the styles of its classes written into each element, for where a style sheet may be taken out, or is not alone: a
 * dashboard's. Throws for a class that it does not know.
 */
export function inlined({ markup }: Html, theme: Theme): Html {
  const of = COLOURS[theme];
  const styles: Readonly<Record<string, string>> = {
    box: `fill:${of.bg};stroke:${of.line}`,
    head: `fill:${of.dim};font-size:12px`,
    name: `fill:${of.ink};font-size:13px;font-weight:600`,
    detail: `fill:${of.dim};font-size:12px;font-weight:400`,
    link: `fill:none;stroke:${of.accent};opacity:.55`,
    'link faint': `fill:none;stroke:${of.accent};opacity:.3`,
    'link deaf': `fill:none;stroke:${of.dim};stroke-dasharray:2 5;opacity:.6`,
  };
  return new Html(
    markup.replaceAll(/ class="([^"]*)"/g, (_, names: string) => {
      const state = /^fill s-(.*)$/.exec(names)?.[1];
      const style = state === undefined ? styles[names] : `fill:${stateColour(state as State, theme)}`;
      if (style === undefined) throw new Error(`no style is known of class ${names}`);
      return ` style="${style}"`;
    }),
  );
}

/** Its links in the colours of the page's, and ids as code. */
export function inlinedLinks({ markup }: Html, theme: Theme): Html {
  const link = `color:${COLOURS[theme].link}`;
  return new Html(
    markup.replaceAll(
      /<a (class="id" )?/g,
      (_, id?: string) => `<a style="${link}${id ? ';font-family:monospace;white-space:nowrap' : ''}" `,
    ),
  );
}
