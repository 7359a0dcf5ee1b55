import fc from 'fast-check';
import { canonicalAddress } from '../../src/fleet/addresses.ts';
import type { Source } from '../../src/ntp/source.ts';

type Family = 'classic' | 'ntpsec';

const HEADERS: Record<Family, string> = {
  classic: `     remote           refid      st t when poll reach   delay   offset  jitter\n${'='.repeat(78)}\n`,
  ntpsec: `     remote           refid      st t when poll reach   delay   offset   jitter\n${'='.repeat(79)}\n`,
};

/** As ntpq's prettyinterval prints an interval. */
function intervalText(seconds: number | null): string {
  if (seconds === null || seconds <= 0) return '-';
  if (seconds <= 2048) return `${seconds}`;
  const minutes = Math.floor((seconds + 29) / 60);
  if (minutes <= 300) return `${minutes}m`;
  const hours = Math.floor((minutes + 29) / 60);
  return hours <= 96 ? `${hours}h` : `${Math.floor((hours + 11) / 24)}d`;
}

/** Classic: three decimals cut at seven characters. ntpsec: eight characters, as many of four decimals as fit. */
function numberText(value: number, family: Family): string {
  if (family === 'classic') return value.toFixed(3).slice(0, 7);
  const size = value < 0 ? -value * 10 : value;
  const decimals = [1000, 10_000, 100_000, 1_000_000].filter((limit) => size >= limit).length;
  return value.toFixed(4 - decimals);
}

/** What `ntpq -pnw` (or `-pn`) prints for these sources. */
export function ntpqText(sources: Source[], family: Family, wide: boolean): string {
  const rows = sources.map((source) => {
    const { tally, remote } = source;
    const head = wide && remote.length > 15 ? `${remote}\n${' '.repeat(17)}` : `${remote.slice(0, 15).padEnd(15)} `;
    const middle = [
      (source.refid ?? '').padEnd(15),
      `${source.stratum}`.padStart(2),
      source.type,
      intervalText(source.whenSeconds).padStart(4),
      intervalText(source.pollSeconds).padStart(4),
      ` ${(source.reach ?? 0).toString(8).padStart(3)}`,
    ];
    const measures = [source.delayMs, source.offsetMs, source.jitterMs].map((value) => numberText(value ?? 0, family));
    const widths = family === 'classic' ? [8, 8, 7] : [8, 8, 8];
    return `${tally}${head}${[...middle, ...measures.map((text, at) => text.padStart(widths[at] ?? 8))].join(' ')}\n`;
  });
  return sources.length === 0 ? "No association ID's returned\n" : HEADERS[family] + rows.join('');
}

const MODES: Record<string, string> = { u: '^', s: '=', l: '#' };

/** What `chronyc -n -c sources` prints for these sources. */
export function chronyText(sources: Source[]): string {
  return sources
    .map((source) => {
      const state = source.tally === ' ' ? '?' : source.tally === '.' ? '~' : source.tally;
      const never = source.whenSeconds === null;
      const offset = never ? '0.000000000' : (-(source.offsetMs ?? 0) / 1000).toFixed(9);
      const fields = [
        MODES[source.type],
        state,
        source.remote,
        never ? 0 : source.stratum,
        Math.log2(source.pollSeconds ?? 1),
        (source.reach ?? 0).toString(8),
        source.whenSeconds ?? 4_294_967_295,
        offset,
        offset,
        ((source.uncertaintyMs ?? 0) / 1000).toFixed(9),
      ];
      return `${fields.join(',')}\n`;
    })
    .join('');
}

const group = fc.nat(0xffff).map((value) => value.toString(16));
const address = fc.oneof(
  fc.ipV4(),
  fc.array(group, { minLength: 8, maxLength: 8 }).map((groups) => canonicalAddress(groups.join(':')) ?? '::1'),
  group.map((last) => `fd00:ec2::${last}`).map((text) => canonicalAddress(text) ?? '::1'),
);
const label = fc.string({ unit: fc.constantFrom(...'abcxo19-'), minLength: 1, maxLength: 12 });
const hostName = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => `n${labels.join('.')}.pod`);
/** A number that both families print whole: up to three decimals below 10, fewer above. */
const measure = (least: number) =>
  fc.oneof(
    fc.integer({ min: least * 9999, max: 99_999 }).map((thousandths) => thousandths / 1000),
    fc.integer({ min: least * 9999, max: 99_999 }),
  );

const heard = {
  remote: address,
  stratum: fc.integer({ min: 0, max: 16 }),
  reach: fc.integer({ min: 1, max: 255 }),
  offsetMs: measure(-1),
};

/** Sources that ntpq can print without loss. */
export const ntpqSource: fc.Arbitrary<Source> = fc.oneof(
  fc
    .record({
      ...heard,
      tally: fc.constantFrom<Source['tally']>(' ', 'x', '.', '-', '+', '#', '*', 'o'),
      refid: fc.oneof(fc.ipV4(), fc.constantFrom('.GPS.', '.INIT.', 'LOCAL(1)', '127.127.1.1')),
      type: fc.constantFrom('u', 'l', 's', 'S', 'b', 'B', 'm', 'M', 'a'),
      whenSeconds: fc.oneof(
        fc.integer({ min: 0, max: 2048 }),
        fc.integer({ min: 35, max: 300 }).map((m) => m * 60),
      ),
      pollSeconds: fc.integer({ min: 3, max: 17 }).map((exponent) => 2 ** exponent),
      delayMs: measure(0),
      jitterMs: measure(0),
    })
    .map((source) => ({ ...source, address: source.remote, uncertaintyMs: null, unansweredPolls: null })),
  fc
    .record({ remote: hostName, refid: fc.constantFrom('.DNS.', '.POOL.'), type: fc.constantFrom('u', 'p') })
    .map((source) => ({ ...unheard, ...source, address: null })),
  fc
    .record({ remote: address })
    .map(({ remote }) => ({ ...unheard, refid: '.INIT.', type: 'u', remote, address: remote })),
);

const unheard = {
  tally: ' ',
  stratum: 16,
  whenSeconds: null,
  pollSeconds: 64,
  reach: 0,
  delayMs: null,
  offsetMs: null,
  jitterMs: null,
  uncertaintyMs: null,
  unansweredPolls: null,
} as const;

/** Sources that `chronyc -c` can print without loss. */
export const chronySource: fc.Arbitrary<Source> = fc.oneof(
  fc
    .record({
      ...heard,
      stratum: fc.integer({ min: 1, max: 15 }),
      tally: fc.constantFrom<Source['tally']>(' ', 'x', '.', '-', '+', '*'),
      type: fc.constantFrom('u', 's'),
      whenSeconds: fc.nat(4_294_967_294),
      pollSeconds: fc.integer({ min: -7, max: 24 }).map((exponent) => 2 ** exponent),
      reach: fc.nat(255),
      offsetMs: fc.integer({ min: -4_000_000_000, max: 4_000_000_000 }).map((nanoseconds) => nanoseconds / 1e6),
      uncertaintyMs: fc.nat(4_000_000_000).map((nanoseconds) => nanoseconds / 1e6),
    })
    .map((source) => ({
      ...source,
      address: source.remote,
      refid: null,
      delayMs: null,
      jitterMs: null,
      unansweredPolls: null,
    })),
  fc.record({ remote: address }).map(({ remote }) => ({ ...unheard, type: 'u', refid: null, remote, address: remote })),
);
