import { judgeAll } from '../../src/diagnosis/judge.ts';
import type { Judgement, Sighting } from '../../src/diagnosis/judgement.ts';
import type { Collected } from '../../src/host/collected.ts';
import { collected, context, host, record } from './sightings.ts';
import { addressOf, exactRow, SERVERS } from './witnessing.ts';

// Three boundary servers, each on an upstream of its own, and clients that say where they see the third.

export const UPSTREAMS = ['192.0.2.1', '192.0.2.2', '192.0.2.3'];
export const upstreamRow = (address: string, offsetMs: number) =>
  exactRow(address, offsetMs, {
    stratum: 2,
    refid: `198.51.100.${address.at(-1)}`,
    tally: address === '192.0.2.1' ? '*' : '+',
  });

/** A healthy boundary server on three upstreams. */
export const serving = (given: Parameters<typeof collected>[0] = {}) =>
  collected({ sources: UPSTREAMS.map((address) => upstreamRow(address, 0)), ...given });

/** A client of servers a, b, c that sees c so far ahead of a and b, and follows it. */
export const client = (number: number, offMs: number, given: Parameters<typeof collected>[0] = {}): Sighting => ({
  host: host(`i-1${number}`),
  status: 'Success',
  collected: collected({
    sources: [
      exactRow(addressOf('a'), -offMs / 3),
      exactRow(addressOf('b'), -offMs / 3),
      exactRow(addressOf('c'), offMs - offMs / 3, { tally: '*' }),
    ],
    ...given,
  }),
});

export const THREE = SERVERS.slice(0, 3);
export const POD_CONTEXT = context({
  hosts: THREE,
  records: ['a', 'b', 'c'].map((letter) => record(letter, addressOf(letter))),
});
export const onto = (upstream: string | undefined) =>
  serving({
    sources: UPSTREAMS.map((address) => ({ ...upstreamRow(address, 0), tally: address === upstream ? '*' : '+' })),
  });
/** Each follows an upstream of its own, but for those given. */
export const servers = (answers: Record<string, Collected | null> = {}): Sighting[] =>
  THREE.map((of, index) => {
    const answer = answers[of.instanceId];
    return { host: of, status: 'Success', collected: answer === undefined ? onto(UPSTREAMS[index]) : answer };
  });

export function judged(sightings: Sighting[], id: string): Judgement {
  const found = judgeAll(sightings, POD_CONTEXT).find(({ host: { instanceId } }) => instanceId === id);
  if (!found) throw new Error(`${id} was not judged`);
  return found;
}
