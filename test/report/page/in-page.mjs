// Loaded into each page before all else, by the browser's own door, which a page's policy does not shut.
const violations = [];
document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
  violations.push(`${violatedDirective}: ${blockedURI}`);
});

/** What a keyboard is to reach, in its order. */
const focusables = () =>
  [...document.querySelectorAll('a[href], summary, select, button, [tabindex="0"]')].filter((element) =>
    element.checkVisibility(),
  );

globalThis.inPage = {
  violations: () => violations,
  focusables: () => focusables().map((_, index) => index),
  /** The place among them of what has the focus; null: nothing has. */
  focused: () => {
    const place = focusables().indexOf(document.activeElement);
    return place < 0 ? null : place;
  },
  unfold: () => {
    for (const details of document.querySelectorAll('details')) details.open = true;
  },
  scripts: () => document.querySelectorAll('script, img, [onmouseover]').length,
  /** Words of a picture that stand out of their box. */
  spilling: () =>
    [...document.querySelectorAll('g')].flatMap((group) => {
      const box = group.querySelector('rect')?.getBoundingClientRect();
      if (box === undefined || box.width === 0) return [];
      const texts = [...group.querySelectorAll('text')];
      return texts.filter((text) => text.getBoundingClientRect().right > box.right - 2).map((text) => text.textContent);
    }),
  /** By how much the page is wider than its window. */
  overhang: () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  accessibility: async () => {
    const { violations: found } = await globalThis.axe.run();
    return found.map(
      ({ id, nodes }) =>
        `${id}: ${nodes
          .slice(0, 3)
          .map(({ html }) => html.slice(0, 160))
          .join(' | ')}`,
    );
  },
};
