import { describe, expect, it } from '@jest/globals';
import type { Seen } from '../../../src/report/page/view.ts';
import type { Places } from '../../../src/report/page/what-to-do.ts';
import { podsWidget, podWidget, refusedWidget, widgetDescription } from '../../../src/report/page/widget.ts';
import { verdictOf } from '../../../src/report/verdict.ts';
import { HOSTILE_TEXTS, SCENARIOS } from '../../builders/status-scenarios.ts';

const PLACES: Places = {
  stage: 'prod',
  runbookUrl: 'https://git.example.com/runbook.md',
  pagesUrl: 'https://api.example.com/prod',
};
const NOWHERE: Places = { stage: 'prod', runbookUrl: '', pagesUrl: '' };
const LIGHT = { theme: 'light', width: 588 } as const;

const seen = (name: string) => (SCENARIOS[name] as () => Seen)();
const textOf = (markup: string) => markup.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ');

/**
 * All that stands in a widget. CloudWatch takes out scripts, `iframe`, `use`, and what else it holds for dangerous (user guide, "Security and
 * JavaScript"), without a list; nothing of what may be on it is here.
 */
const TAGS = ['a', 'circle', 'code', 'div', 'g', 'li', 'path', 'rect', 'svg', 'text', 'tspan', 'ul'];
const ATTRIBUTES = /^(style|href|viewBox|role|aria-label|x|y|width|height|rx|d|stroke-width)$/;

function expectSafe(markup: string) {
  const rest = markup.replaceAll(/<\/?([\w-]+)((?: [\w-]+="[^"<>]*")*)\/?>/g, (_, tag: string, attributes: string) => {
    expect(TAGS).toContain(tag);
    for (const [, name = '', value = ''] of attributes.matchAll(/ ([\w-]+)="([^"]*)"/g)) {
      expect(name).toMatch(ATTRIBUTES);
      if (name === 'href') expect(value).toMatch(/^https:\/\//);
      if (name === 'style') expect(value).not.toMatch(/url\(|expression|var\(|@import|undefined|;;/);
    }
    return '';
  });
  // all markup was seen
  expect(rest).not.toMatch(/[<>]/);
  expect(rest).not.toContain('undefined');
}

describe('the widget of a pod', () => {
  it.each(Object.keys(SCENARIOS))('has nothing that CloudWatch takes out, and is bounded: %s', (name) => {
    const pod = seen(name);
    for (const theme of ['light', 'dark'] as const) {
      for (const width of [280, 588, 1200]) {
        const markup = podWidget(pod, PLACES, { theme, width });
        expectSafe(markup);
        expect(Buffer.byteLength(markup)).toBeLessThan(25_000);
      }
    }
  });

  it.each(Object.keys(SCENARIOS))('says the verdict of the page and of the hand: %s', (name) => {
    const pod = seen(name);
    const { sentence, because } = verdictOf(pod.report, pod.pod, pod.nowMs);
    expect(textOf(podWidget(pod, PLACES, LIGHT))).toContain(`${sentence} ${because} podtime looked `);
  });

  it('says of a host what is wrong and what to do, with links where addresses are given', () => {
    const pod = seen('drifting');
    const id = pod.report.hosts.find(({ state }) => state === 'adrift')?.instanceId ?? '';
    const markup = podWidget(pod, PLACES, LIGHT);
    expect(textOf(markup)).toContain('offset 182.4 ms is over the limit of 50 ms');
    expect(markup).toContain(`href="https://api.example.com/prod/blue/hosts/${id}"`);
    expect(markup).toContain('href="https://api.example.com/prod/blue/status"');
    expect(markup).toContain('href="https://git.example.com/runbook.md#adrift"');
    expect(markup).toContain(
      'href="https://us-west-2.console.aws.amazon.com/cloudwatch/home?region=us-west-2#alarmsV2:alarm/podtime-prod-blue-client-adrift"',
    );
    const without = podWidget(pod, NOWHERE, LIGHT);
    expect(
      [...without.matchAll(/href="([^"#]*)/g)].map(([, href]) => href).filter((href) => !href?.includes('console')),
    ).toEqual([]);
    expect(textOf(without)).toContain('docs/runbook.md#adrift');
    expect(textOf(without)).toContain('/blue/status');
  });

  it('shows hostile texts as they are', () => {
    const text = textOf(podWidget(seen('hostile'), PLACES, LIGHT));
    expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(text).not.toContain('\u202e');
    expect(HOSTILE_TEXTS[0]).toBe('<script>alert(1)</script>');
  });

  it('is dark on a dark dashboard', () => {
    const [light, dark] = (['light', 'dark'] as const).map((theme) =>
      podWidget(seen('healthy'), PLACES, { ...LIGHT, theme }),
    );
    expect(light).toContain('background:#fff');
    expect(dark).toContain('background:#181e27');
    expect(textOf(light ?? '')).toBe(textOf(dark ?? ''));
  });
});

describe('the widget', () => {
  it('of all pods is one list, the worst first, with the page of each', () => {
    const pods = ['healthy', 'lying'].map((name, index) => {
      const { pod, report, nowMs } = seen(name);
      const named = { ...pod, name: `pod${index}` };
      return { pod: named, verdict: verdictOf(report, pod, nowMs), lookedAtMs: report.startedAtMs };
    });
    const markup = podsWidget(pods, PLACES, LIGHT, seen('healthy').nowMs);
    expectSafe(markup);
    expect(textOf(markup)).toMatch(/is not good: 1 of 3 boundary servers is wrong .* is good: /);
    expect([...markup.matchAll(/href="([^"]*)/g)].map(([, href]) => href)).toEqual([
      'https://api.example.com/prod/pod1/status',
      'https://api.example.com/prod/pod0/status',
    ]);
  });

  it('of wrong parameters says what is wrong with them', () => {
    const markup = refusedWidget(['pod must be one of the pods blue, not "<b>".'], LIGHT);
    expectSafe(markup);
    expect(textOf(markup)).toContain('pod must be one of the pods blue, not &quot;&lt;b&gt;&quot;. Choose Edit');
  });

  it('is described in Markdown, with an example that can be taken', () => {
    expect(widgetDescription(['blue', 'green'])).toMatch(
      /^## [\s\S]*\*\*pod\*\* \| One of blue, green\.[\s\S]*``` yaml\npod: blue\n```\n$/,
    );
  });
});
