import { expect, it } from '@jest/globals';
import { methodSettings } from '../../infra/template/throttles.ts';

const FILES = { config: { events: [{ http: { method: 'get', path: '{pod}/{tier}/{az}/{file}' } }] } };
const ofFiles = (hosts: number) => {
  const { ThrottlingRateLimit, ThrottlingBurstLimit } = methodSettings(FILES, hosts)[1] ?? {};
  return [ThrottlingRateLimit, ThrottlingBurstLimit];
};

it.each([
  [1, 5, 50],
  [3000, 20, 200],
  [15_000, 100, 250],
])('files for %i hosts are served %i times a second, and at one time at most %i', (hosts, rate, burst) => {
  expect(ofFiles(hosts)).toEqual([rate, burst]);
});
