import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import {
  AZ_NAME,
  AZ_NAME_PREFIX_CHARACTERS,
  azLabel,
  azLetterReader,
  azName,
  azNameWildcard,
} from '../../src/fleet/az-names.ts';
import { BLUE } from '../builders/blue-pod.ts';

const HOST = join(import.meta.dirname, '../../src/host');
const pod = { ...BLUE, zone: { ...BLUE.zone, name: 'blue.pod' } };

describe('the name of an AZ', () => {
  it.each(BLUE.azs)('of %s is read back as it was built', (az) => {
    const name = azName(pod, az);
    expect(azLetterReader(pod)(name)).toBe(az.slice(-1));
    expect(name).toBe(`ntp.${azLabel(az)}.blue.pod`);
    expect(name.slice(AZ_NAME_PREFIX_CHARACTERS)).toBe('blue.pod');
    expect(new RegExp(`^${azNameWildcard('blue.pod').replaceAll('.', '\\.').replace('?', '.')}$`).test(name)).toBe(
      true,
    );
  });

  it.each([
    'ntp.az-b.pod',
    'ntp.az-b.green.pod',
    'ntp.az-b.blueXpod',
    'ntp.az-bb.blue.pod',
    'ntp.az-.blue.pod',
    'ntp.az-1.blue.pod',
    'ntp.az-B.blue.pod',
    'www.ntp.az-b.blue.pod',
    'ntp.az-b.blue.pod.',
    'blue.pod',
    '',
  ])('is not %s', (name) => {
    expect(azLetterReader(pod)(name)).toBeNull();
  });
});

describe('the shell of src/host', () => {
  const lines = readdirSync(HOST)
    .filter((file) => file.endsWith('.sh'))
    .flatMap((file) => readFileSync(join(HOST, file), 'utf8').split('\n'))
    .filter((line) => !line.trim().startsWith('#'));

  it('matches AZ names by the same pattern', () => {
    const expressions = lines.flatMap((line) => line.match(/\S*ntp\\\.az-\S*/g) ?? []);
    const bare = expressions.map((pattern) => pattern.replace(/^[/^]+/, '').replace(/[/']+$/, ''));
    expect(bare).toEqual([AZ_NAME.source.slice(1)]);
    // a pattern of the shell has no backslashes, and quotes what is no pattern
    const globs = lines.flatMap((line) => line.match(/ntp\.az-"\S*/g) ?? []);
    expect(globs.map((glob) => glob.replace('"', ''))).toEqual([`${bare[0]?.replaceAll('\\', '')}*)`]);
  });

  it('finds the zone where the name has it', () => {
    const starts = lines.flatMap((line) => [...line.matchAll(/ntp\\\.az-.*substr\(\$2, (\d+)\) == zone/g)]);
    // awk counts from 1
    expect(starts.map(([, start]) => Number(start))).toEqual([AZ_NAME_PREFIX_CHARACTERS + 1]);
  });
});
