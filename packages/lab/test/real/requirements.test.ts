import { describe, expect, it } from '@jest/globals';
import { type Surroundings, whyNoRealHosts } from '../../src/real/requirements.ts';

const ABLE: Surroundings = { platform: 'linux', userId: 0, has: () => true, tryNamespaces: () => null };

describe('what real hosts need', () => {
  it('is nothing where all is there', () => {
    expect(whyNoRealHosts(ABLE)).toEqual([]);
  });

  it.each<[string, Partial<Surroundings>, string[]]>([
    [
      'Linux',
      { platform: 'darwin' },
      [
        'Real hosts live in network namespaces, which only Linux has; this is darwin. Without --real the hosts are simulated, on any system.',
      ],
    ],
    [
      'root',
      { userId: 1000 },
      ['Real hosts need root, which makes their network namespaces: sudo npm start -- --real'],
    ],
    [
      'packages, each with the command that installs it',
      { has: (program) => !['ntpd', 'ntpq', 'ip'].includes(program) },
      [
        'There is no ip. Install it: apt-get install iproute2',
        'There is no ntpd, no ntpq. Install it: apt-get install ntpsec',
      ],
    ],
    [
      'chrony beside ntpsec',
      { has: (program) => program !== 'chronyd' },
      ['There is no chronyd. apt cannot install chrony beside ntpsec; this unpacks it: scripts/install-test-tools.sh'],
    ],
    [
      'namespaces',
      { tryNamespaces: () => 'unshare: unshare failed: Operation not permitted' },
      [
        'Namespaces cannot be made here (in a container it must be privileged: docker run --privileged): unshare: unshare failed: Operation not permitted',
      ],
    ],
  ])('is %s', (_, lacking, sentences) => {
    expect(whyNoRealHosts({ ...ABLE, ...lacking })).toEqual(sentences);
  });
});
