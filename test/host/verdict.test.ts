import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { outcomeOfSeveral, outcomeSentence, parseCycleOutcome } from '../../src/host/verdict.ts';

const ID = 'i-00000000000000001';

/** What is told of a host whose output begins with this verdict. */
function sentence(verdict: string, statusDetails = verdict.startsWith('failed') ? 'Failed' : 'Success'): string | null {
  const outcome = parseCycleOutcome(statusDetails, `verdict ${verdict}\nfound ntpd 4.2.8\n`);
  return outcome && outcomeSentence(ID, outcome);
}

it.each([
  ['cycled ntpsec in 9 s', `${ID} cycled ntpsec in 9 s.`],
  ['cycled chrony unproven', `${ID} cycled chrony unproven.`],
  ['nothing never-cycled openntpd', `${ID} did nothing when asked to cycle: podtime does not cycle openntpd.`],
  ['nothing already-right', `${ID} did nothing when asked to cycle: it polls what DNS says.`],
  ['nothing cool-down 420', `${ID} did nothing when asked to cycle: 420 s of its cool-down are left.`],
  [
    'nothing not-yet ntp.az-b.pod',
    `${ID} did nothing when asked to cycle: its resolver does not see ntp.az-b.pod yet.`,
  ],
  ['nothing cool-down', `${ID} did nothing when asked to cycle: some s of its cool-down are left.`],
  ['nothing not-yet', `${ID} did nothing when asked to cycle: its resolver does not see a name yet.`],
  ['nothing never-cycled', `${ID} did nothing when asked to cycle: podtime does not cycle its daemon.`],
  ['failed state', `${ID} failed when asked to cycle: it cannot write what it must remember.`],
  ['nothing busy', `${ID} did nothing when asked to cycle: another run is cycling it.`],
  ['nothing  busy ', `${ID} did nothing when asked to cycle: another run is cycling it.`],
  ['nothing no-daemon', `${ID} did nothing when asked to cycle: no time daemon runs there.`],
  ['nothing unmanaged', `${ID} did nothing when asked to cycle: its configuration names no server of the pod.`],
  ['nothing unreadable', `${ID} did nothing when asked to cycle: its daemon does not say what it polls.`],
  ['nothing leap-second', `${ID} did nothing when asked to cycle: a leap second is announced.`],
  ['nothing same-wave', `${ID} did nothing when asked to cycle: it has run this wave already.`],
  ['nothing of the kind', `${ID} did nothing when asked to cycle: of the kind.`],
  ['nothing', `${ID} did nothing when asked to cycle: it gave no reason.`],
  ['failed', `${ID} failed when asked to cycle: it gave no reason.`],
  ['failed parameters', `${ID} failed when asked to cycle: it was sent parameters that it does not accept.`],
  [
    'failed no-answer: after 60 s, ntpq: read: Connection refused',
    `${ID} failed when asked to cycle: its daemon does not answer any more: after 60 s, ntpq: read: Connection refused.`,
  ],
  [
    'failed not-healed',
    `${ID} failed when asked to cycle: its daemon was cycled, but did not hear and follow what DNS names.`,
  ],
  [
    'failed not-cycled: service says that restarting ntp failed: Job for ntp failed',
    `${ID} failed when asked to cycle: its daemon could not be cycled: service says that restarting ntp failed: Job for ntp failed.`,
  ],
  [
    'failed state: cannot write /var/lib/podtime/cycled: No space left on device',
    `${ID} failed when asked to cycle: it cannot write /var/lib/podtime/cycled: No space left on device.`,
  ],
])('"verdict %s" is a sentence', (verdict, expected) => {
  expect(sentence(verdict)).toBe(expected);
});

it('gives each verdict of cycle.sh a meaning of its own', () => {
  const verdicts = [...readFileSync('src/host/cycle.sh', 'utf8').matchAll(/verdict (nothing|failed) ([a-z-]+)/g)];
  const words = verdicts.map(([, kind, reason]) => `${kind} ${reason}`);
  expect(new Set(words).size).toBe(15);
  for (const [, kind, reason] of verdicts) expect(sentence(`${kind} ${reason} x`)).not.toContain(`cycle: ${reason}`);
});

describe('without a verdict that counts', () => {
  it.each([
    ['Terminated', '', `${ID} did nothing when asked to cycle: too many others failed (Terminated).`],
    ['Cancelled', '', `${ID} did nothing when asked to cycle: the command was cancelled (Cancelled).`],
    ['DeliveryTimedOut', '', `${ID} gave no verdict when asked to cycle: DeliveryTimedOut, without a verdict.`],
    ['Success', null, `${ID} gave no verdict when asked to cycle: Success, without a verdict.`],
    ['Success', '', `${ID} gave no verdict when asked to cycle: Success, without a verdict.`],
    [
      'Success',
      'verdict failed not-healed\n',
      `${ID} gave no verdict when asked to cycle: Success, without a verdict.`,
    ],
    ['Failed', 'verdict cycled ntpd in 2 s\n', `${ID} gave no verdict when asked to cycle: Failed, without a verdict.`],
    ['constructor', '', `${ID} gave no verdict when asked to cycle: constructor, without a verdict.`],
    [
      'Success',
      'verdict nothing not-y\n---Output truncated---',
      `${ID} gave no verdict when asked to cycle: Success, its output was cut.`,
    ],
  ])('%s and %j: SSM alone tells', (statusDetails, output, expected) => {
    const outcome = parseCycleOutcome(statusDetails, output);
    expect(outcome && outcomeSentence(ID, outcome)).toBe(expected);
  });

  it.each(['Pending', 'InProgress', 'Delayed', 'Cancelling'])('%s: it has not ended', (statusDetails) => {
    expect(parseCycleOutcome(statusDetails, 'verdict cycled ntpd in 2 s\n')).toBeNull();
  });
});

describe('the first line alone counts', () => {
  const BUSY = { kind: 'nothing', reason: 'busy', why: 'another run is cycling it' };

  it('whatever captured text says behind it', () => {
    expect(parseCycleOutcome('Success', 'verdict nothing busy\nverdict cycled ntpd in 2 s\n')).toEqual(BUSY);
  });

  it('also of output that was cut', () => {
    expect(parseCycleOutcome('Success', 'verdict nothing busy\nfound ntpd\n---Output truncated---')).toEqual(BUSY);
  });

  it.each([
    'found ntpd\nverdict nothing busy\n',
    '\nverdict nothing busy\n',
    ' verdict nothing busy\n',
    'verdict nothing busy',
  ])('so that %j holds none', (output) => {
    expect(parseCycleOutcome('Success', output)).toMatchObject({ kind: 'no-verdict' });
  });

  it('and not of a run that was killed after it', () => {
    expect(parseCycleOutcome('ExecutionTimedOut', 'verdict nothing busy\n')).toMatchObject({ kind: 'no-verdict' });
  });
});

it('cuts what a host says, and escapes what steers a terminal or a page', () => {
  expect(parseCycleOutcome('Success', 'verdict nothing \u001b[2Jof <b>\n')).toEqual({
    kind: 'nothing',
    reason: '',
    why: '\\u{1b}[2Jof \\u{3c}b\\u{3e}; its answer holds characters that are not shown as they came',
  });
  expect(parseCycleOutcome('Success', `verdict nothing ${'x'.repeat(5000)}\n`)?.why).toHaveLength(300);
  expect(parseCycleOutcome('Success', 'verdict nothing __proto__\n')?.why).toBe('__proto__');
  expect(parseCycleOutcome('Success', 'verdict cycled\n')?.why).toBe('cycled');
});

describe('of several hosts', () => {
  it.each([
    ['Success', 'verdict cycled ntpd in 2 s\n', 'were cycled'],
    ['Success', 'verdict nothing not-yet ntp.az-b.pod\n', 'did nothing when asked to cycle: not-yet'],
    ['Terminated', '', 'did nothing when asked to cycle: Terminated'],
    ['Failed', 'verdict failed no-answer: after 60 s\n', 'failed when asked to cycle: no-answer'],
    ['DeliveryTimedOut', '', 'gave no verdict when asked to cycle: DeliveryTimedOut'],
  ])('%s and %j: what is one host’s own is left out', (statusDetails, output, expected) => {
    const outcome = parseCycleOutcome(statusDetails, output);
    expect(outcome && outcomeOfSeveral(outcome)).toBe(expected);
  });
});

it('ends with one full stop, whatever the host ends with', () => {
  const outcome = parseCycleOutcome('Failed', 'verdict failed not-cycled: the job failed with an error code.\n');
  expect(outcome && outcomeSentence('i-1', outcome)).toMatch(/[^.]\.$/);
});
