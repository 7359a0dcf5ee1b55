import { expect, it } from '@jest/globals';
import { didYouMean } from '../../src/pod/client/nearest.mjs';

const HOSTS = ['blue-boundary-b', 'blue-client-a1', 'blue-client-a2', 'green-client-a1'];

it.each([
  ['hots', ['hosts', 'hold', 'alarms'], ' Did you mean hosts?'],
  ['HOSTS', ['hosts', 'hold'], ' Did you mean hosts?'],
  ['bleu', ['blue', 'green'], ' Did you mean blue?'],
  ['stat', ['status', 'stop'], ' Did you mean status?'],
  ['client-a1', HOSTS, ' Did you mean blue-client-a1 or green-client-a1?'],
  ['blue-cleint-a2', HOSTS, ' Did you mean blue-client-a2?'],
  ['fast', ['observe', 'act', 'hold'], ''],
  ['explode', ['hosts', 'replace'], ''],
  ['', HOSTS, ''],
  ['x', ['a', 'b'], ''],
])('%j of %j%s', (given, known, answer) => {
  expect(didYouMean(given, known)).toBe(answer);
});
