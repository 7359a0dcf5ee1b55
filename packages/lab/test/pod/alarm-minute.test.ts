import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { loadFleet } from '../../../../src/fleet/load.ts';
import { alarmFactorOf } from '../../src/pod/alarm-minute.ts';
import { slowFleetText } from '../../src/pod/local-fleet.ts';

const text = readFileSync('packages/lab/fleet.yml', 'utf8');

it('is 12 s in the local pod, and never faster than its hosts', () => {
  expect([20, 5, 2].map((factor) => 60 / alarmFactorOf(loadFleet(text), factor))).toEqual([12, 12, 30]);
});

it('holds a tick on a slow machine, which has one less often', () => {
  const slow = loadFleet(slowFleetText(text, 10));
  expect(slow.pods[0]?.intervalSeconds).toBe(100);
  expect(60 / alarmFactorOf(slow, 20)).toBeCloseTo(120);
});
