import { describe, expect, it } from '@jest/globals';
import { fitAnswer } from '../../src/report/fit.ts';
import type { HostReport, Staleness } from '../../src/report/report.ts';

type Told = Pick<HostReport, 'state'> & { id: number; stale?: Staleness };

const stale: Staleness = { rule: 'left-behind', names: [], addresses: [], sentence: 'left behind.' };
const bytes = (thing: unknown) => Buffer.byteLength(JSON.stringify(thing));
const host = (id: number, state: HostReport['state'] = 'healthy', given: Partial<Told> = {}): Told => ({
  id,
  state,
  ...given,
});
const many = (number: number, state: HostReport['state'] = 'healthy') =>
  Array.from({ length: number }, (_, id) => host(id, state));

describe('an answer that fits', () => {
  it('is left as it is', () => {
    const answer = { sentences: ['All is well.'], hosts: many(3) };
    expect(fitAnswer(answer, bytes(answer), bytes)).toBe(answer);
  });
});

describe('an answer that does not fit', () => {
  const LIMIT = 4000;
  const ill = [host(990, 'adrift'), host(991, 'healthy', { stale }), host(992, 'unknown')];
  const answer = { pod: 'blue', sentences: ['Two are ill.'], hosts: [...many(200), ...ill] };
  const fitted = fitAnswer(answer, LIMIT, bytes);

  it('does, and keeps all else', () => {
    expect(bytes(fitted)).toBeLessThanOrEqual(LIMIT);
    expect(fitted.pod).toBe('blue');
    expect(fitted.sentences.at(-1)).toBe('Two are ill.');
  });

  it('keeps those that need somebody, in their order, and as many healthy ones as go in', () => {
    const ids = fitted.hosts.map(({ id }) => id);
    expect(ids).toEqual(ids.toSorted((a, b) => a - b));
    expect(ids.slice(-3)).toEqual([990, 991, 992]);
    expect(ids.length).toBeGreaterThan(20);
  });

  it('says first how many it lacks', () => {
    expect(fitted.sentences[0]).toBe(
      `${203 - fitted.hosts.length} of 203 hosts are left out, healthy ones first: Lambda answers with 6 MB at the most.`,
    );
  });

  it('leaves out sentences as well when they alone are too many, the last first', () => {
    const sentences = Array.from({ length: 300 }, (_, index) => `Host ${index} is adrift by a lot.`);
    const cut = fitAnswer({ sentences, hosts: many(200, 'adrift') }, LIMIT, bytes);
    expect(bytes(cut)).toBeLessThanOrEqual(LIMIT);
    const keptSentences = cut.sentences.length - 1;
    expect(keptSentences).toBeGreaterThan(20);
    expect(cut.sentences.slice(1)).toEqual(sentences.slice(0, keptSentences));
    expect(cut.sentences[0]).toContain(`and ${300 - keptSentences} of 300 sentences are left out`);
  });

  it('does so as JSON within JSON, which is longer', () => {
    const asBody = (thing: unknown) => bytes(JSON.stringify(thing));
    const body = fitAnswer(answer, LIMIT, asBody);
    expect(asBody(body)).toBeLessThanOrEqual(LIMIT);
    expect(body.hosts.length).toBeLessThan(fitted.hosts.length);
  });
});
