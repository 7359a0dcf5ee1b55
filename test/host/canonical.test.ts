import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { canonicalAddress } from '../../src/fleet/addresses.ts';

const JUDGE = join(import.meta.dirname, '../../src/host/staleness.sh');
const AWKS = ['mawk', 'gawk', 'busybox awk', 'original-awk'].filter(
  (awk) => spawnSync('sh', ['-c', `command -v ${awk.split(' ')[0]}`]).status === 0,
);

/** Ways to write three addresses, and texts that are none. */
const SPELLINGS = [
  '10.0.1.5',
  '::ffff:10.0.1.5',
  '::FFFF:a00:105',
  '0:0:0:0:0:ffff:0a00:0105',
  'fd00:ec2::123',
  'FD00:0ec2:0:0:0:0:0:123',
  '::10.0.1.5',
  '::a00:105',
];
const NO_ADDRESSES = ['ntp.az-b.pod', 'SHM(0)', 'PHC0', '10.0.1', 'fd00::1::2', '1:2:3:4:5:6:7:8:9'];

describe.each(AWKS)('the shell on a host, with %s,', (awk) => {
  const canonical = (texts: string[]) =>
    execFileSync('sh', ['-c', `. "$1"; ${awk} "$CANONICAL"'{ print canonical($1) }'`, 'sh', JUDGE], {
      input: `${texts.join('\n')}\n`,
      encoding: 'utf8',
    })
      .split('\n')
      .slice(0, texts.length);

  it('takes for one address what the product takes for one', () => {
    const inShell = canonical(SPELLINGS);
    const same = (spelled: readonly unknown[]) => spelled.map((one) => spelled.indexOf(one));
    expect(same(inShell)).toEqual(same(SPELLINGS.map(canonicalAddress)));
  });

  it('takes for no address what the product takes for none', () => {
    expect(NO_ADDRESSES.map(canonicalAddress)).toEqual(NO_ADDRESSES.map(() => null));
    expect(canonical(NO_ADDRESSES)).toEqual(NO_ADDRESSES.map(() => ''));
  });
});
