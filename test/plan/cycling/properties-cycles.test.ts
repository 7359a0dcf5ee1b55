import { describe, expect, it } from '@jest/globals';
import { recordsParameter } from '../../../src/plan/cycling/records-parameter.ts';
import { plan } from '../../../src/plan/plan.ts';
import { expectEqual, expectWithin } from '../../builders/expectations.ts';
import { MINUTE, NOW } from '../../builders/plan-input.ts';
import {
  answered,
  answerOf,
  askedToCycle,
  confidentPublished,
  hostOf,
  isDead,
  judgementOf,
  lifeSeconds,
  nameOf,
  running,
} from '../../builders/plan-oracle.ts';
import { always, cycled, eachCycled, inOneFleet, TIERS } from '../../builders/plan-properties.ts';

describe('no plan ever cycles', () => {
  it('a host that is held, unknown, unmanaged or not running', () => {
    eachCycled((given, id) => {
      const judgement = judgementOf(given, id);
      expect(hostOf(given, id)).toMatchObject({ state: 'running', held: false, pod: 'blue' });
      expect(judgement).toBeDefined();
      expect(judgement?.state).not.toBe('unknown');
      expect(judgement?.unmanaged && judgement.host.tier === 'client').toBe(false);
    });
  });

  it('a host that is not stale, unless forced', () => {
    eachCycled((given, id, _, force) => {
      if (!force) expect(judgementOf(given, id)?.stale).not.toBeNull();
    });
  });

  it('a host of a pool that has not had fifteen minutes to look again, unless forced', () => {
    eachCycled((given, id, _, force) => {
      if (force || given.pod.association !== 'pool') return;
      expect(NOW - (given.memory.staleSinceMs?.[id] ?? NOW)).toBeGreaterThanOrEqual(15 * MINUTE);
    });
  });

  it('a host that looks its names up by itself before it has had the time for all, unless forced or short of sources', () => {
    eachCycled((given, id, _, force) => {
      const { ownLookupSeconds: seconds, measures } = judgementOf(given, id) ?? {};
      if (force || seconds === undefined || (measures?.usableSources ?? 2) < 2) return;
      expect(NOW - (given.memory.staleSinceMs?.[id] ?? NOW)).toBeGreaterThanOrEqual(seconds * 1000);
    });
  });

  it('a host inside its cool-down, unless forced', () => {
    eachCycled((given, id, _, force) => {
      if (force) return;
      const judgement = judgementOf(given, id);
      expect(judgement?.cycledSecondsAgo ?? 600).toBeGreaterThanOrEqual(600);
      expect(judgement?.measures.ageSeconds ?? 600).toBeGreaterThanOrEqual(600);
      const remembered = Math.max(0, ...askedToCycle(given, id));
      expect(NOW - remembered).toBeGreaterThanOrEqual(10 * MINUTE);
    });
  });

  it('a stale host for the fourth time in a day', () => {
    eachCycled((given, id) => {
      // whatever the host says of its stamp and its daemon
      const asked = askedToCycle(given, id).filter((atMs) => atMs > NOW - 24 * 60 * MINUTE);
      if (judgementOf(given, id)?.stale) expect(asked.length).toBeLessThan(given.pod.cycling.attemptsPerDay);
    });
  });

  it('anything but in mode act, in an open window', () => {
    eachCycled((given) => {
      expect(given.mode).toBe('act');
      // of the windows that fleets have only the first is open on Thursday at 12:00
      const { maintenance } = given.pod;
      expect(maintenance.length === 0 || maintenance[0]?.startMinute === 700).toBe(true);
    });
  });

  it('a tier of which under half answered', () => {
    eachCycled((given, id) => {
      const tier = hostOf(given, id)?.tier ?? 'client';
      expect(answered(given, tier).length * 2).toBeGreaterThanOrEqual(running(given, tier).length);
    });
  });

  it('below the floor', () => {
    eachCycled((given) => {
      expect(confidentPublished(given, given.records).size).toBeGreaterThanOrEqual(given.pod.cycling.floor);
    });
  });

  it('for a name without a confident server', () => {
    eachCycled((given, id) => {
      const confident = [...confidentPublished(given, given.records)].filter((other) => other !== id);
      const confidentNames = confident.map((other) =>
        nameOf(hostOf(given, other) as NonNullable<ReturnType<typeof hostOf>>),
      );
      const published = given.records.filter(({ type }) => ['A', 'AAAA'].includes(type)).map(({ name }) => name);
      const names = judgementOf(given, id)?.stale?.names ?? published.filter((name) => confidentNames.includes(name));
      expect(names.some((name) => confidentNames.includes(name))).toBe(true);
      // two starts, the time to a withdrawal and two intervals are enough to wait for the others
      const staleMs = NOW - (given.memory.staleSinceMs[id] ?? NOW);
      if (staleMs >= (2 * 600 + 900 + 2 * 300) * 1000) return;
      expect(names.filter((name) => published.includes(name) && !confidentNames.includes(name))).toEqual([]);
    });
  });

  it('a client that keeps two usable sources, for servers withdrawn for their health', () => {
    eachCycled((given, id) => {
      const { withdrawn } = plan(given).memory;
      const judgement = judgementOf(given, id);
      const usable = judgement?.measures.usableSources ?? 2;
      if (!judgement?.stale || usable < 2) return;
      const ill = Object.keys(withdrawn).filter((other) => hostOf(given, other)?.state === 'running');
      const addresses = ill.flatMap((other) => withdrawn[other]?.addresses ?? []);
      const { rule, names } = judgement.stale;
      if (rule === 'left-behind') {
        const { addresses: left } = judgement.stale;
        expect(left.length === 0 || left.some((address) => !addresses.includes(address))).toBe(true);
      } else {
        const illNames = ill
          .filter((other) => withdrawn[other]?.addresses.some((address) => judgement.polled.includes(address)))
          .map((other) => nameOf(hostOf(given, other) as NonNullable<ReturnType<typeof hostOf>>));
        expect(names.some((name) => !illNames.includes(name))).toBe(true);
      }
    });
  });

  it('a boundary server unless every other one of its pod is confident, and enough stay published', () => {
    eachCycled((given, id) => {
      if (hostOf(given, id)?.tier !== 'boundary') return;
      const others = given.hosts.filter(
        (host) => host.tier === 'boundary' && host.instanceId !== id && !isDead(host) && host.pod === 'blue',
      );
      expect(others.filter((host) => !judgementOf(given, host.instanceId)?.confident)).toEqual([]);
      const left = [...confidentPublished(given, given.records)].filter((other) => other !== id);
      expect(left.length).toBeGreaterThanOrEqual(given.pod.cycling.floor);
    });
  });

  it('two boundary servers, more than the wave, a host twice, or more than fifty by one command', () => {
    always((given, made) => {
      expectEqual(new Set(cycled(made)).size, cycled(made).length);
      for (const tier of TIERS) {
        const commands = made.cycles.filter((command) => command.tier === tier);
        const size = commands.flatMap(({ instanceIds }) => instanceIds).length;
        const hosts = running(given, tier);
        const rollOut = made.memory.rollOuts[tier];
        const azs = new Set(hosts.map(({ az }) => az)).size;
        const share = rollOut?.waves === 0 ? 0.25 : given.pod.cycling.waveShare;
        const most = Math.max(1, Math.floor(hosts.length * share));
        // a tenth more where that saves a wave
        expectWithin(size, 0, tier === 'boundary' ? 1 : rollOut?.waves === 0 ? Math.min(azs, most) : most * 1.1 + 0.5);
        const limit = Math.max(1, Math.floor(hosts.length * given.pod.cycling.maxErrorShare));
        const left = limit - (rollOut?.failed.length ?? 0);
        const atOnce = Math.max(1, Math.floor(hosts.length * given.pod.cycling.maxConcurrencyShare));
        const sum = (limit: 'maxErrors' | 'maxConcurrency') =>
          commands.reduce((all, command) => all + command[limit], 0);
        if (commands.length > 0) {
          expectEqual(sum('maxErrors'), left);
          expectWithin(sum('maxConcurrency'), 1, Math.min(atOnce, limit + 1, 2 * (left + 1)));
        }
        for (const command of commands) {
          expectWithin(command.instanceIds.length, 1, 50);
          expect(command.maxConcurrency).toBeGreaterThan(0);
          expect(command.instanceIds.every((id) => hostOf(given, id)?.tier === tier)).toBe(true);
        }
      }
    });
  });

  it('a tier whose last wave may still be at work, whose roll-out stopped, or lost more than it may', () => {
    always((given, made) => {
      for (const { tier, instanceIds } of made.cycles) {
        const last = given.memory.rollOuts[tier];
        if (!last) continue;
        const isSame = last.records === recordsParameter(given.pod, given.records) && last.mode === given.mode;
        expect(last.stopped && isSame).toBe(false);
        const ids = last.commands.flatMap(({ instanceIds }) => instanceIds);
        const answers = ids.map((id) => answerOf(given, tier, id));
        const sure = last.commands.every(({ commandId }) => commandId !== null);
        const ended = given.progress.find((one) => one.tier === tier)?.ended && sure && !answers.includes(null);
        // SSM had begun with its last host 90 s ago: who said nothing failed
        const hasProgress = given.progress.some((one) => one.tier === tier);
        const silent = isSame && sure && hasProgress && NOW - (last.allBegunAtMs ?? NOW) >= 90_000;
        if (!isSame) expectWithin(NOW, last.atWorkUntilMs ?? 0, Infinity);
        if (!ended && !silent && last.commands.length > 0)
          expectWithin((NOW - last.startedAtMs) / 1000, lifeSeconds(last), Infinity);
        if (!isSame) continue;
        const failed = new Set([...last.failed, ...ids.filter((_, index) => answers[index]?.kind === 'failed')]);
        expectWithin(failed.size, 0, Math.max(1, running(given, tier).length * given.pod.cycling.maxErrorShare));
        // of this tier: who failed in the other has another tag now
        for (const id of instanceIds) expect(failed.has(id)).toBe(false);
      }
    });
  });

  it('a stale host that answered too often, or just now, that it did nothing', () => {
    eachCycled((given, id, _, force) => {
      const { undone } = plan(given).memory;
      if (force || !judgementOf(given, id)?.stale || !undone[id]) return;
      expectWithin(undone[id].answers, 1, undone[id].reason === 'not-yet' ? 11 : 4);
      expectWithin(NOW - undone[id].atMs, 45_000, Infinity);
    });
  });

  it('a second wave at once: the wave planned is under way in the next plan', () => {
    inOneFleet((given, made) => {
      const tiers = new Set(made.cycles.map(({ tier }) => tier));
      const again = plan({ ...given, memory: made.memory, progress: [] });
      expect(again.cycles.filter(({ tier }) => tiers.has(tier))).toEqual([]);
      if (tiers.size > 0) expect(again.unfinished).toBe(true);
    });
  });

  it('on a tick that is to change DNS', () => {
    inOneFleet((_, made) => expect(made.cycles.length === 0 || made.changes.length === 0).toBe(true));
  });

  it('a stopped roll-out’s tier before DNS or mode change, however often it is planned', () => {
    inOneFleet((given, made) => {
      for (const tier of made.stoppedRollOuts) {
        const again = plan({ ...given, memory: made.memory, nowMs: NOW + 60 * MINUTE });
        if (
          again.changes.length === 0 &&
          made.memory.rollOuts[tier]?.mode === given.mode &&
          made.memory.rollOuts[tier]?.records === recordsParameter(given.pod, given.records)
        ) {
          expect(again.cycles.filter((command) => command.tier === tier)).toEqual([]);
          expect(again.stoppedRollOuts).toContain(tier);
        }
      }
    });
  });
});
