import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalAddress } from '../../src/fleet/addresses.ts';
import { printable } from '../../src/fleet/printable.ts';
import { parseCollected } from '../../src/host/collect.ts';
import { parseChronySources, parseChronyTracking } from '../../src/ntp/chrony.ts';
import { FAULT_LIMIT } from '../../src/ntp/faults.ts';
import { wordsOf } from '../../src/ntp/lines.ts';
import { parseNtpqPeers } from '../../src/ntp/ntpq-peers.ts';
import { parseNtpqVariables } from '../../src/ntp/ntpq-variables.ts';
import type { Fault, Source, SystemState } from '../../src/ntp/source.ts';
import { expectEqual, expectWithin } from '../builders/expectations.ts';
import { runs } from '../builders/property-runs.ts';
import { cases } from './cases.ts';
import { chronySource, chronyText, ntpqSource, ntpqText } from './rendering.ts';

/** A real output with a few places overwritten, cut out or doubled: near enough to pass the outer checks. */
const inputs = cases().map(({ input }) => input);
const damaged = fc
  .record({
    text: fc.constantFrom(...inputs),
    wounds: fc.array(
      fc.record({
        at: fc.nat(2000),
        length: fc.nat(40),
        by: fc.oneof(
          fc.string({ maxLength: 12 }),
          fc.constantFrom('\n', '', ' ', '  ', '"', ',', '=', '-', '.', '4294967296', '1e999', 'NaN', '\r', '\0', '::'),
        ),
      }),
      { maxLength: 6 },
    ),
  })
  .map(({ text, wounds }) =>
    wounds.reduce((whole, { at, length, by }) => {
      const place = at % (whole.length + 1);
      return whole.slice(0, place) + by + whole.slice(place + length);
    }, text),
  );
const anyText = fc.oneof(
  fc.string({ maxLength: 300 }),
  fc.string({ unit: fc.constantFrom(...'*+ x.0123456789abcdf:=,"\n\t^#~u-'), maxLength: 400 }),
  damaged,
);

const shown = (text: string) => printable(text, Number.POSITIVE_INFINITY).text;

function expectSound(sources: Source[], faults: Fault[], text: string): void {
  const lines = text.split('\n').filter((line) => line.trim() !== '').length;
  expectWithin(sources.length, 0, lines);
  for (const source of sources) {
    if (!text.includes(source.remote)) expect(shown(text)).toContain(source.remote);
    if (source.address !== null) expectEqual(source.address, canonicalAddress(source.remote));
    if (source.refid !== null)
      for (const word of source.refid.split(' ')) if (!text.includes(word)) expect(shown(text)).toContain(word);
    expectWithin(source.stratum, 0, 16);
    expectWithin(source.reach, 0, 255);
    expectWithin(source.whenSeconds, 0, 2 ** 32);
    expectWithin(source.pollSeconds, 0, 2 ** 32);
    expectWithin(source.delayMs, 0, 2 ** 32 * 1000);
    expectWithin(source.jitterMs, 0, 2 ** 32 * 1000);
    expectWithin(source.offsetMs, -(2 ** 32) * 1001, 2 ** 32 * 1001);
  }
  expectTold(faults, text);
}

function expectTold(faults: Fault[], text: string): void {
  expectWithin(faults.length, 0, FAULT_LIMIT + 1);
  const lines = text.split('\n').length;
  const wrong = faults.filter(
    (fault) => !(fault.text.length <= 80 && fault.reason !== '' && fault.line >= 1 && fault.line <= lines),
  );
  expectEqual(wrong, []);
}

const LEAPS = ['none', 'add', 'delete', 'alarm', null];

function expectSane(state: SystemState): void {
  expectWithin(state.stratum, 0, 16);
  expectWithin(state.rootDelayMs, 0, 2 ** 32 * 1000);
  expectWithin(state.rootDispersionMs, 0, 2 ** 32 * 1000);
  expectWithin(state.jitterMs, 0, 2 ** 32 * 1000);
  expectWithin(state.uptimeSeconds, 0, 2 ** 32);
  expectWithin(state.frequencyPpm, -1e6, 1e6);
  if (!LEAPS.includes(state.leap)) expect(LEAPS).toContain(state.leap);
}

const RUNS = runs(500);

describe('whatever the text, nothing is thrown and nothing invented', () => {
  it('ntpq -pn and -pnw', () => {
    fc.assert(
      fc.property(anyText, fc.boolean(), (text, wide) => {
        const { value, faults } = parseNtpqPeers(text, { wide });
        expectSound(value, faults, text);
      }),
      RUNS,
    );
  });

  it('ntpq -c rv', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const { value, faults } = parseNtpqVariables(text);
        expectSane(value);
        expectTold(faults, text);
      }),
      RUNS,
    );
  });

  it('chronyc -c sources', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const { value, faults } = parseChronySources(text);
        expectSound(value, faults, text);
      }),
      RUNS,
    );
  });

  it('chronyc -c tracking', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const { value, faults } = parseChronyTracking(text);
        expectSane(value);
        expectTold(faults, text);
      }),
      RUNS,
    );
  });

  it('the collect document', () => {
    fc.assert(
      fc.property(anyText, fc.boolean(), (text, headed) => {
        const whole = headed ? `podtime-collect 1\nfound ntpsec 1.2.2\n${text}` : text;
        const collected = parseCollected(whole);
        if (collected === null) return;
        expectSound(collected.sources, collected.faults, whole);
        if (collected.system !== null) expectSane(collected.system);
        for (const name of collected.configNames) expect(whole.toLowerCase()).toContain(name);
      }),
      RUNS,
    );
  });
});

describe('whatever a cut leaves of an output, it only takes away', () => {
  const whole = cases().find(({ name }) => name === 'collect-ntpsec')?.input ?? '';
  const full = parseCollected(whole);

  it('at every byte', () => {
    for (let length = 0; length < whole.trimEnd().length; length += 1) {
      const cut = parseCollected(`${whole.slice(0, length)}\n---Output truncated---`);
      if (cut === null) continue;
      expectEqual(cut.truncated, true);
      expectWithin(cut.faults.length, 1, Number.POSITIVE_INFINITY);
      expectEqual(full?.sources.slice(0, cut.sources.length), cut.sources);
      expectEqual(full?.configNames.slice(0, cut.configNames.length), cut.configNames);
      for (const [name, value] of Object.entries(cut.system ?? {})) {
        if (value !== null) expectEqual({ [name]: value }, { [name]: full?.system?.[name as keyof SystemState] });
      }
    }
  });
});

describe('what is printed is read back', () => {
  const lists = fc.array(ntpqSource, { maxLength: 12 });

  it.each(['classic', 'ntpsec'] as const)('%s -pnw', (family) => {
    fc.assert(
      fc.property(lists, (sources) => {
        expectEqual(parseNtpqPeers(ntpqText(sources, family, true), { wide: true }), { value: sources, faults: [] });
      }),
      RUNS,
    );
  });

  it.each(['classic', 'ntpsec'] as const)('%s -pn: an address is right or missing', (family) => {
    fc.assert(
      fc.property(lists, (sources) => {
        const { value } = parseNtpqPeers(ntpqText(sources, family, false));
        expectEqual(value.length, sources.length);
        for (const [at, { remote, address }] of sources.entries()) {
          const mayMiss = remote.length >= 15 && remote.includes(':');
          if (!(mayMiss && value[at]?.address === null)) expectEqual(value[at]?.address, address);
        }
      }),
      RUNS,
    );
  });

  it('chronyc -c sources', () => {
    fc.assert(
      fc.property(fc.array(chronySource, { maxLength: 12 }), (sources) => {
        const { value, faults } = parseChronySources(chronyText(sources));
        expectEqual(value, sources);
        if (sources.length > 0) expectEqual(faults, []);
      }),
      RUNS,
    );
  });
});

describe('megabytes', () => {
  const MEGABYTES = 2 ** 20;
  // A parser that looks back over what it has read would need a million passes over these, not some hundreds.
  const LIMIT_PASSES = 2000;
  const fill = (part: string): string => part.repeat(Math.ceil(MEGABYTES / part.length));
  /** Of the processor, which no other program's work adds to. */
  const processorMs = (work: () => void) => {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  };
  /** What it costs here to look at each character of a megabyte once. */
  const passMs = () => {
    const text = fill('+10.0.3.1 ');
    let sum = 0;
    const passes = 20;
    const cost = processorMs(() => {
      for (let pass = 0; pass < passes; pass += 1) {
        for (let at = 0; at < text.length; at += 1) sum = (sum + text.charCodeAt(at)) % 65_521;
      }
    });
    expect(sum).toBeGreaterThan(0);
    return cost / passes;
  };

  let onePassMs: number;
  beforeAll(() => {
    onePassMs = passMs();
  });

  it.each([
    ['one line of spaces', ' '],
    ['one line of digits', '1'],
    ['one line of quotes', '"'],
    ['one line of equal signs', '='],
    ['one line of commas', ','],
    ['one line of words', '+a '],
    ['empty lines', '\n'],
    ['carriage returns', '\r'],
    ['wrapped names', '+2001:db8:1234:5678::1\n'],
    ['rows', '+10.0.3.1        10.0.0.1         2 u    4   64  377    0.087    0.024   0.022\n'],
    ['headers', '     remote           refid      st t when poll reach   delay   offset  jitter\n'],
    ['variables', 'leap=00, version="a, b", '],
    ['chrony rows', '^,*,10.0.3.1,2,6,377,8,0.1,0.1,0.1\n'],
    ['cut marks', '---Output truncated---'],
    ['almost cut marks', '\n---Output truncated--'],
  ])('%s', (_, part) => {
    const text = fill(part);
    const cost = processorMs(() => {
      parseNtpqPeers(text);
      parseNtpqVariables(text);
      parseChronySources(text);
      parseChronyTracking(text);
      for (const tool of ['ntpq', 'chronyc']) {
        parseCollected(`podtime-collect 1\nfound ntpsec 1.2.2\nsystem ${tool}\n${text}\nsources ${tool}\n${text}`);
      }
      parseCollected(`podtime-collect 1\nfound ntpsec 1.2.2\nnames ${text}\nliterals ${text}\n${text}`);
    });
    expect(cost / onePassMs).toBeLessThan(LIMIT_PASSES);
  });
});

describe('words', () => {
  it('are what stands between spaces and tabs', () => {
    const text = fc.string({ unit: fc.constantFrom(...'ab \t\n\u00a0\u2003é'), maxLength: 30 });
    fc.assert(
      fc.property(text, (line) => expect(wordsOf(line)).toEqual(line.match(/[^ \t]+/g) ?? [])),
      runs(2000),
    );
  });
});
