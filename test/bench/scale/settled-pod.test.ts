import { describe, expect, it } from '@jest/globals';
import { collectOutput, hostNumber } from '../../../bench/scale/fleet.ts';
import { reservationXml } from '../../../bench/scale/instance-xml.ts';
import { judgedOutputs } from '../../../bench/scale/judge-outputs.ts';
import { parseCollected } from '../../../src/host/collect.ts';

/** SSM's agent cuts what a listed answer holds beyond this. */
const LISTED_BYTES = 2400;
const hosts = Array.from({ length: 300 }, (_, number) => hostNumber(number));

describe('the hosts of a benched pod', () => {
  it('print what is read without a fault', () => {
    const faults = hosts.flatMap(
      (host) => parseCollected(collectOutput(host))?.faults.map((fault) => JSON.stringify(fault)) ?? ['not an output'],
    );
    expect(faults).toEqual([]);
  });

  it('are healthy and left behind by nothing: a tick of theirs has nothing to repair', () => {
    const { judgements } = judgedOutputs(300);
    const troubled = judgements.filter(({ state, stale }) => !['healthy', 'degraded'].includes(state) || stale);
    expect(troubled.map(({ sentence }) => sentence)).toEqual([]);
  });

  it('are as large as in the field: 4.9 KB of XML and 1.7 KB of output each', () => {
    const mean = (texts: string[]) => texts.reduce((sum, text) => sum + text.length, 0) / texts.length / 1000;
    expect(mean(hosts.map(reservationXml))).toBeCloseTo(4.9, 1);
    expect(mean(hosts.map((host) => collectOutput(host)))).toBeCloseTo(1.7, 1);
    expect(hosts.filter((host) => collectOutput(host).length > LISTED_BYTES)).toEqual([]);
  });
});
