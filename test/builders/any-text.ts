import fc from 'fast-check';

const SURROGATES = 0x800;
const FIRST_SURROGATE = 0xd800;
const LAST_CODE_POINT = 0x10ffff;

/**
 * Any text at all. As `fc.string({ unit: 'binary' })`, which makes a map of the million characters to find those of a few
 * dangerous words; here a character says itself what it was made of.
 */
export const anyText = (): fc.Arbitrary<string> => fc.string({ unit: character });

const character = fc.nat(LAST_CODE_POINT - SURROGATES).map(
  (at) => String.fromCodePoint(at < FIRST_SURROGATE ? at : at + SURROGATES),
  (text) => {
    if (typeof text !== 'string' || !/^[^\ud800-\udfff]$/u.test(text)) throw new Error('not one character');
    const codePoint = text.codePointAt(0) ?? 0;
    return codePoint < FIRST_SURROGATE ? codePoint : codePoint - SURROGATES;
  },
);
