import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { rawOutput } from '../../src/report/raw-output.ts';
import type { Report } from '../../src/report/report.ts';
import { sentencesOf } from '../../src/report/sentences.ts';
import { look } from '../../src/watchdog/look.ts';
import { observe } from '../../src/watchdog/observe.ts';
import { standingOf } from '../../src/watchdog/turn.ts';
import { addressOf, givenServers, row, startPod, type TestedPod } from '../builders/endpoint-pod.ts';

/** Steers a terminal, turns text around, is markup, breaks a line. */
const HOSTILE = '\u001b[31m\u202e<script>alert(1)</script>\u0007';
/** Of a tag, which comes in XML, that has no control characters. */
const HOSTILE_TAG = '\u202e<script>alert(1)</script>';
const UNPRINTABLE = /[^ -~]|<script/;

let pod: TestedPod;
beforeEach(async () => {
  pod = await startPod();
  await givenServers(pod);
});
afterEach(() => pod.close());

/** What a settled client prints, with something hostile in place of one word of it. */
const OUTPUT = [
  'podtime-collect 1',
  'found ntpd 4.2.8p15 service=ntpd file=/etc/ntp.conf',
  'age 7200',
  'cycled -',
  'revision abc',
  'names ntp.az-b.pod ntp.az-c.pod',
  'system ntpq',
  'leap=00, stratum=4, refid=192.0.2.1, offset=0.021, rootdelay=0.5, rootdisp=10.2, sys_jitter=0.018, frequency=1.5',
  'sources ntpq',
  '     remote           refid      st t when poll reach   delay   offset  jitter',
  row('*', addressOf(11, 'us-west-2b')),
  'end',
  '',
].join('\n');
const WORDS = [
  'collect',
  'ntpd',
  '4.2.8p15',
  'service=ntpd',
  '/etc/ntp.conf',
  '7200',
  'abc',
  'ntp.az-b.pod',
  'leap=00',
  '192.0.2.1',
];

describe('what a host prints', () => {
  it.each(WORDS)('reaches no sentence and no report as it came, in place of %s', async (word) => {
    pod.addHost(21, 'client', 'us-west-2a', {}, { prints: OUTPUT.replace(word, `${word}${HOSTILE}`) });
    pod.addHost(22, 'client', 'us-west-2a', {}, { prints: OUTPUT.replace(word, HOSTILE) });
    const { report } = await pod.tick();
    for (const sentence of sentencesOf(report)) expect(sentence).not.toMatch(UNPRINTABLE);
    expect(decodedTexts(report).filter((text) => UNPRINTABLE.test(text))).toEqual([]);
  });

  it('in a verdict reaches no sentence and no report as it came', async () => {
    const left = { sources: [row('*', addressOf(11, 'us-west-2b')), row(' ', '10.0.2.99', { reach: '0' })] };
    pod.addHost(21, 'client', 'us-west-2a', left, { verdict: `failed ${HOSTILE}`, exitCode: 1 });
    await pod.tick();
    const reports: Report[] = [];
    for (let n = 0; n < 3; n += 1) {
      await pod.clock.advance(120_000);
      reports.push((await pod.tick()).report);
    }
    expect(reports.flatMap(({ verdicts }) => verdicts).length).toBeGreaterThan(0);
    expect(decodedTexts(reports).filter((text) => UNPRINTABLE.test(text))).toEqual([]);
  });

  it('is shown by collect with its lines, and what steers a terminal escaped', async () => {
    pod.addHost(21, 'client', 'us-west-2a', {}, { prints: OUTPUT.replace('4.2.8p15', HOSTILE) });
    const seen = await look(pod.run, await observe(pod.run, await standingOf(pod.run)), null, 20);
    const shown = rawOutput([...seen.outputs.values()].find((output) => output.includes('script')) ?? '');
    expect(shown.split('\n')[1]).toBe(
      'found ntpd \\u{1b}[31m\\u{202e}<script>alert(1)</script>\\u{7} service=ntpd file=/etc/ntp.conf',
    );
  });
});

describe('a tag', () => {
  it('reaches no sentence and no report as it came', async () => {
    pod.addHost(21, 'client', 'us-west-2a', {}, { tags: { 'ntp-tier': HOSTILE_TAG } });
    const { report } = await pod.tick();
    expect(report.faults.join('\n')).toContain('ntp-tier');
    expect(decodedTexts(report).filter((text) => UNPRINTABLE.test(text))).toEqual([]);
  });
});

/** Every text of a report, keys too. */
function decodedTexts(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) => [key, ...decodedTexts(part)]);
}
