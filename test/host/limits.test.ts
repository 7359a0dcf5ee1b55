import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { ANSWER_BYTES } from '../../src/fleet/answer-room.ts';
import { CYCLING } from '../../src/fleet/defaults.ts';
import { WATCHDOG_CLASSES } from '../../src/fleet/watchdog-classes.ts';
import { COLLECT_TIMEOUT_SECONDS, CYCLE_PARAMETERS, CYCLE_TIMEOUT_SECONDS } from '../../src/host/parameters.ts';
import { longestLifeSeconds, SENDING_SECONDS } from '../../src/plan/cycling/progress.ts';
import { served } from '../builders/served-files.ts';
import fleet from '../builders/shipped-fleet.ts';

// Limits of the shell and of the product that stand on each other.

/** AZs of the largest region, us-east-1 (AWS, "Regions and Availability Zones"), and one to spare. */
const MOST_AZS = 7;

/** `NAME=VALUE` of a file of src/host. */
function limit(file: string, name: string): number {
  const [, value] = new RegExp(`^${name}=(\\d+)$`, 'm').exec(readFileSync(`src/host/${file}`, 'utf8')) ?? [];
  return Number(value);
}

const QUERY = limit('running.sh', 'QUERY_SECONDS');
const HEALED_WITHIN = limit('cycle.sh', 'HEALED_WITHIN_SECONDS');

it('a run of cycle may take the resolver, a restart and the watch, each to its limit, and two questions more', () => {
  const longest =
    MOST_AZS * limit('staleness.sh', 'RESOLVE_SECONDS') + limit('daemon.sh', 'RESTART_SECONDS') + HEALED_WITHIN;
  expect(longest + 2 * QUERY).toBeLessThan(CYCLE_TIMEOUT_SECONDS);
});

it('a run of collect has answered in time, whatever hangs', () => {
  // after its time it asks no daemon any more, and of the service manager each question for a second: of five services and
  // of the processes of two daemons, one of them twice
  expect(limit('collect.sh', 'ANSWER_SECONDS') + 8).toBeLessThan(COLLECT_TIMEOUT_SECONDS);
  // one that hangs leaves time to ask the others
  expect(limit('daemon.sh', 'STATUS_SECONDS') + 8 + QUERY).toBeLessThanOrEqual(
    limit('collect.sh', 'ANSWER_SECONDS') + 2,
  );
});

it('an answer of collect is as long by the shell as by the checks of the fleet file', () => {
  expect(limit('shorten.sh', 'ANSWER_BYTES')).toBe(ANSWER_BYTES);
});

it('a lock of cycle outlives every run, and no longer than the cool-down that follows', () => {
  expect(limit('lock.sh', 'LOCK_SECONDS')).toBe(2 * CYCLE_TIMEOUT_SECONDS);
  expect(limit('lock.sh', 'LOCK_SECONDS')).toBeLessThanOrEqual(CYCLING.coolDownSeconds);
});

it('it outlives a run of boot.sh whose API, service manager and daemon each take as long as they may', () => {
  const tries = limit('fetch.sh', 'MOST_TRIES');
  const pauses = Array.from(
    { length: tries - 1 },
    (_, index) => 4 * 2 ** index + limit('fetch.sh', 'MOST_RETRY_AFTER_SECONDS'),
  );
  const fetching = tries * limit('fetch.sh', 'CALL_SECONDS') + pauses.reduce((sum, pause) => sum + pause, 0);
  const looks = limit('install.sh', 'STAYS_UP_SECONDS');
  const restarting = limit('daemon.sh', 'RESTART_SECONDS') + looks * (1 + limit('daemon.sh', 'STATUS_SECONDS'));
  // what a dead run left, the new file, and the old one again
  expect(fetching + 3 * restarting).toBeLessThan(limit('lock.sh', 'LOCK_SECONDS'));
});

it('a wave is waited for longer than one of its hosts may take', () => {
  const life = longestLifeSeconds([{ commandId: null, instanceIds: ['i-1'] }]);
  expect(CYCLE_TIMEOUT_SECONDS + SENDING_SECONDS).toBeLessThan(life);
});

it('a wave is sent by no function that runs longer than is allowed for', () => {
  const written = [...readFileSync('serverless.yml', 'utf8').matchAll(/^ {4}timeout: (\d+)$/gm)];
  const watchdogs = WATCHDOG_CLASSES.map(({ timeoutSeconds }) => timeoutSeconds);
  const timeouts = [...written.map(([, seconds]) => Number(seconds)), ...watchdogs];
  expect(timeouts.length).toBeGreaterThan(3);
  expect(Math.max(...timeouts)).toBeLessThanOrEqual(SENDING_SECONDS);
});

it('the cool-down is as long by the document as by the fleet file', () => {
  expect(CYCLE_PARAMETERS.CoolDownSeconds.default).toBe(String(CYCLING.coolDownSeconds));
});

it('a file is far smaller than boot.sh takes, and its last line and revision are those that boot.sh looks for', () => {
  const [, most] = /--max-filesize (\d+)/.exec(readFileSync('src/host/fetch.sh', 'utf8')) ?? [];
  for (const pod of fleet.pods) {
    for (const file of ['ntp.conf', 'ntpsec.conf', 'chrony.conf'] as const) {
      const target = { fleet, pod, tier: 'boundary' as const, az: pod.azs[0] as string };
      const { text } = served(file, target);
      expect(Buffer.byteLength(text)).toBeLessThan(Number(most) / 8);
      const [, lastLine] = /^LAST_LINE='(.*)'$/m.exec(served('boot.sh', target).text) ?? [];
      expect(text.trimEnd().split('\n').at(-1)).toBe(lastLine);
      expect(text.split('\n')[1]).toMatch(/^# revision [0-9a-f]{16}$/);
    }
  }
});
