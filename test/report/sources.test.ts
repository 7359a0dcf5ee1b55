import { describe, expect, it } from '@jest/globals';
import type { Judgement, SeenSource } from '../../src/diagnosis/judgement.ts';
import { hostsReportOf } from '../../src/report/compose.ts';
import { judgement } from '../builders/judgements.ts';
import { collected, judge, source } from '../builders/sightings.ts';

const SOURCE: SeenSource = { remote: '10.0.1.5', tally: '*', reach: 0o377, stratum: 3, offsetMs: 0.5 };

const ill = (index: number, state: Judgement['state'], given: Parameters<typeof judgement>[3] = {}) =>
  judgement(`i-${index}`, 'client', 'b', { state, sources: [SOURCE], ...given });

const withSources = (judgements: Judgement[]) =>
  hostsReportOf(judgements)
    .hosts.filter(({ sources }) => sources !== undefined)
    .map(({ instanceId }) => instanceId);

describe('the sources of a host', () => {
  it('are told as its daemon sees them, without what it does not tell', () => {
    const untold: SeenSource = { remote: 'ntp.az-b.pod', tally: ' ', reach: null, stratum: null, offsetMs: null };
    const { hosts } = hostsReportOf([ill(1, 'adrift', { sources: [SOURCE, { ...untold, tally: null }, untold] })]);
    expect(hosts[0]?.sources).toEqual([SOURCE, { remote: 'ntp.az-b.pod' }, { remote: 'ntp.az-b.pod' }]);
  });

  it('stand in the rows of boundary servers, then of those that need somebody most, sixty in all', () => {
    const degraded = Array.from({ length: 100 }, (_, index) => ill(index, 'degraded'));
    const adrift = ill(1000, 'adrift');
    const server = judgement('i-0b', 'boundary', 'b', { sources: [SOURCE] });
    const told = withSources([...degraded, adrift, server]);
    expect(told).toHaveLength(60);
    expect(told.slice(-2)).toEqual(['i-1000', 'i-0b']);
    expect(told.slice(0, -2)).toEqual(degraded.slice(0, 58).map(({ host }) => host.instanceId));
  });

  it('are kept of a host that is not healthy, and of no healthy client', () => {
    const rows = [source('10.0.1.5', { tally: '*' }), source('10.0.2.5')];
    const { state, sources } = judge(collected({ sources: rows, system: { offsetMs: 80 } }));
    expect([state, sources?.map(({ remote }) => remote)]).toEqual(['adrift', ['10.0.1.5', '10.0.2.5']]);
    expect(judge(collected({ sources: rows }))).not.toHaveProperty('sources');
  });

  it('are shown escaped where their names are hostile', () => {
    const row = source('\u202e<script>', { reach: 0, refid: '.INIT.', tally: ' ' });
    const { sources } = judge(collected({ sources: [row], system: { offsetMs: 80 } }));
    expect(sources?.map(({ remote }) => remote)).toEqual(['\\u{202e}\\u{3c}script\\u{3e}']);
  });
});
