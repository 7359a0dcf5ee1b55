import { describe, expect, it } from '@jest/globals';
import { hostsTable, listQueryOf } from '../../../src/report/page/hosts-table.ts';
import { SCENARIOS } from '../../builders/status-scenarios.ts';

const { pod, report } = (
  SCENARIOS.hundreds ??
  (() => {
    throw new Error('no scenario');
  })
)();

const listed = (query: Record<string, string>) => {
  const text = String(hostsTable(report, pod, listQueryOf(query, pod)));
  return {
    ids: [...text.matchAll(/href="hosts\/([^"]+)"/g)].map(([, id]) => id),
    which: /<p>(.*?)<\/p>/.exec(text)?.[1],
    isOpen: text.includes('<details open>'),
  };
};

describe('the list of hosts', () => {
  it('is folded until somebody asks for a part of it', () => {
    expect([listed({}).isOpen, listed({ state: 'any' }).isOpen]).toEqual([false, true]);
  });

  it('has each host on one page, the most urgent first', () => {
    const pages = ['1', '2', '3', '4', '5'].map((page) => listed({ page }).ids);
    expect(pages.map(({ length }) => length)).toEqual([100, 100, 100, 100, 100]);
    expect(new Set(pages.flat()).size).toBe(500);
    const stateOf = new Map(report.hosts.map(({ instanceId, state }) => [instanceId, state]));
    const states = pages.flat().map((id) => stateOf.get(id ?? ''));
    expect([...new Set(states)]).toEqual(['adrift', 'uncertain', 'unknown', 'degraded', 'starting', 'healthy']);
  });

  it.each([
    [{ state: 'needs' }, '1 to 20 of 20 hosts.'],
    [{ state: 'stale' }, 'No host is so.'],
    [{ tier: 'boundary' }, '1 to 3 of 3 hosts.'],
    [{ tier: 'client', az: 'us-west-2a', state: 'healthy' }, '1 to 100 of 159 hosts.'],
    // what means nothing is as if it were not given
    [{ state: '<script>', tier: 'x', az: 'x', order: 'x', page: '-1' }, '1 to 100 of 500 hosts.'],
    [{ page: '99999' }, '401 to 500 of 500 hosts.'],
    [{ page: '1e9' }, '1 to 100 of 500 hosts.'],
  ])('of %j says: %s', (query, which) => {
    expect(listed(query as Record<string, string>).which).toBe(which);
  });
});
