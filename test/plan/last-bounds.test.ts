import { describe, expect, it } from '@jest/globals';
import { type Memory, plan } from '../../src/plan/plan.ts';
import { client, input, judged, memory, NOW, server } from '../builders/plan-input.ts';

const SERVER = server('b1', 'b');
const [TOLD, SILENT, UNREAD, WELL] = ['e1', 'e2', 'e3', 'e4'].map((digits) => client(digits, 'b')) as [
  typeof SERVER,
  typeof SERVER,
  typeof SERVER,
  typeof SERVER,
];
const bound = (boundMs: number, atMs = NOW) => ({ boundMs, atMs });

/** What is remembered after a tick that saw this of them. */
function remembered(before: Memory['lastBounds'], given: Parameters<typeof judged>[1][]): Memory['lastBounds'] {
  const seen = [TOLD, SILENT, WELL].flatMap((host, at) => (given[at] ? [judged(host, given[at])] : []));
  const hosts = [SERVER, TOLD, SILENT, WELL];
  const judgements = [judged(SERVER), ...seen];
  return plan(input({ hosts, judgements, unread: [UNREAD.instanceId], memory: memory({ lastBounds: before }) })).memory
    .lastBounds;
}

describe('the last bounds that clocks told', () => {
  it('are remembered of those that say so, and kept of those that are not seen', () => {
    const before = Object.fromEntries(
      [TOLD, SILENT, UNREAD, WELL].map(({ instanceId }) => [instanceId, bound(1, NOW - 300_000)]),
    );
    const now = remembered(before, [{ lastBound: bound(2) }, { state: 'unknown', confident: false }, {}]);
    expect(now).toEqual({
      [TOLD.instanceId]: bound(2),
      [SILENT.instanceId]: bound(1, NOW - 300_000),
      [UNREAD.instanceId]: bound(1, NOW - 300_000),
    });
  });

  it('are what covers it of who is contradicted while it is silent, and nothing where that is not known', () => {
    const before = { [SILENT.instanceId]: bound(1), [TOLD.instanceId]: bound(2) };
    const silent = { state: 'unknown', findings: ['unknown', 'contradicted'], confident: false } as const;
    const seen = [silent, { ...silent, lastBound: bound(101) }].map((each) => ({
      ...each,
      findings: [...each.findings],
    }));
    expect(remembered(before, seen)).toEqual({ [SILENT.instanceId]: bound(101) });
  });

  it('are none where nobody needs one', () => {
    expect(remembered(undefined, [{}, {}, {}])).toBeUndefined();
  });
});

describe('the bounds that clocks had by servers in holdover', () => {
  it('are remembered of those that say so, and kept of those that are not seen', () => {
    const held = (boundMs: number | null) => ({ boundMs, atMs: NOW, backMs: NOW });
    const hosts = [SERVER, TOLD, SILENT, WELL];
    const before = Object.fromEntries([TOLD, SILENT, UNREAD, WELL].map(({ instanceId }) => [instanceId, held(1)]));
    const judgements = [
      judged(SERVER),
      judged(TOLD, { heldBound: held(null) }),
      judged(SILENT, { state: 'unknown', findings: ['unknown', 'contradicted'], confident: false }),
      judged(WELL),
    ];
    const { heldBounds } = plan(
      input({ hosts, judgements, unread: [UNREAD.instanceId], memory: memory({ heldBounds: before }) }),
    ).memory;
    expect(heldBounds).toEqual({
      [TOLD.instanceId]: held(null),
      [SILENT.instanceId]: held(1),
      [UNREAD.instanceId]: held(1),
    });
  });
});
