import { describe, expect, it } from '@jest/globals';
import { judgeAll } from '../../src/diagnosis/judge.ts';
import type { Judgement } from '../../src/diagnosis/judgement.ts';
import type { Collected } from '../../src/host/collected.ts';
import type { Source } from '../../src/ntp/source.ts';
import { hostsReportOf, summaryOf } from '../../src/report/compose.ts';
import { PAGE_BYTES, pageOf } from '../../src/report/paging.ts';
import type { Report } from '../../src/report/report.ts';
import { sentencesOf } from '../../src/report/sentences.ts';
import { textOf } from '../../src/report/texts.ts';
import { emptyReport } from '../builders/empty-report.ts';
import { collected, context, host, source } from '../builders/sightings.ts';

// `status.json` of 10,000 hosts in one bad way, each with numbers of its own: judged as a tick judges them.

const HOSTS = 10_000;
/** Lambda's, in bytes of a thousand. */
const LAMBDA_BYTES = 6_000_000;
/** As API Gateway is answered: JSON within JSON. */
const bytesOfBody = (part: unknown) => Buffer.byteLength(JSON.stringify(JSON.stringify(part)));

const SERVERS = ['10.120.0.5', '10.121.0.5', '10.122.0.5', '169.254.169.123', '2001:db8:1234:5601::5', 'fd00:ec2::123'];
const own = (index: number) => Math.round((1 + index / 7) * 1e6) / 1e6;
const sources = (given: (place: number) => Partial<Source>) =>
  SERVERS.map((address, place) =>
    source(address, { tally: place === 0 ? '*' : '+', offsetMs: 0.098765, ...given(place) }),
  );
const SYSTEM = { offsetMs: -0.123456, rootDelayMs: 0.654321, rootDispersionMs: 12.123456 };

function answerOf(given: Partial<Collected>, system: Partial<Collected['system']> = {}): Collected {
  return collected({ ageSeconds: 1_234_567, sources: sources(() => ({})), ...given, system: { ...SYSTEM, ...system } });
}

/** A pod of 10,000 in three AZs, of both families. */
function judged(answers: (index: number) => Collected | null): Judgement[] {
  const sightings = Array.from({ length: HOSTS }, (_, index) => {
    const ipv6 = `2001:db8:1234:5600:${index.toString(16)}:89ab:cdef:123`;
    const address = { ipv4: `10.120.${index >> 8}.${index & 255}`, ipv6: [ipv6] };
    const id = `i-${index.toString(16).padStart(17, '0')}`;
    const answer = answers(index);
    const status = answer ? 'Success' : 'DeliveryTimedOut';
    return { host: host(id, { az: 'us-west-2b', ...address }), collected: answer, status };
  });
  return judgeAll(sightings, { ...context(), isBrief: true });
}

const KINDS: Record<string, [Judgement['state'], (index: number) => Collected | null]> = {
  healthy: ['healthy', () => answerOf({})],
  'adrift by offset': ['adrift', (index) => answerOf({}, { offsetMs: 51 + own(index) / 15 })],
  'uncertain, by error bound': ['uncertain', (index) => answerOf({}, { rootDispersionMs: 300 + own(index) })],
  'in holdover': [
    'holdover',
    (index) =>
      answerOf(
        { sources: sources(() => ({ tally: ' ', reach: 0, whenSeconds: 2000 + index })) },
        { rootDispersionMs: own(index) },
      ),
  ],
  'adrift by all that there is to be adrift by': [
    'adrift',
    (index) => answerOf({ sources: sources(() => ({ offsetMs: 1000 + own(index) })) }, { offsetMs: 1000 + own(index) }),
  ],
  'unsynchronised, with a leap alarm': [
    'unsynchronised',
    () => answerOf({ sources: sources(() => ({ tally: ' ' })) }, { leap: 'alarm' }),
  ],
  'unsynchronised, with no source heard': [
    'unsynchronised',
    () => answerOf({ sources: sources(() => ({ tally: ' ', reach: 0, refid: '.INIT.' })) }, { leap: 'alarm' }),
  ],
  'without a majority': ['holdover', () => answerOf({ sources: sources(() => ({ tally: ' ' })) })],
  'low in reach': [
    'healthy',
    (index) =>
      answerOf({ sources: sources((place) => ({ reach: 0o377 ^ (1 << ((index >> place) % 8)) ^ (place % 2) })) }),
  ],
  'without one of their sources': [
    'degraded',
    () => answerOf({ sources: sources((place) => (place === 4 ? { reach: 0 } : {})) }),
  ],
  'without two of their sources': [
    'degraded',
    () => answerOf({ sources: sources((place) => (place === 1 || place === 2 ? { reach: 0 } : {})) }),
  ],
  'on old files': ['degraded', () => answerOf({ configRevision: 'fedcba9876543210' })],
  starting: [
    'starting',
    (index) =>
      answerOf({ ageSeconds: 10 + (index % 200), sources: sources(() => ({ tally: ' ' })) }, { leap: 'alarm' }),
  ],
  silent: ['unknown', () => null],
};

describe('the status of 10,000 hosts', () => {
  it.each(Object.entries(KINDS))('that are all %s is one page', (_, [state, answers]) => {
    const judgements = judged(answers);
    expect(new Set(judgements.map((each) => each.state))).toEqual(new Set([state]));
    const report: Report = { ...emptyReport('blue'), ...hostsReportOf(judgements), summary: summaryOf(judgements) };
    const page = pageOf({ sentences: sentencesOf(report), ...report }, 0, PAGE_BYTES, bytesOfBody);
    expect([page.next, page.hosts.length]).toEqual([undefined, HOSTS]);
    expect(bytesOfBody(page)).toBeLessThan(LAMBDA_BYTES);
  });

  it.each(Object.entries(KINDS))('that are all %s leaves nothing out that is not said elsewhere', (_, [, answers]) => {
    const judgements = judged(answers).slice(0, 300);
    const { hosts, texts } = hostsReportOf(judgements);
    for (const [index, { cause = -1, remarks = [], confidence, sentence, confident }] of hosts.entries()) {
      const judgement = judgements[index] as Judgement;
      expect(texts[cause] ?? null).toBe(judgement.cause);
      expect(remarks.map((remark) => textOf(remark, texts))).toEqual(judgement.remarks);
      if (confidence) expect(textOf(confidence, texts)).toBe(judgement.confidence);
      if (confidence || confident) continue;
      const rowWords = [sentence, ...judgement.remarks].join(' ');
      const lacking = judgement.confidence.replace(/^not confident: |\.$/g, '');
      if (rowWords.includes(lacking)) continue;
      // `error bound 212 ms (limit 200 ms)`: the same number stands beside the same limit
      const points = [...lacking.matchAll(/(?:^|, )(.*?) (-?[\d.]+) ms \(limit (\d+) ms\)/g)];
      expect(points.map(([point]) => point).join('')).toBe(lacking);
      for (const [, what, value, limit] of points) {
        expect(rowWords).toContain(`${what} ${value} ms is over the limit of ${limit} ms`);
      }
    }
  });
});
