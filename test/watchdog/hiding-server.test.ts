import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { hostId } from '@podtime/aws-endpoint/testing';
import { look } from '../../src/watchdog/look.ts';
import { observe } from '../../src/watchdog/observe.ts';
import { standingOf } from '../../src/watchdog/turn.ts';
import { addressOf, row, startPod, type TestedPod } from '../builders/endpoint-pod.ts';

const A = 'us-west-2a';
const [SECOND, THIRD, LIAR] = [addressOf(11, 'us-west-2b'), addressOf(12, 'us-west-2c'), addressOf(13, A)];

let pod: TestedPod;
beforeEach(async () => {
  pod = await startPod();
  pod.mode('act');
});
afterEach(() => pod.close());

/**
 * Each of three servers follows an upstream of its own, and says that all is well; the clients say what the liar tells them of itself. `upstream`: the
 * system peer that the liar prints.
 */
function given(
  liar: { refid: string; stratum: number; offset: string },
  upstream = row('*', '192.0.2.3', { stratum: 1, refid: '.GPS.' }),
) {
  const with9 = (systemPeer: string) => ({ sources: [systemPeer, row('+', '192.0.2.9')] });
  const onto = (address: string) => with9(row('*', address, { stratum: 1, refid: '.GPS.' }));
  pod.addHost(11, 'boundary', 'us-west-2b', onto('192.0.2.1'));
  pod.addHost(12, 'boundary', 'us-west-2c', onto('192.0.2.2'));
  pod.addHost(13, 'boundary', A, with9(upstream));
  const sources = [
    row('*', SECOND, { refid: '192.0.2.1' }),
    row('+', THIRD, { refid: '192.0.2.2' }),
    row('x', LIAR, liar),
  ];
  for (const n of [21, 22, 23]) pod.addHost(n, 'client', A, { sources });
}

/** State, and whether DNS has it, of the liar and of an honest server, every five minutes. */
async function watched(ticks: number) {
  const seen: unknown[] = [];
  for (let n = 1; n <= ticks; n += 1) {
    const { report } = await pod.tick({ tickId: `tick-${n}` });
    const stateOf = (number: number) => report.hosts.find(({ instanceId }) => instanceId === hostId(number))?.state;
    const held = pod.endpoint.records().map(({ setIdentifier }) => setIdentifier);
    seen.push([stateOf(13), held.includes(hostId(13)), stateOf(11), held.includes(hostId(11))]);
    await pod.clock.advance(300_000);
  }
  return seen;
}

it.each([
  ['an orphan', { refid: '127.0.0.1', stratum: 5 }],
  ['its own clock', { refid: 'LOCAL(0)', stratum: 6 }],
  ['the end of a long chain', { refid: '192.0.2.3', stratum: 10 }],
])(
  'a server that is 80 ms off, and calls itself %s to its clients, is withdrawn once that has lasted',
  async (_, own) => {
    given({ ...own, offset: '80.0' });
    const contradicted = (isPublished: boolean) => ['contradicted', isPublished, 'healthy', true];
    // after 15 minutes of it
    expect(await watched(5)).toEqual([true, true, true, false, false].map(contradicted));
  },
);

it('one that stands where the others do stays', async () => {
  given({ refid: '127.0.0.1', stratum: 5, offset: '0.021' });
  expect(await watched(5)).toEqual(Array(5).fill(['healthy', true, 'healthy', true]));
});

describe('asked by hand', () => {
  const byHand = async (...ids: number[]) => {
    const observed = await observe(pod.run, await standingOf(pod.run));
    const { judgements, outputs } = await look(pod.run, observed, ids.map(hostId), 20);
    const states = judgements.map(({ host, state, confident }) => [host.instanceId, state, confident]);
    const votes = judgements.map(({ votes: { liesLeft, lossesLeft } }) => [liesLeft, lossesLeft]);
    return { states, votes, shown: [...outputs.keys()] };
  };

  it('alone, it is contradicted too: its clients are asked with it, and not shown', async () => {
    given({ refid: '127.0.0.1', stratum: 5, offset: '80.0' });
    expect([await byHand(13), await byHand(11)]).toEqual([
      { states: [[hostId(13), 'contradicted', false]], votes: [[0, 0]], shown: [hostId(13)] },
      { states: [[hostId(11), 'healthy', true]], votes: [[0, 0]], shown: [hostId(11)] },
    ]);
  });

  it('alone, a client has the votes that only its servers can tell: whom they follow', async () => {
    given({ refid: '192.0.2.3', stratum: 2, offset: '0.021' });
    pod.addHost(24, 'client', A, { sources: [row('*', SECOND), row('+', THIRD), row('+', LIAR)] });
    expect(await byHand(24)).toEqual({
      states: [[hostId(24), 'healthy', true]],
      votes: [[1, 1]],
      shown: [hostId(24)],
    });
  });
});

it('one that says of the upstreams of others that one follows the other is withdrawn all the same', async () => {
  given({ refid: '192.0.2.2', stratum: 3, offset: '300.0' }, row('*', '192.0.2.2', { stratum: 2, refid: '192.0.2.1' }));
  const contradicted = (isPublished: boolean) => ['contradicted', isPublished, 'healthy', true];
  expect(await watched(5)).toEqual([true, true, true, false, false].map(contradicted));
});
