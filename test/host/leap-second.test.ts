import { describe, expect, it } from '@jest/globals';
import { leftBehind, ONCE, REPLACED } from './client.ts';
import { captured } from './host.ts';
import { kept } from './kept.ts';

describe.each(ONCE)('cycle of $kind and leap seconds, under $shell', ({ shell, kind }) => {
  const announcing = (time: string) => {
    const client = kept(leftBehind(shell, kind)).on('ntpq -c rv 0 leap', 'leap=01\n');
    client.now = Date.parse(time) / 1000;
    return client.on(
      'chronyc -c tracking',
      captured('chrony-4.3.client-settled.tracking-c').replace('Normal', 'Insert second'),
    );
  };

  it.each([
    '2026-12-31T23:59:00Z',
    '2027-01-01T01:59:00Z',
    '2026-12-30T23:00:00Z',
    '2026-11-29T23:00:00Z',
    '2028-02-29T12:00:00Z',
  ])('touches nothing while a leap second is announced at the end of a month, %s, forced or not', (time) => {
    const client = announcing(time);
    for (const Force of ['no', 'yes'])
      expect(client.cycle(REPLACED, { Force }).verdict).toBe('verdict nothing leap-second');
    expect(client.acted()).toBe(false);
  });

  it.each([
    '2026-12-30T22:59:00Z',
    '2027-01-01T02:00:00Z',
    '2026-11-29T22:59:00Z',
    '2026-09-08T08:09:00Z',
    '2027-02-15T00:00:00Z',
  ])('believes in no leap second at any other time, %s', (time) => {
    expect(announcing(time).cycle(REPLACED).verdict).toMatch(/^verdict cycled /);
  });

  it('is not kept by the end of a month for which none is announced', () => {
    const client = kept(leftBehind(shell, kind));
    client.now = Date.parse('2026-12-31T23:59:00Z') / 1000;
    expect(client.cycle(REPLACED).verdict).toMatch(/^verdict cycled /);
  });

  it('touches nothing while one is announced on a host that cannot tell the day', () => {
    const client = announcing('2027-02-15T00:00:00Z');
    client.standIn('date', `[ "$1" != -u ] || exit 1\nexec cat "$WORLD/now"`);
    expect(client.cycle(REPLACED)).toMatchObject({ verdict: 'verdict nothing leap-second', status: 0 });
  });
});
