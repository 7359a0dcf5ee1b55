import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parseCollected } from '../../src/host/collect.ts';
import { parseChronySources, parseChronyTracking } from '../../src/ntp/chrony.ts';
import { parseNtpqPeers } from '../../src/ntp/ntpq-peers.ts';
import { heardOfLast8 } from '../../src/ntp/reach.ts';
import type { Source } from '../../src/ntp/source.ts';
import { CASES } from './cases.ts';

const read = (name: string, file: string): string => readFileSync(join(CASES, name, file), 'utf8');
const moments = readdirSync(CASES).filter((name) => /^(?:classic|ntpsec|chrony)-\d/.test(name));
const having = (...files: string[]) =>
  moments.filter((name) => files.every((file) => existsSync(join(CASES, name, file))));

describe('ntpq -pn and -pnw of one moment tell the same', () => {
  // Seconds pass between the two calls, and in this moment two answers came in between.
  const answeredBetween = 'ntpsec-1.2.2.iburst-5s';

  it.each(having('input.pn.txt', 'input.pnw.txt'))('%s', (name) => {
    const narrow = parseNtpqPeers(read(name, 'input.pn.txt')).value;
    const wide = parseNtpqPeers(read(name, 'input.pnw.txt'), { wide: true }).value;
    // an IPv6 address that fills the column may be cut, and is not taken for another
    const filling = ({ remote }: Source) => remote.includes(':') && remote.length >= 15;
    const shown = (source: Source) => (filling(source) ? { ...source, address: null } : source);
    expect(narrow.map((source) => source.address)).toEqual(wide.map((source) => shown(source).address));
    expect(narrow.map((source) => source.remote)).toEqual(wide.map((source) => source.remote.slice(0, 15)));
    const lasting = (source: Source) => ({ ...source, remote: '', whenSeconds: 0 });
    if (name !== answeredBetween) expect(narrow.map(lasting)).toEqual(wide.map(shown).map(lasting));
  });
});

/** `+599ns`, `-3500ms` as chronyc's human table has them, in milliseconds. */
function human(text: string): number {
  const [, number = '', unit = ''] = /^([+-]?[\d.]+)(ns|us|ms|s)$/.exec(text) ?? [];
  return Number(number) * { ns: 1e-6, us: 1e-3, ms: 1, s: 1e3 }[unit as 'ns'];
}

describe('chronyc -c says what the human table of the same moment says', () => {
  it.each(having('input.sources-c.txt', 'human.sources-n.txt'))('%s: sources', (name) => {
    const rows = read(name, 'human.sources-n.txt').trim().split('\n').slice(2);
    const table = rows.map((row) => {
      const [, state = '', remote, stratum, poll, reach, lastRx, adjusted = ''] =
        /^.(.) (\S+) +(\d+) +(\d+) +(\d+) +(\S+) +(\S+?)\[/.exec(row) ?? [];
      const never = lastRx === '-';
      return {
        tally: state === '?' ? ' ' : state,
        remote,
        stratum: stratum === '0' ? 16 : Number(stratum),
        pollSeconds: 2 ** Number(poll),
        reach: Number.parseInt(reach ?? '', 8),
        whenSeconds: never ? null : Number(lastRx),
        // chronyc rounds to four digits.
        offset: never ? null : Number((-human(adjusted)).toPrecision(4)),
      };
    });
    const read10 = parseChronySources(read(name, 'input.sources-c.txt')).value.map(
      ({ tally, remote, stratum, pollSeconds, reach, whenSeconds, offsetMs }) => ({
        tally,
        remote,
        stratum,
        pollSeconds,
        reach,
        whenSeconds,
        offset: offsetMs === null ? null : Number(offsetMs.toPrecision(4)),
      }),
    );
    expect(read10).toEqual(table);
  });

  it.each(having('input.tracking-c.txt', 'human.tracking.txt'))('%s: tracking', (name) => {
    const text = read(name, 'human.tracking.txt');
    const state = parseChronyTracking(read(name, 'input.tracking-c.txt')).value;
    const [, seconds, side] = /System time {5}: ([\d.]+) seconds (slow|fast)/.exec(text) ?? [];
    const [, ppm, pace] = /Frequency {7}: ([\d.]+) ppm (slow|fast)/.exec(text) ?? [];
    const synchronised = !text.includes('Not synchronised');
    // A slow host has the reference ahead of it; a slow clock wants a positive correction. The two calls are some ns apart.
    const offsetMs = (side === 'slow' ? 1 : -1) * Number(seconds) * 1000;
    if (synchronised) expect(state.offsetMs).toBeCloseTo(offsetMs, 4);
    else expect(state.offsetMs).toBeNull();
    expect(state.frequencyPpm).toBeCloseTo((pace === 'slow' ? 1 : -1) * Number(ppm), 9);
    expect(state.leap).toBe(synchronised ? 'none' : 'alarm');
  });
});

describe('the falseticker 3.5 s ahead is ahead in every tool', () => {
  const falseticker = (sources: Source[]) => sources.find((source) => source.address === '10.66.0.14');

  it.each(['settled-falseticker', 'after-26s', 'upstream-cut'])('%s', (stage) => {
    const offsets = [
      falseticker(parseNtpqPeers(read(`classic-4.2.8p6.${stage}`, 'input.pnw.txt')).value)?.offsetMs,
      falseticker(parseNtpqPeers(read(`ntpsec-1.2.2.${stage}`, 'input.pnw.txt')).value)?.offsetMs,
      falseticker(parseChronySources(read(`chrony-4.3.${stage}`, 'input.sources-c.txt')).value)?.offsetMs,
    ];
    for (const offset of offsets) expect(Math.abs((offset ?? 0) - 3500.05)).toBeLessThan(0.05);
  });
});

it('chrony: a host 2 s behind the clock chronyd keeps is 2 s behind its source', () => {
  const collected = parseCollected(read('collect-chrony-host-2s-behind', 'input.collect.txt'));
  const alone = parseChronySources(read('chrony-host-2s-behind-its-own-clock', 'input.sources-c.txt')).value;
  expect(alone[0]?.offsetMs).toBe(0.009913);
  expect(collected?.sources[0]?.offsetMs).toBe(2001.134533);
  expect(collected?.system?.offsetMs).toBe(2001.12462);
});

/** Blocks of one daemon in a progress file: `== 21:35:14`, classic's rows, `-- ntpsec`, its rows, `-- chrony`, … */
function blocks(file: string, daemon: 'classic' | 'ntpsec'): Source[][] {
  const text = readFileSync(join(process.cwd(), 'test/fixtures/progress', file), 'utf8');
  return text
    .split(/^== .*\n/m)
    .slice(1)
    .map((moment) => {
      const [classic = '', ntpsec = ''] = moment.split(/^-- .*\n/m);
      const rows = (daemon === 'classic' ? classic : ntpsec).replace(/^leap_.*\n/m, '');
      const { value, faults } = parseNtpqPeers(rows);
      expect(faults).toEqual([]);
      return value;
    });
}

const registers = (moments: Source[][], address: string): string[] => {
  const seen = moments.flatMap((sources) => sources.find((source) => source.address === address)?.reach ?? []);
  return seen.map((reach) => reach.toString(8)).filter((reach, at, all) => reach !== all[at - 1]);
};

describe('the register of a source cut off', () => {
  it.each(['classic', 'ntpsec'] as const)('%s loses one poll after the other', (daemon) => {
    expect(registers(blocks('decay-after-cut.txt', daemon), 'fd00:66::12')).toEqual([
      '377',
      '376',
      '374',
      '370',
      '360',
      '340',
      '300',
      '200',
      '0',
    ]);
  });

  it.each(['classic', 'ntpsec'] as const)('%s keeps the others full', (daemon) => {
    expect(registers(blocks('decay-after-cut.txt', daemon), '192.0.2.60')).toEqual(['377']);
  });

  it.each(['classic', 'ntpsec'] as const)('%s: the decay in counts', (daemon) => {
    const counts = registers(blocks('decay-after-cut.txt', daemon), 'fd00:66::12').map((register) =>
      heardOfLast8(Number.parseInt(register, 8)),
    );
    expect(counts).toEqual([8, 7, 6, 5, 4, 3, 2, 1, 0]);
  });
});

describe('the register of a young client', () => {
  it.each(['classic', 'ntpsec'] as const)('%s fills up', (daemon) => {
    expect(registers(blocks('clients-progress.txt', daemon), '10.66.0.51')).toEqual([
      '1',
      '3',
      '7',
      '17',
      '37',
      '77',
      '177',
      '377',
    ]);
  });
});
