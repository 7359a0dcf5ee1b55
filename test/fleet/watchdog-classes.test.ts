import { describe, expect, it } from '@jest/globals';
import { MOST_HOSTS, WATCHDOG_CLASSES, watchdogOf, watchdogsOf } from '../../src/fleet/watchdog-classes.ts';

const namesOf = (...hosts: number[]) =>
  watchdogsOf(hosts.map((each) => ({ hosts: each }))).map(({ functionName }) => functionName);

describe('the watchdog of a pod', () => {
  it.each([
    [1, 'watchdog'],
    [2000, 'watchdog'],
    [2001, 'watchdog10k'],
    [10_000, 'watchdog10k'],
    [10_001, 'watchdog50k'],
    [50_000, 'watchdog50k'],
  ])('of %d hosts is %s', (hosts, functionName) => {
    expect(watchdogOf({ hosts }).functionName).toBe(functionName);
  });

  it('is none for more than the largest class serves', () => {
    expect(WATCHDOG_CLASSES.at(-1)?.hosts).toBe(MOST_HOSTS);
    expect(() => watchdogOf({ hosts: MOST_HOSTS + 1 })).toThrow('No watchdog serves a pod of 50001 hosts');
  });

  it('is shared by pods of one class', () => {
    expect(namesOf(100, 1000, 2000)).toEqual(['watchdog']);
    expect(namesOf(50_000, 100)).toEqual(['watchdog', 'watchdog50k']);
  });
});
