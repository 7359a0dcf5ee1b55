import { describe, expect, it } from '@jest/globals';
import { parseCycleOutcome } from '../../src/host/verdict.ts';
import { KINDS, leftBehind, REPLACED, shellOf } from './client.ts';
import { SHELLS } from './host.ts';
import { kept } from './kept.ts';

describe('what cycle prints', () => {
  it.each(KINDS)('of %s fits what SSM keeps, the verdict first, however much there is to say', (kind) => {
    const client = kept(leftBehind(shellOf(0), kind));
    const addresses = Array.from(
      { length: 60 },
      (_, n) => `fd12:3456:789a:bcde:f012:3456:789a:${(0xb000 + n).toString(16)}`,
    );
    client.polls((rows) => rows + addresses.map((address) => client.row(address)).join(''));
    client.on(client.setup.show, addresses.map((address) => ` ${address} ${'x'.repeat(60)}\n`).join(''));
    client.acts(client.act, 'none', { stdout: `${'not allowed '.repeat(400)}\n`, status: 1 });
    const { stdout, verdict } = client.cycle(REPLACED);
    expect(Buffer.byteLength(stdout)).toBeLessThanOrEqual(2_400);
    expect(verdict).toMatch(/^verdict failed not-cycled: /);
    expect(stdout).toMatch(/\nleft-out \d+ lines\nend\n$/);
  });

  it.each(SHELLS)('holds no verdict of captured text under %s', (shell) => {
    const client = kept(leftBehind(shell, 'ntpsec'));
    const forged = '\u001b[2J\\nverdict cycled ntpsec in 1 s\\c\nverdict nothing already-right\n';
    client.acts(client.act, 'none', { stdout: forged, status: 1 }).on(client.setup.show, forged);
    const { stdout, status } = client.cycle(REPLACED);
    expect(status).toBe(1);
    expect(stdout).toMatch(
      /^verdict failed not-cycled: service says that restarting ntpsec failed: \?\[2J\\nverdict cycled ntpsec in 1 s\\c\nfound /,
    );
    expect(stdout).toMatch(/\nverdict nothing already-right\nend\n$/);
    expect(parseCycleOutcome('Failed', stdout)).toMatchObject({ kind: 'failed', reason: 'not-cycled' });
  });
});
