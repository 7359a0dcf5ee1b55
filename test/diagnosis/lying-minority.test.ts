import { describe, expect, it } from '@jest/globals';
import { judgeAll } from '../../src/diagnosis/judge.ts';
import type { Collected } from '../../src/host/collected.ts';
import { collected, context, host, record, source } from '../builders/sightings.ts';
import { addressOf, LETTERS, SERVERS } from '../builders/witnessing.ts';

/** The states of so many boundary servers, each on an upstream of its own where it is not said, as so many clients see them. */
function statesSeenBy(upstreams: readonly string[], clients: readonly [number, Collected][]) {
  const servers = SERVERS.slice(0, upstreams.length);
  const seen = clients.flatMap(([number, answer]) => Array.from({ length: number }, () => answer));
  const hosts = [...servers, ...seen.map((_, index) => host(`i-1${index}`))];
  const serving = (upstream: string) =>
    collected({
      configNames: [],
      sources: [upstream, '192.0.2.99'].map((address, index) =>
        source(address, { tally: index === 0 ? '*' : '+', stratum: 1, refid: '.GPS.' }),
      ),
    });
  const answers = [...upstreams.map(serving), ...seen];
  const records = servers.map((_, index) => record(LETTERS[index] ?? '', addressOf(LETTERS[index] ?? '')));
  const judgements = judgeAll(
    hosts.map((each, index) => ({ host: each, collected: answers[index] ?? null, status: 'Success' })),
    context({ hosts, records }),
  );
  return judgements.slice(0, servers.length).map(({ state }) => state);
}

const client = (...rows: Parameters<typeof source>[1][]) =>
  collected({ sources: rows.map((row, index) => source(addressOf(LETTERS[index] ?? ''), row)) });

describe('hosts that lie', () => {
  it('convict no server that most clients see stand with most of their rows, though too few clocks are behind these', () => {
    const upstreams = ['192.0.2.1', '192.0.2.1', '192.0.2.1', '192.0.2.2', '192.0.2.3'];
    const at = (...offsets: number[]) =>
      client(...offsets.map((offsetMs, index) => ({ offsetMs, tally: index === 0 ? ('*' as const) : ('+' as const) })));
    // two servers have gone off: of three clocks no two agree
    const [honest, lying] = [at(0, 0, 0, 200, -300), at(300, 0, 0, 0, 0)];
    const well = Array(5).fill('healthy');
    expect(
      statesSeenBy(upstreams, [
        [9, honest],
        [3, lying],
      ]),
    ).toEqual(well);
    expect(
      statesSeenBy(upstreams, [
        [3, honest],
        [3, lying],
      ]),
    ).toEqual(well);
    // as soon as they are most
    expect(
      statesSeenBy(upstreams, [
        [3, honest],
        [4, lying],
      ]),
    ).toEqual(['contradicted', ...well.slice(1)]);
  });

  it.each(['.RATE.', '.DENY.', '.INIT.', '.STEP.', '.DNS.', '.POOL.', '.BCST.', '.GPS.'])(
    'are found out whatever they call their reference: %s',
    (refid) => {
      const answer = client(
        { tally: '*', refid: '192.0.2.1' },
        { refid: '192.0.2.2' },
        { tally: 'x', offsetMs: 300, stratum: 1, refid },
      );
      expect(statesSeenBy(['192.0.2.1', '192.0.2.2', '192.0.2.3'], [[10, answer]])).toEqual([
        'healthy',
        'healthy',
        'contradicted',
      ]);
    },
  );

  it.each<[stratum: number, refid: string]>([
    [5, '127.0.0.1'],
    [9, '127.0.0.1'],
    [5, 'LOCAL(0)'],
    [6, '.LOCL.'],
    [8, '127.127.1.1'],
    [10, '192.0.2.9'],
    [15, '127.127.1.1'],
  ])('are found out though they call their clock undisciplined: stratum %d, %s', (stratum, refid) => {
    const upstreams = ['192.0.2.1', '192.0.2.2', '192.0.2.3'];
    const seenAt = (offsetMs: number) =>
      client({ tally: '*', refid: '192.0.2.1' }, { refid: '192.0.2.2' }, { tally: 'x', offsetMs, stratum, refid });
    const well = ['healthy', 'healthy'];
    expect(statesSeenBy(upstreams, [[10, seenAt(300)]])).toEqual([...well, 'contradicted']);
    expect(statesSeenBy(upstreams, [[10, seenAt(0)]])).toEqual([...well, 'healthy']);
    // a minority that invents that of an honest one
    expect(
      statesSeenBy(upstreams, [
        [10, client({ tally: '*', refid: '192.0.2.1' }, { refid: '192.0.2.2' }, { refid: '192.0.2.3' })],
        [9, seenAt(300)],
      ]),
    ).toEqual([...well, 'healthy']);
  });
});
