import { spawnSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { TIERS } from '../../src/fleet/fleet.ts';
import { readTimeService, readUpstream } from '../../src/fleet/sources.ts';
import { served } from '../builders/served-files.ts';
import fleet from '../builders/shipped-fleet.ts';
import { AT, CLIENT } from './boot-lab.ts';

describe('boot.sh as a text', () => {
  const there = spawnSync('which', ['shellcheck']).status === 0;
  const really = there ? it : it.skip;

  really(`is clean to shellcheck, for every pod, tier and AZ${there ? '' : ' (skipped: no shellcheck here)'}`, () => {
    for (const pod of fleet.pods) {
      for (const tier of TIERS) {
        const { text } = served('boot.sh', { fleet, pod, tier, az: pod.azs[0] as string });
        const { stdout, status } = spawnSync('shellcheck', ['--shell=sh', '-'], { input: text, encoding: 'utf8' });
        expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
      }
    }
  });

  it('holds nothing but its pod, tier and AZ of the fleet', () => {
    const other = { ...fleet, upstreams: [readUpstream('other.invalid')], timeService: readTimeService('reference') };
    expect(served('boot.sh', { ...AT, fleet: other, tier: 'client' }).text).toBe(CLIENT);
  });
});
