import { expect, it } from '@jest/globals';
import { podServed } from '../../handlers/invocation/pod-served.ts';
import fleet from '../builders/shipped-fleet.ts';

const [blue] = fleet.pods;

it('a watchdog serves the pods of its class and smaller ones, and names the function of a larger one', () => {
  if (blue === undefined) throw new Error('the shipped fleet has no pod');
  const { hosts } = blue;
  try {
    blue.hosts = 10_000;
    expect(podServed('blue', { functionName: 'podtime-prod-watchdog10k' })).toBe(blue);
    expect(podServed('blue', { functionName: 'podtime-prod-watchdog50k' })).toBe(blue);
    expect(() => podServed('blue', { functionName: 'podtime-prod-watchdog' })).toThrow(
      'pod blue is built for 10,000 hosts, function watchdog serves at most 2,000: invoke watchdog10k.',
    );
  } finally {
    blue.hosts = hosts;
  }
  expect(podServed('blue', { functionName: 'podtime-prod-watchdog' })).toBe(blue);
});
