import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { judgeAll } from '../../src/diagnosis/judge.ts';
import { NOT_AS_IT_CAME, printable } from '../../src/fleet/printable.ts';
import { parseCollected } from '../../src/host/collect.ts';
import { outcomeSentence, parseCycleOutcome } from '../../src/host/verdict.ts';
import { anyText } from '../builders/any-text.ts';
import { runs } from '../builders/property-runs.ts';
import { context, host } from '../builders/sightings.ts';

// What hosts print comes from whoever runs them, and from whoever they ask for the time.

const FOLDER = 'test/fixtures/diagnosis';
const OUTPUTS = readdirSync(FOLDER, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => readFileSync(`${FOLDER}/${name}/collect.txt`, 'utf8'));

/** ESC, CSI, RIGHT-TO-LEFT OVERRIDE, LINE SEPARATOR, NBSP, BEL, half a pair, markup. */
const WORDS = [
  '\u001b[2J',
  '\u009b1m',
  '\u202e',
  '\u2028',
  '\u00a0',
  '\u0007',
  '\ud800',
  '<img src=x>',
  '&amp;',
  '`id`',
];

const hostile = fc.oneof(fc.constantFrom(...WORDS), anyText());

/** A real output with hostile text put into places of it. */
const output = fc
  .tuple(fc.constantFrom(...OUTPUTS), fc.array(fc.tuple(fc.nat(2400), hostile), { minLength: 1, maxLength: 5 }))
  .map(([text, places]) =>
    places.reduce((whole, [at, word]) => {
      const place = at % (whole.length + 1);
      return whole.slice(0, place) + word + whole.slice(place);
    }, text),
  );

/** Every text within a value, keys too. */
function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [key, ...textsOf(inner)]);
}

const shownRaw = (value: unknown) => textsOf(value).filter((text) => /[^ -~]|[<>&`]/.test(text));

const judged = (text: string) => {
  const collected = parseCollected(text);
  return judgeAll([{ host: host('i-01'), collected, status: 'Success' }], context());
};

describe('whatever a host prints', () => {
  it('nothing of it is shown that steers a terminal or a page', () => {
    fc.assert(
      fc.property(output, (text) => {
        expect(shownRaw(parseCollected(text))).toEqual([]);
        expect(shownRaw(judged(text))).toEqual([]);
      }),
      runs(2_000),
    );
  });

  it('nor of a verdict', () => {
    const verdict = fc
      .tuple(
        fc.constantFrom('cycled', 'nothing', 'nothing not-yet', 'failed not-cycled:', 'failed state:', 'failed'),
        hostile,
        hostile,
      )
      .map(([words, one, other]) => `verdict ${words} ${one} ${other}\n`);
    fc.assert(
      fc.property(verdict, fc.constantFrom('Success', 'Failed'), (text, status) => {
        const outcome = parseCycleOutcome(status, text);
        expect(outcome).not.toBeNull();
        expect(shownRaw(outcome)).toEqual([]);
        expect(shownRaw(outcome && outcomeSentence('i-01', outcome))).toEqual([]);
      }),
      runs(2_000),
    );
  });

  it.each(WORDS)('%j is a fault, wherever it stands', (word) => {
    for (const place of ['found ntpd 4.2.8', 'refid=', 'leap=00, stratum=3', '+192.0.2.2      ']) {
      const text = COLLECTED.replace(place, `${place}${word}`);
      const collected = parseCollected(text);
      expect(collected?.faults.map(({ reason }) => reason)).toContain(NOT_AS_IT_CAME);
      expect(judged(text)[0]?.remarks).toContain(`${NOT_AS_IT_CAME}.`);
    }
  });

  it('an honest answer is none', () => {
    for (const text of [...OUTPUTS, COLLECTED]) {
      const reasons = parseCollected(text)?.faults.map(({ reason }) => reason) ?? [];
      expect(reasons).not.toContain(NOT_AS_IT_CAME);
    }
  });
});

const COLLECTED = `podtime-collect 1
found ntpd 4.2.8 service=ntp file=/etc/ntp.conf
age 86400
cycled -
revision 0123456789abcdef
names ntp.az-a.pod
system ntpq
leap=00, stratum=3, refid=192.0.2.1, offset=0.311, rootdelay=12.3, rootdisp=20.1, sys_jitter=0.4, frequency=-12.1
sources ntpq
     remote           refid      st t when poll reach   delay   offset  jitter
*192.0.2.1       198.51.100.7     2 u   12   64  377    1.210    0.311   0.050
+192.0.2.2       198.51.100.8     2 u   40   64  377    1.410    0.211   0.060
end
`;

describe('printable', () => {
  it.each([
    ['ntpd 4.2.8p15', 'ntpd 4.2.8p15'],
    ['\u001b[2J', '\\u{1b}[2J'],
    ['a\nb\tc\r', 'a\\u{a}b\\u{9}c\\u{d}'],
    ['<b>&"\'`', '\\u{3c}b\\u{3e}\\u{26}\\u{22}\\u{27}\\u{60}'],
    ['\u202e\u{1f600}\ud800', '\\u{202e}\\u{1f600}\\u{d800}'],
    ['', ''],
  ])('shows %j as %s', (text, shown) => {
    expect(printable(text)).toEqual({ text: shown, escaped: text !== shown });
  });

  it('shows as much as is asked for, and half of no escape', () => {
    expect(printable('x'.repeat(300)).text).toHaveLength(255);
    expect(printable('abc\u001bdef', 8)).toEqual({ text: 'abc', escaped: false });
    expect(printable('abc\u001bdef', 9)).toEqual({ text: 'abc\\u{1b}', escaped: true });
  });
});
