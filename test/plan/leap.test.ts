import { describe, expect, it } from '@jest/globals';
import type { Judgement } from '../../src/diagnosis/judgement.ts';
import type { LeapSecond } from '../../src/fleet/leap-seconds.ts';
import { type Memory, plan } from '../../src/plan/plan.ts';
import { client, HOUR, input, judged, MINUTE, memory, server } from '../builders/plan-input.ts';

const AT = Date.UTC(2027, 0, 1);
const ADDED: LeapSecond = { atMs: AT, sign: 'add' };
const SERVERS = [server('a1', 'a'), server('b1', 'b'), server('c1', 'c')];
const CLIENTS = ['e1', 'e2', 'e3', 'e4'].map((digits) => client(digits, 'b'));
type News = Judgement['leapAnnounced'] | 'silent';

/** What is remembered after a tick at which servers and clients say so. */
function remembered(nowMs: number, servers: News[], clients: News[] = [], before?: LeapSecond): Memory['leap'] {
  const say = (news: News): Partial<Judgement> =>
    news === 'silent' ? { state: 'unknown', confident: false } : { leapAnnounced: news };
  const judgements = [
    ...servers.map((news, index) => judged(SERVERS[index] ?? server('d1', 'd'), say(news))),
    ...clients.map((news, index) => judged(CLIENTS[index] ?? client('e9', 'b'), say(news))),
  ];
  const hosts = judgements.map(({ host }) => host);
  return plan(input({ hosts, nowMs, judgements, memory: memory(before && { leap: before }) })).memory.leap;
}

describe('a leap second is remembered', () => {
  const cases: [what: string, expected: LeapSecond | undefined, ...Parameters<typeof remembered>][] = [
    ['where most boundary servers announce it', ADDED, AT - 24 * HOUR, ['add', 'add', false], [false, false]],
    [
      'with the sign that servers announce, whatever more hosts say',
      ADDED,
      AT - HOUR,
      ['add', 'add'],
      ['delete', 'delete', 'delete', 'delete'],
    ],
    ['added where as many say that it is taken out', ADDED, AT - HOUR, ['add', 'delete']],
    [
      'with the sign that most hosts announce where servers are silent',
      ADDED,
      AT - HOUR,
      ['silent'],
      ['add', 'add', 'delete'],
    ],
    ['with its sign', { atMs: AT, sign: 'delete' }, AT - HOUR, ['delete', 'delete', 'add']],
    [
      'with the sign that clients announce where servers announce none',
      { atMs: AT, sign: 'delete' },
      AT - HOUR,
      [false, false],
      ['delete', 'delete', 'delete'],
    ],
    ['where most hosts announce it', ADDED, AT - HOUR, ['silent'], ['add', 'add', false]],
    ['just after it, of hosts that still announce it', ADDED, AT + 59 * MINUTE, ['add', 'add', 'add']],
    ['not where half announce it', undefined, AT - HOUR, ['add', false], ['add', false]],
    ['not at another time, whoever announces it', undefined, AT - 25 * HOUR, ['add', 'add', 'add'], ['add']],
    ['not where nobody answers', undefined, AT - HOUR, ['silent', 'silent'], ['silent']],
    ['after it, when nobody announces it any more', ADDED, AT + 24 * HOUR, [false, false], [false], ADDED],
    ['before it, though it is announced no more', ADDED, AT - 10 * HOUR, [false, false], [false], ADDED],
    ['while nobody answers', ADDED, AT + HOUR, ['silent', 'silent'], ['silent'], ADDED],
    ['no longer than a day after it', undefined, AT + 24 * HOUR + 1, [false, false], [false], ADDED],
    ['not of a damaged memory', undefined, AT, [false], [false], { atMs: AT + 30 * 24 * HOUR, sign: 'add' }],
    ['anew where the sign was mistaken', ADDED, AT - HOUR, ['add', 'add', 'add'], [], { atMs: AT, sign: 'delete' }],
  ];

  it.each(cases)('%s', (_, expected, ...given) => {
    expect(remembered(...given)).toEqual(expected);
  });
});
