import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { judgeAll } from '../../src/diagnosis/judge.ts';
import type { Collected } from '../../src/host/collected.ts';
import { runs } from '../builders/property-runs.ts';
import { collected, context, host, record, source } from '../builders/sightings.ts';
import { addressOf, LETTERS, SERVERS } from '../builders/witnessing.ts';

/** An upstream, or one with the refid that the server prints of it. */
type Upstream = string | readonly [address: string, refid: string];

/** The states of so many boundary servers, each with such a system peer, as so many clients see them. */
function statesSeenBy(upstreams: readonly Upstream[], clients: readonly [number, Collected][]) {
  const servers = SERVERS.slice(0, upstreams.length);
  const seen = clients.flatMap(([number, answer]) => Array.from({ length: number }, () => answer));
  const hosts = [...servers, ...seen.map((_, index) => host(`i-1${index}`))];
  const serving = (upstream: Upstream) => {
    const [address, refid] = typeof upstream === 'string' ? [upstream, '.GPS.'] : upstream;
    return collected({
      configNames: [],
      sources: [
        source(address, { tally: '*', stratum: refid === '.GPS.' ? 1 : 2, refid }),
        source('192.0.2.99', { stratum: 1, refid: '.GPS.' }),
      ],
    });
  };
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

  describe('are found out whatever they say of upstreams', () => {
    const offBy = (...offsets: number[]) =>
      client(...offsets.map((offsetMs, index) => ({ offsetMs, tally: index === 0 ? ('*' as const) : ('+' as const) })));

    it.each<[claim: string, lie: Upstream]>([
      ["that another's follows a third's", ['192.0.2.2', '192.0.2.1']],
      ["that a third's follows another's", ['192.0.2.1', '192.0.2.2']],
      ["that another's follows the time service", ['192.0.2.2', '169.254.169.123']],
      ["that another's follows a server of the pod", ['192.0.2.2', addressOf('a')]],
      ["that its own is another's", '192.0.2.2'],
      ["that its own follows another's", ['192.0.2.3', '192.0.2.2']],
      ['that it follows a server of the pod', addressOf('b')],
      ['that its own follows a server of the pod', ['192.0.2.3', addressOf('b')]],
    ])('%s', (_, lie) => {
      expect(statesSeenBy(['192.0.2.1', '192.0.2.2', lie], [[8, offBy(0, 0, 300)]])).toEqual([
        'healthy',
        'healthy',
        'contradicted',
      ]);
      // and of those whose upstreams follow others in turn
      const honest: Upstream[] = [
        ['192.0.2.1', '198.51.100.1'],
        ['192.0.2.2', '198.51.100.2'],
      ];
      expect(statesSeenBy([...honest, lie], [[8, offBy(0, 0, 300)]])).toEqual(['healthy', 'healthy', 'contradicted']);
    });

    it('though one says that the upstream of an upstream follows another', () => {
      const honest: Upstream[] = [['192.0.2.1', '198.51.100.1'], '192.0.2.2'];
      expect(statesSeenBy([...honest, ['198.51.100.1', '192.0.2.2']], [[8, offBy(0, 0, 300)]])).toEqual([
        'healthy',
        'healthy',
        'contradicted',
      ]);
    });

    it('in pods of any size: all of the minority, and none of the others', () => {
      const addresses = Array.from({ length: 12 }, (_, index) => `192.0.2.${index + 1}`);
      const anyAddress = fc.constantFrom(...addresses, ...LETTERS.map(addressOf), '169.254.169.123');
      const lies = fc.array(
        fc.record({ upstream: fc.tuple(anyAddress, anyAddress), offsetMs: fc.constantFrom(-40, 40, 300, 3000) }),
        { minLength: 1, maxLength: 2 },
      );
      fc.assert(
        fc.property(lies, fc.boolean(), fc.nat(4), (lying, isTold, turn) => {
          const honest = Array.from({ length: lying.length + 1 }, (_, index) => ({
            upstream: [addresses[index] ?? '', isTold ? (addresses[index + 6] ?? '') : '.GPS.'] as Upstream,
            offsetMs: 0,
          }));
          const servers = [...honest, ...lying];
          const turned = [...servers.slice(turn % servers.length), ...servers.slice(0, turn % servers.length)];
          const answer = offBy(...turned.map(({ offsetMs }) => offsetMs));
          const states = statesSeenBy(
            turned.map(({ upstream }) => upstream),
            [[4, answer]],
          );
          const isOff = turned.map(({ offsetMs }) => offsetMs !== 0);
          expect(states.map((state) => state === 'contradicted')).toEqual(isOff);
        }),
        runs(200),
      );
    });
  });
});
