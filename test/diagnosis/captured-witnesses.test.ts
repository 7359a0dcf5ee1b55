import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { clockJudge } from '../../src/diagnosis/judge.ts';
import { podClocksOf } from '../../src/diagnosis/pod-clocks.ts';
import { parseCollected } from '../../src/host/collect.ts';
import { context, POD, server } from '../builders/sightings.ts';

// Real daemons that follow three upstreams and hear a fourth, 10.66.0.14, which is 3.5 s ahead.

const hosts = [server('a', ['10.66.0.51']), server('b', ['10.66.0.52'])];

describe.each(['classic', 'ntpsec', 'chrony'])('an upstream 3.5 s off, as two %s see it', (daemon) => {
  it('is contradicted by both, and no other with it', () => {
    const text = readFileSync(
      join(__dirname, '../fixtures/diagnosis', `${daemon}-settled-falseticker`, 'collect.txt'),
      'utf8',
    );
    const clocks = hosts
      .map((host) => ({ host, collected: parseCollected(text), status: 'Success' }))
      .map(clockJudge(context({ hosts })));
    const { contradicted } = podClocksOf(clocks, POD.thresholds, { hosts, expected: 2, tookSeconds: 0 });
    expect(contradicted.map(({ clock }) => clock)).toEqual(['10.66.0.14']);
    expect(contradicted[0]?.sentence).toMatch(
      /^2 of 2 boundary servers see 10\.66\.0\.14 3(?:499|500)(?:\.\d+)? ms ahead of where their other sources agree \(limit 5 ms; so while each host's majority is honest\)\.$/,
    );
  });
});
