import { describe, expect, it } from '@jest/globals';
import { meaningOf, wordsOf } from '../../../src/report/page/card.ts';
import { findClock } from '../../../src/report/page/host-page.ts';
import { listQueryOf } from '../../../src/report/page/hosts-table.ts';
import { statusPage } from '../../../src/report/page/status-page.ts';
import type { Seen } from '../../../src/report/page/view.ts';
import { sentencesOf } from '../../../src/report/sentences.ts';
import { SCENARIOS } from '../../builders/status-scenarios.ts';

const PLACES = { stage: 'prod', runbookUrl: '', pagesUrl: '' };
const textOf = (markup: string) => markup.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ');
const page = (seen: Seen) => statusPage(seen, listQueryOf({}, seen.pod), PLACES);

const seen = (SCENARIOS.replaced as () => Seen)();
const { report } = seen;
const off = report.hosts.find(({ measures }) => measures.offsetMs === -80)?.instanceId ?? '';

describe('a clock that is off while its daemon is young', () => {
  it('is starting, and over its limit in each list', () => {
    const said = /\(client, [\w-]+\) is starting: [^:]* not yet confident: offset [-\u2212]80 ms/;
    expect(sentencesOf(report).find((sentence) => sentence.startsWith(off))).toMatch(said);
    const wrong = /What is wrong(.*)What to do/.exec(textOf(page(seen)))?.[1];
    expect(wrong).toMatch(new RegExp(`${off} ${said.source}`));
  });

  it('is so in the headline and the sentences of its page, whose numbers have the minus sign of figures', () => {
    const clock = findClock({ report }, off) as NonNullable<ReturnType<typeof findClock>>;
    expect(meaningOf(clock, seen.pod.thresholds)).toContain(
      'starting, and 80 ms off (limit 50 ms): its daemon is young',
    );
    const text = textOf(String(wordsOf(clock)));
    expect(text).toContain('offset \u221280 ms (limit 50 ms)');
    expect(text).not.toMatch(/(?<![^\s(])-\d/);
  });
});

describe('the page of a pod in which a server was replaced', () => {
  const text = textOf(page(seen));

  it('tells apart who needs somebody, what podtime is at work on, and who starts', () => {
    expect(text).not.toContain('Clients that need somebody');
    expect(text).toContain('Clients podtime is at work on: 2');
    expect(text).toContain('4 clients start');
    expect(page(seen)).toContain('<h3>podtime is at work on it</h3>');
    const observed = page({ ...seen, report: { ...report, mode: 'observe' } });
    expect(textOf(observed)).toContain('Clients that need somebody: 2');
    expect(observed).not.toContain('<h3>podtime is at work');
  });

  it('says of a stale host first what is the matter with it', () => {
    const stale = report.hosts.find((host) => host.stale !== undefined);
    const well = {
      ...seen,
      report: { ...report, hosts: report.hosts.map((host) => (host === stale ? asWell(host) : host)) },
    };
    expect(textOf(page(well))).toMatch(/stale client in az-\w, [\d.]+ Polls .* Its clock is right: offset/i);
    expect(text).not.toContain('Nothing is wrong: offset +80');
  });

  it('says the mode before all else', () => {
    expect(text.indexOf('mode act : keeps DNS true, cycles stale daemons')).toBeGreaterThan(0);
    expect(text.indexOf('mode act')).toBeLessThan(text.indexOf('What is wrong'));
  });

  it('names a server without a daemon as that, and draws no time coming from it', () => {
    expect(text).toContain('Time in pod blue is not good: 1 of 3 boundary servers has no daemon running.');
    const picture = /<div class="chain wide">.*?<\/svg>/s.exec(page(seen))?.[0] ?? '';
    // it polls nobody that is known, and three AZs poll it
    expect(picture.match(/class="link deaf"/g)).toHaveLength(3);
    expect([...picture.matchAll(/class="link deaf"[^>]*stroke-width="([^"]*)"/g)].map(([, width]) => width)).toEqual([
      '1',
      '1',
      '1',
    ]);
    expect(text).toContain('the thicker, the more clients of the AZ');
  });
});

function asWell<H extends Seen['report']['hosts'][number]>(host: H): H {
  const { sentence: _, cause: __, remarks: ___, confidence: ____, ...rest } = host;
  return { ...rest, state: 'healthy', confident: true } as H;
}

it.each(Object.keys(SCENARIOS))('negative numbers have one sign on the page: %s', (name) => {
  const text = textOf(page((SCENARIOS[name] as () => Seen)()));
  expect(text).not.toMatch(/(?<![^\s(])-\d/);
});
