import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import type { Seen } from '../../../src/report/page/view.ts';
import { podWidget } from '../../../src/report/page/widget.ts';
import { HOSTILE_TEXTS, SCENARIOS } from '../../builders/status-scenarios.ts';
import { startBrowser, whyNoBrowser } from './chromium.ts';
import { HOST_SCENARIOS, showHost } from './host-scenarios.ts';
import { type Served, serveStatus } from './served.ts';

// The pages in a real browser, from the real function over real HTTP.

const reason = whyNoBrowser();
const really = reason === null ? it : it.skip;
const because = reason === null ? '' : ` (skipped: ${reason})`;

let served: Served;
let browser: Browser;
beforeAll(async () => {
  if (reason !== null) return;
  served = await serveStatus();
  browser = await startBrowser();
});
afterAll(async () => {
  await browser?.close();
  await served?.close();
});

/** Of 500 hosts, list unfolded. */
const MOST_BYTES = 150_000;

const VIEWS = [
  { width: 360, height: 740, theme: 'light' },
  { width: 360, height: 740, theme: 'dark' },
  { width: 1600, height: 1000, theme: 'light' },
  { width: 1600, height: 1000, theme: 'dark' },
] as const;

interface Visit {
  page: Page;
  /** What the browser complained of. */
  complaints: string[];
  requests: string[];
  bytes: number;
  close(): Promise<void>;
}

async function visit(path: string, { width, height, theme }: (typeof VIEWS)[number] = VIEWS[2]): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme });
  const page = await context.newPage();
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    dialog.dismiss().catch(() => {});
  });
  page.on('request', (request) => requests.push(request.url()));
  await page.addInitScript({ path: join(import.meta.dirname, 'in-page.mjs') });
  const answer = await page.goto(`${served.url}${path}`);
  const bytes = (await answer?.body())?.byteLength ?? 0;
  return { page, complaints, requests, bytes, close: () => context.close() };
}

/** Rules of WCAG 2.2 A and AA, and axe's own best practices, that the page breaks. */
async function violationsOf(page: Page): Promise<string[]> {
  // not by a script element, which the page's policy forbids
  await page.evaluate(axe.source);
  return page.evaluate<string[]>('inPage.accessibility()');
}

async function expectKept({ page, complaints, requests }: Visit, path: string): Promise<void> {
  expect(complaints).toEqual([]);
  expect(await page.evaluate('inPage.violations()')).toEqual([]);
  expect(requests.filter((url) => !url.startsWith('data:'))).toEqual([`${served.url}${path}`]);
  expect(await page.evaluate('inPage.scripts()')).toBe(0);
  expect(await page.evaluate('inPage.overhang()')).toBe(0);
  expect(await page.evaluate('inPage.spilling()')).toEqual([]);
}

const scenarioOf = (name: string) => {
  const seen = SCENARIOS[name]?.();
  if (seen === undefined) throw new Error(`there is no scenario ${name}`);
  return seen.report;
};

describe.each(Object.keys(SCENARIOS))('the status of a pod: %s', (name) => {
  really.each(VIEWS)(`is kept to itself, fits and is accessible at $width px, $theme${because}`, async (view) => {
    await served.write(scenarioOf(name));
    const path = '/blue/status?state=any';
    const visited = await visit(path, view);
    await visited.page.evaluate('inPage.unfold()');
    await expectKept(visited, path);
    expect(await violationsOf(visited.page)).toEqual([]);
    expect(visited.bytes).toBeLessThan(MOST_BYTES);
    await visited.close();
  });
});

describe('the status of a pod', () => {
  const verdicts: [string, string, string][] = [
    ['healthy', 'Time in pod blue is good: no clock is wrong by more than', 'Nothing.'],
    ['drifting', '. 1 host needs somebody: 1 adrift.', 'offset 182.4 ms is over the limit of 50 ms'],
    ['stale', '. podtime is at work on 8 stale hosts.', '8 clients are stale: left behind by ntp.az-b.pod'],
    [
      'lying',
      'Time in pod blue is not good: 1 of 3 boundary servers is wrong (1 contradicted).',
      '30 of 30 clients see it 399',
    ],
    ['empty', 'Nobody knows how the time of pod blue is: no host runs.', 'Nothing: no host runs.'],
    ['thousands', '. 400 hosts need somebody: 100 adrift, ', '100 clients are adrift'],
  ];

  really.each(verdicts)(`%s says so on its first screen${because}`, async (name, heading, wrong) => {
    await served.write(scenarioOf(name));
    const { page, close } = await visit('/blue/status');
    expect(await page.textContent('h1')).toContain(heading);
    const panel = page.locator('section.panel', { hasText: 'What is wrong' });
    expect(await page.locator('section.panel', { hasText: 'What to do' }).count()).toBe(1);
    expect(await panel.textContent()).toContain(wrong);
    expect((await panel.boundingBox())?.y).toBeLessThan(1000);
    await close();
  });

  really(`says the mode before the verdict, on a phone too${because}`, async () => {
    await served.write(scenarioOf('replaced'));
    const { page, close } = await visit('/blue/status', VIEWS[0]);
    const mode = await page.locator('header', { hasText: 'mode act' }).boundingBox();
    expect((mode?.y ?? 0) + (mode?.height ?? 740)).toBeLessThan(150);
    await close();
  });

  really(`shows hostile texts as they are, and runs none${because}`, async () => {
    await served.write(scenarioOf('hostile'));
    const { page, complaints, close } = await visit('/blue/status?state=any');
    expect(complaints).toEqual([]);
    expect(await page.evaluate('inPage.scripts()')).toBe(0);
    const text = (await page.textContent('main')) ?? '';
    for (const hostile of HOSTILE_TEXTS)
      expect(text).toContain(hostile.replaceAll('\u202e', '\\u{202e}').slice(0, 200));
    expect(text).not.toContain('\u202e');
    await close();
  });

  really(`is gone through by keyboard alone${because}`, async () => {
    await served.write(scenarioOf('drifting'));
    const { page, close } = await visit('/blue/status');
    const wanted = await page.evaluate<number[]>('inPage.focusables()');
    const reached: (number | null)[] = [];
    for (const _ of wanted) {
      await page.keyboard.press('Tab');
      reached.push(await page.evaluate<number | null>('inPage.focused()'));
    }
    expect(wanted.length).toBeGreaterThan(8);
    expect(reached).toEqual(wanted);
    // and a fold opens by it
    await page.locator('#hosts summary').focus();
    await page.keyboard.press('Enter');
    expect(await page.locator('#hosts table').isVisible()).toBe(true);
    await close();
  });

  really(`lists, filters, sorts and turns hosts by links and a form${because}`, async () => {
    await served.write(scenarioOf('thousands'));
    const { page, complaints, close } = await visit('/blue/status');
    const rows = () => page.locator('#hosts tbody tr').count();
    await page.locator('#hosts summary').click();
    await page.selectOption('select[name=state]', 'adrift');
    await page.selectOption('select[name=order]', 'offset');
    await page.click('#hosts button');
    expect(await page.locator('#hosts details > p').textContent()).toBe('1 to 100 of 100 hosts.');
    const offsets = await page.locator('#hosts tbody tr td:nth-child(5)').allTextContents();
    const numbers = offsets.map((text) => Number.parseFloat(text.replace('\u2212', '-').replace('+', '')));
    expect(numbers).toEqual(numbers.toSorted((a, b) => b - a));
    await page.goto(`${served.url}/blue/status?tier=client`);
    await page.click('nav >> text=Next');
    expect(await page.locator('#hosts details > p').textContent()).toBe('101 to 200 of 9,997 hosts.');
    expect(await rows()).toBe(100);
    await page.locator('#hosts tbody a').first().click();
    expect(page.url()).toContain('/blue/hosts/i-');
    expect(await page.textContent('h2')).toBe('Why');
    expect(complaints).toEqual([]);
    await close();
  });
});

/** What each page of a host says. */
const OF_HOST: Record<(typeof HOST_SCENARIOS)[number], string[]> = {
  healthy: [
    'Nothing is wrong: offset',
    'It runs on the ntp.conf of the fleet file as it is now, revision',
    'cycled ntpd in 8 s',
    'left behind by ntp.az-b.pod',
    '*10.0.2.177      192.0.2.12       3 u   12   64  377    0.388    0.204   0.052',
  ],
  drifting: [
    'Offset 182.4 ms is over the limit of 50 ms',
    'It runs on another ntp.conf',
    'only in the file that is served now',
  ],
  'no-history': ['Nothing of it is kept of the last 24 hours', 'The last look was sent to nobody.'],
  hostile: [
    '*"><img src=x onerror=alert(1)>',
    '*</style><script>alert(2)</script>',
    '\\u{202e}dorp',
    '\\u{1b}[2J\\u{7}',
  ],
};

describe.each(HOST_SCENARIOS)('the page of one host: %s', (name) => {
  let path: string;
  beforeAll(async () => {
    if (reason === null) path = await showHost(served, name);
  });

  really.each([VIEWS[1], VIEWS[2]])(
    `is kept to itself, fits, is accessible and says what there is at $width px, $theme${because}`,
    async (view) => {
      const visited = await visit(path, view);
      const { page } = visited;
      await expectKept(visited, path);
      expect(await violationsOf(page)).toEqual([]);
      const text = (await page.textContent('main'))?.replaceAll('\u00a0', ' ') ?? '';
      for (const said of OF_HOST[name]) expect(text).toContain(said);
      // state, offset, reach and rate, of a day and of a month
      const charts = name === 'no-history' ? [] : ['State', 'Offset', 'Reach', 'Rate'];
      const labels = await page
        .locator('svg.plot')
        .evaluateAll((plots) => plots.map((plot) => plot.getAttribute('aria-label')));
      expect(labels.map((label) => label?.split(' ').at(0))).toEqual([...charts, ...charts]);
      expect(visited.bytes).toBeLessThan(MOST_BYTES);
      await visited.close();
    },
  );
});

describe('the page', () => {
  really.each(VIEWS)(
    `of all pods is kept to itself, fits and is accessible at $width px, $theme${because}`,
    async (view) => {
      await served.write(scenarioOf('lying'));
      const visited = await visit('/', view);
      await expectKept(visited, '/');
      expect(await violationsOf(visited.page)).toEqual([]);
      expect(await visited.page.locator('h2').allTextContents()).toEqual(['blue', 'green']);
      await visited.page.click('h2 a');
      expect(await visited.page.textContent('h1')).toContain('is not good');
      await visited.close();
    },
  );

  really.each(VIEWS)(
    `of what there is not is kept to itself and accessible at $width px, $theme${because}`,
    async (view) => {
      const visited = await visit('/red/status', view);
      expect(await visited.page.textContent('main p')).toBe('There is no such pod; the pods are blue, green.');
      expect(await violationsOf(visited.page)).toEqual([]);
      await visited.close();
    },
  );
});

describe('the widget of a dashboard', () => {
  const places = { stage: 'prod', runbookUrl: 'https://git.example.com/runbook.md', pagesUrl: '' };
  const names = ['lying', 'replaced', 'hostile', 'thousands'];

  really.each(VIEWS)(`fits and is accessible at $width px, $theme${because}`, async ({ width, height, theme }) => {
    const context = await browser.newContext({ viewport: { width, height } });
    const page = await context.newPage();
    await page.addInitScript({ path: join(import.meta.dirname, 'in-page.mjs') });
    await page.goto('about:blank');
    for (const name of names) {
      const seen = SCENARIOS[name]?.() as Seen;
      const widget = podWidget(seen, places, { theme, width });
      await page.setContent(
        `<!doctype html><html lang="en"><title>Dashboard</title><body style="margin:0"><main><h1>Dashboard</h1>${widget}</main></body></html>`,
      );
      expect(await violationsOf(page)).toEqual([]);
      expect(await page.evaluate('inPage.scripts()')).toBe(0);
      expect(await page.evaluate('inPage.overhang()')).toBe(0);
      expect(await page.evaluate('inPage.spilling()')).toEqual([]);
      // the verdict is the first that is read
      expect((await page.getByText('Time in pod blue is').first().boundingBox())?.y).toBeLessThan(120);
    }
    await context.close();
  });
});
