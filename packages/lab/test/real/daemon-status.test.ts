import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { describeStatus, readNtpdRs } from '../../src/real/daemon-status.ts';

const FIXTURES = join(import.meta.dirname, '../../../../test/fixtures/ntpd-rs');

/** As query-daemon.sh parts what ntp-ctl printed. */
function read(name: string) {
  const lines = readFileSync(join(FIXTURES, `${name}.txt`), 'utf8').split('\n');
  const those = (prefix: string) => lines.filter((line) => line.startsWith(prefix)).join('\n');
  return readNtpdRs(those('ntp_system_'), those('ntp_source_'));
}

const server = (address: string, reach: number, isRejected: boolean) => ({
  kind: 'server' as const,
  address,
  reach,
  isSystemPeer: false,
  isRejected,
});

describe('what ntpd-rs says of itself', () => {
  it('tells a source that was never heard from the others, and no name that does not resolve', () => {
    expect(read('unsynchronised-60s-one-dead-one-unresolved')).toEqual({
      synchronised: false,
      stratum: 16,
      offsetMs: null,
      sources: expect.arrayContaining([
        server('10.20.2.10', 0xff, false),
        server('10.20.3.11', 0xff, false),
        server('10.20.4.12', 0xff, false),
        server('10.20.4.99', 0, true),
      ]),
    });
    expect(read('unsynchronised-60s-one-dead-one-unresolved').sources).toHaveLength(4);
  });

  it('knows IPv6, and its stratum once it is synchronised', () => {
    const status = read('synchronised-3-sources-one-ipv6-and-serving');
    expect({ ...status, sources: status.sources.map(({ address }) => address).toSorted() }).toEqual({
      synchronised: true,
      stratum: 3,
      offsetMs: null,
      sources: ['10.20.3.11', '10.20.4.12', '2001:db8:20::2:10'],
    });
    expect(describeStatus(status)).toBe('stratum 3, no system peer');
  });

  it('takes as many polls for unheard as went unanswered', () => {
    const reaches = read('two-of-three-cut-75s').sources.map(({ address, reach }) => [address, reach.toString(2)]);
    expect(Object.fromEntries(reaches)).toEqual({
      '10.20.2.10': '11100000',
      '10.20.3.11': '11100000',
      '10.20.4.12': '11111111',
      '10.20.4.99': '0',
    });
  });
});
