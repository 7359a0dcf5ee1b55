import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { packChanges } from '../../src/plan/batches.ts';
import { planOnDemandCycle } from '../../src/plan/on-demand.ts';
import { recordsParameter } from '../../src/plan/parameter.ts';
import { plan } from '../../src/plan/plan.ts';
import { planInstanceEvent, planRegistration } from '../../src/plan/registration.ts';
import type { Plan, PlanInput } from '../../src/plan/types.ts';
import { fleets } from './fleets.ts';
import { MINUTE, NOW } from './given.ts';
import {
  answered,
  applied,
  confidentPublished,
  hostOf,
  identityOf,
  isConfidentServer,
  isDead,
  isOwn,
  isServer,
  judgementOf,
  nameOf,
  running,
  toldToCycle,
} from './oracle.ts';

const FLEETS = fleets(recordsParameter);
/** Enough to meet each rule many times; RUNS=5000 for a long look. */
const RUNS = { numRuns: Number(process.env.RUNS ?? 100) };
const TIERS = ['boundary', 'client'] as const;

const EVERYTHING = { tier: null, az: null, instanceIds: null, dryRun: false };
const cycled = (made: Plan) => made.cycles.flatMap(({ instanceIds }) => instanceIds);

/** Holds for the plan of every fleet, and for what is cycled on demand there, with force and without. */
function always(property: (given: PlanInput, made: Plan, force: boolean) => void): void {
  fc.assert(
    fc.property(FLEETS, (given) => {
      property(given, plan(given), false);
      property(given, planOnDemandCycle(given, { ...EVERYTHING, force: false }), false);
      const instanceIds = given.hosts.map((host) => host.instanceId);
      property(given, planOnDemandCycle(given, { ...EVERYTHING, instanceIds, force: true }), true);
    }),
    RUNS,
  );
}

/** Holds for each host that is cycled. */
function eachCycled(property: (given: PlanInput, id: string, made: Plan, force: boolean) => void): void {
  always((given, made, force) => {
    for (const id of cycled(made)) property(given, id, made, force);
  });
}

const inOneFleet = (property: (given: PlanInput, made: Plan) => void) =>
  fc.assert(
    fc.property(FLEETS, (given) => property(given, plan(given))),
    RUNS,
  );

describe('the fleets that the properties are held against', () => {
  const sample = fc.sample(FLEETS, { numRuns: 400, seed: 7 }).map((given) => [given, plan(given)] as const);
  const number = (holds: (given: PlanInput, made: Plan) => boolean) => sample.filter((one) => holds(...one)).length;

  it('give plans something to do', () => {
    expect(number((_, made) => made.cycles.length > 0)).toBeGreaterThan(30);
    expect(number((_, made) => made.changes.some(({ action }) => action === 'UPSERT'))).toBeGreaterThan(40);
    expect(number((_, made) => made.changes.some(({ action }) => action === 'DELETE'))).toBeGreaterThan(40);
    const before = (given: PlanInput) => Object.keys(given.memory.withdrawn);
    const newly = (given: PlanInput, made: Plan) =>
      Object.keys(made.memory.withdrawn).filter((id) => !before(given).includes(id));
    expect(number((given, made) => newly(given, made).length > 0)).toBeGreaterThan(2);
    expect(number((_, made) => made.refusals.some(({ rule }) => rule === 'floor'))).toBeGreaterThan(10);
  });

  it('meet every rule that the plan has', () => {
    const rules = new Set(
      sample.flatMap(([given, made]) => [
        ...made.refusals.map(({ rule }) => rule),
        ...planOnDemandCycle(given, { ...EVERYTHING, force: true }).refusals.map(({ rule }) => rule),
      ]),
    );
    expect([...rules].sort()).toEqual([
      'address-outside',
      'blocked-name',
      'cool-down',
      'dns-changing',
      'floor',
      'foreign-record',
      'given-up',
      'health-withdrawal',
      'held',
      'leap-second',
      'maintenance',
      'mode',
      'no-confident-server',
      'not-of-pod',
      'not-running',
      'other-servers',
      'pool-patience',
      'roll-out-stopped',
      'sampled',
      'unknown',
      'unknown-once',
      'unmanaged',
      'unresolvable',
      'untagged-owner',
      'wave',
      'wave-under-way',
      'withdrawn',
    ]);
  });
});

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

  it('a host inside its cool-down, unless forced', () => {
    eachCycled((given, id, _, force) => {
      if (force) return;
      const judgement = judgementOf(given, id);
      expect(judgement?.cycledSecondsAgo ?? 600).toBeGreaterThanOrEqual(600);
      expect(judgement?.measures.ageSeconds ?? 600).toBeGreaterThanOrEqual(600);
      const remembered = Math.max(0, ...toldToCycle(given, id));
      expect(NOW - remembered).toBeGreaterThanOrEqual(10 * MINUTE);
    });
  });

  it('a stale host for the fourth time in a day', () => {
    eachCycled((given, id) => {
      const judgement = judgementOf(given, id);
      // a daemon that was started since may have been started by the cycle: its count cannot be doubted
      const since = NOW - (judgement?.measures.ageSeconds ?? 0) * 1000;
      const sure = toldToCycle(given, id).filter((atMs) => atMs > NOW - 24 * 60 * MINUTE && atMs <= since);
      if (judgement?.stale) expect(sure.length).toBeLessThan(given.pod.cycling.attemptsPerDay);
    });
  });

  it('anything but in mode act, in an open window, without a leap second announced', () => {
    eachCycled((given) => {
      expect(given.mode).toBe('act');
      expect(given.judgements.some(({ leapAnnounced }) => leapAnnounced)).toBe(false);
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

  it('for a name without a confident server, or one that does not resolve yet', () => {
    eachCycled((given, id) => {
      const confident = [...confidentPublished(given, given.records)].filter((other) => other !== id);
      const confidentNames = confident.map((other) =>
        nameOf(hostOf(given, other) as NonNullable<ReturnType<typeof hostOf>>),
      );
      const published = given.records.filter(({ type }) => ['A', 'AAAA'].includes(type)).map(({ name }) => name);
      const names = judgementOf(given, id)?.stale?.names ?? published.filter((name) => confidentNames.includes(name));
      expect(names.some((name) => confidentNames.includes(name))).toBe(true);
      expect(names.filter((name) => published.includes(name) && !confidentNames.includes(name))).toEqual([]);
      expect(names.filter((name) => judgementOf(given, id)?.stale && given.unresolvable.includes(name))).toEqual([]);
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
      expect(new Set(cycled(made)).size).toBe(cycled(made).length);
      for (const tier of TIERS) {
        const commands = made.cycles.filter((command) => command.tier === tier);
        const size = commands.flatMap(({ instanceIds }) => instanceIds).length;
        const most = Math.max(1, Math.floor(running(given, tier).length * given.pod.cycling.waveShare));
        expect(size).toBeLessThanOrEqual(tier === 'boundary' ? 1 : most);
        const mayFail = commands.reduce((sum, { maxErrors }) => sum + Number(maxErrors), 0);
        expect(mayFail).toBeLessThanOrEqual(size * given.pod.cycling.maxErrorShare);
        for (const command of commands) {
          expect(command.instanceIds.length).toBeGreaterThan(0);
          expect(command.instanceIds.length).toBeLessThanOrEqual(50);
          expect(Number(command.maxConcurrency)).toBeGreaterThan(0);
          expect(command.instanceIds.every((id) => hostOf(given, id)?.tier === tier)).toBe(true);
        }
      }
    });
  });

  it('a tier whose last wave has not ended within its limit, or whose roll-out stopped', () => {
    always((given, made) => {
      for (const { tier } of made.cycles) {
        const last = given.memory.rollOuts[tier];
        if (!last) continue;
        const now = recordsParameter(given.pod, given.records);
        if (last.stopped) {
          expect(last.records !== now || last.mode !== given.mode).toBe(true);
          continue;
        }
        const progress = given.progress.find((one) => one.tier === tier);
        const ids = last.commands.flatMap(({ instanceIds }) => instanceIds);
        const sure = last.commands.every(
          ({ commandId, instanceIds }) => commandId !== null || instanceIds.length === 0,
        );
        if (progress && sure) {
          expect(progress.ended && progress.withinErrorLimit).toBe(true);
          expect(progress.failed).toBeLessThanOrEqual(ids.length * given.pod.cycling.maxErrorShare);
        } else {
          expect(NOW - last.startedAtMs).toBeGreaterThanOrEqual(15 * MINUTE);
        }
      }
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

describe('every stale host', () => {
  it('is cycled, or refused in a sentence of its own, or its tier is', () => {
    inOneFleet((given, made) => {
      const subjects = new Set(made.refusals.map(({ subject }) => subject));
      const ids = given.judgements
        .filter(({ host, stale }) => stale && host.pod === 'blue')
        .map(({ host }) => host.instanceId);
      expect(made.stale).toEqual([...ids].sort());
      for (const id of ids) expect(cycled(made).includes(id) || subjects.has(id) || subjects.has('blue')).toBe(true);
      for (const { sentence } of made.refusals) expect(sentence).toMatch(/[^.]\.$/);
    });
  });
});

describe('no plan ever touches', () => {
  it('a record that is not podtime’s, nor puts one where Route 53 refuses it', () => {
    inOneFleet((given, made) => {
      const before = new Map(given.records.map((record) => [identityOf(record), record]));
      for (const change of made.changes) {
        expect(change.name).toMatch(/^ntp\.az-[abc]\.pod$|^ntp\.az-q\.pod$/);
        expect(change.setIdentifier).toMatch(/^i-[0-9a-f]{17}$/);
        const listed = before.get(identityOf(change));
        if (change.action === 'DELETE') expect(listed).toBeDefined();
        if (listed) expect(isOwn(listed)).toBe(true);
      }
      // throws when Route 53 would
      const after = applied(given.records, made.changes);
      const foreign = given.records.filter((record) => !isOwn(record));
      expect(after.filter((record) => !isOwn(record))).toEqual(foreign);
    });
  });

  it('a record of a server that lives, but for its health, its place or its tier', () => {
    inOneFleet((given, made) => {
      for (const { action, name, type, setIdentifier } of made.changes) {
        const host = hostOf(given, setIdentifier);
        if (action !== 'DELETE' || !host || isDead(host)) continue;
        const ill = setIdentifier in made.memory.withdrawn;
        const misplaced = name !== nameOf(host);
        const without =
          type === 'AAAA'
            ? host.ipv6.length === 0 || !given.pod.networks.some((one) => one.includes(':'))
            : given.pod.networks.length > 1;
        expect(ill || misplaced || without || host.tier === 'client').toBe(true);
      }
    });
  });

  it('a record of a server that EC2 did not deny twice', () => {
    inOneFleet((given, made) => {
      for (const { action, setIdentifier } of made.changes) {
        if (action !== 'DELETE' || hostOf(given, setIdentifier)) continue;
        expect(given.unknownIds).toContain(setIdentifier);
        expect(given.memory.unknownToEc2).toContain(setIdentifier);
      }
    });
  });
});

describe('health', () => {
  it('never takes a server out of DNS when that leaves fewer confident ones than the floor', () => {
    inOneFleet((given, made) => {
      const doubtful = made.changes.filter(({ action, name, setIdentifier }) => {
        const host = hostOf(given, setIdentifier);
        return (
          action === 'DELETE' &&
          isServer(given, host) &&
          name === nameOf(host) &&
          setIdentifier in made.memory.withdrawn
        );
      });
      if (doubtful.length === 0) return;
      const after = applied(given.records, made.changes);
      expect(confidentPublished(given, after).size).toBeGreaterThanOrEqual(given.pod.cycling.floor);
    });
  });

  it('never withdraws a confident server, nor one on silence, nor before its fifteen minutes', () => {
    inOneFleet((given, made) => {
      for (const id of Object.keys(made.memory.withdrawn)) {
        expect(isConfidentServer(given, id)).toBe(false);
        if (id in given.memory.withdrawn) continue;
        const judgement = judgementOf(given, id);
        expect(['no-daemon', 'unsynchronised', 'adrift']).toContain(judgement?.state);
        const before = given.memory.unhealthy?.[id];
        expect((before?.provenMs ?? 0) + (before ? MINUTE : 0)).toBeGreaterThanOrEqual(15 * MINUTE);
      }
    });
  });

  it('lets register bring back none that is withdrawn', () => {
    inOneFleet((given) => {
      const { withdrawn } = given.memory;
      const made = planRegistration({ ...given, withdrawn });
      expect(made.changes.filter(({ setIdentifier }) => setIdentifier in withdrawn)).toEqual([]);
    });
  });
});

describe('silence', () => {
  it('cycles nothing and withdraws nothing that was not withdrawn', () => {
    inOneFleet((given) => {
      const quiet = plan({
        ...given,
        judgements: given.judgements.map((one) => ({ ...one, state: 'unknown' as const, confident: false })),
      });
      expect(quiet.cycles).toEqual([]);
      expect(Object.keys(quiet.memory.withdrawn).filter((id) => !(id in given.memory.withdrawn))).toEqual([]);
      const none = plan({ ...given, judgements: [] });
      expect(none.cycles).toEqual([]);
      expect(none.changes).toEqual(quiet.changes);
    });
  });
});

describe('the mode', () => {
  it('observe changes nothing; hold only withdraws what EC2 says is gone', () => {
    inOneFleet((given) => {
      const observed = plan({ ...given, mode: 'observe' });
      expect([observed.changes, observed.cycles]).toEqual([[], []]);
      const held = plan({ ...given, mode: 'hold' });
      expect(held.cycles).toEqual([]);
      for (const { action, setIdentifier } of held.changes) {
        const host = hostOf(given, setIdentifier);
        expect(action).toBe('DELETE');
        expect(host ? isDead(host) : given.unknownIds.includes(setIdentifier)).toBe(true);
      }
    });
  });

  it('act withdraws everything that EC2 says is gone', () => {
    inOneFleet((given, made) => {
      if (given.mode === 'observe') return;
      const left = applied(given.records, made.changes).filter((record) => {
        const host = hostOf(given, record.setIdentifier ?? '');
        return isOwn(record) && host && isDead(host);
      });
      expect(left).toEqual([]);
    });
  });
});

describe('a plan', () => {
  it('applied and made again changes nothing', () => {
    inOneFleet((given, made) => {
      const records = applied(given.records, made.changes);
      const again = plan({ ...given, records, memory: made.memory });
      // the second read of an id that EC2 does not know may withdraw it; a third finds nothing to do
      const twice = again.changes.filter(({ setIdentifier }) => !given.unknownIds.includes(setIdentifier));
      expect(twice).toEqual([]);
      const third = plan({ ...given, records: applied(records, again.changes), memory: again.memory });
      expect(third.changes).toEqual([]);
    });
  });

  it('does not depend on the order of its input', () => {
    fc.assert(
      fc.property(
        FLEETS.chain((given) =>
          fc
            .record({
              hosts: shuffled(given.hosts),
              records: shuffled(given.records),
              judgements: shuffled(given.judgements),
              progress: shuffled(given.progress),
              unknownIds: shuffled(given.unknownIds),
            })
            .map((other) => [given, { ...given, ...other }] as const),
        ),
        ([given, other]) => {
          expect(plan(other)).toEqual(plan(given));
          const request = { ...EVERYTHING, force: true };
          expect(planOnDemandCycle(other, request)).toEqual(planOnDemandCycle(given, request));
        },
      ),
      RUNS,
    );
  });

  it('leaves its input as it was', () => {
    inOneFleet((given) => {
      const frozen = deepFrozen(structuredClone(given));
      expect(plan(frozen)).toEqual(plan(given));
      planOnDemandCycle(frozen, { ...EVERYTHING, force: true });
    });
  });

  it('fits into batches that Route 53 takes, whole', () => {
    inOneFleet((_, made) => {
      const batches = packChanges(made.changes);
      expect(batches.flat()).toEqual(made.changes);
      const owners = batches.map((batch) => new Set(batch.map(({ setIdentifier }) => setIdentifier)));
      for (const id of owners.flatMap((ids) => [...ids])) expect(owners.filter((ids) => ids.has(id))).toHaveLength(1);
    });
  });

  it('tells the hosts of DNS what their document’s pattern allows', () => {
    const pattern = /^(az-[a-z]=[0-9a-f.:|]+( az-[a-z]=[0-9a-f.:|]+)*)?$/;
    inOneFleet((given) => expect(recordsParameter(given.pod, given.records)).toMatch(pattern));
  });
});

describe('registrations at once', () => {
  it('never delete or change each other’s records, in whatever order they are done', () => {
    inOneFleet((given) => {
      const servers = given.hosts.filter((host) => host.tier === 'boundary' && host.state === 'running');
      const withdrawn = given.memory.withdrawn;
      const plans = servers.map((host) =>
        planInstanceEvent({
          ...given,
          mode: 'act',
          event: { instanceId: host.instanceId, state: 'running' },
          host,
          withdrawn,
        }),
      );
      plans.forEach(({ changes }, index) => {
        expect(changes.filter(({ setIdentifier }) => setIdentifier !== servers[index]?.instanceId)).toEqual([]);
      });
      const there = applied(
        given.records,
        plans.flatMap(({ changes }) => changes),
      );
      const back = applied(
        given.records,
        [...plans].reverse().flatMap(({ changes }) => changes),
      );
      const texts = (records: typeof there) => records.map(({ raw: _, ...record }) => JSON.stringify(record)).sort();
      expect(texts(back)).toEqual(texts(there));
      // what `register` would have done for all of them
      const all = applied(given.records, planRegistration({ ...given, mode: 'act', withdrawn }).changes);
      expect(texts(all)).toEqual(texts(there));
    });
  });

  it('repeated, change nothing', () => {
    inOneFleet((given) => {
      const { withdrawn } = given.memory;
      const once = planRegistration({ ...given, mode: 'act', withdrawn });
      const records = applied(given.records, once.changes);
      expect(planRegistration({ ...given, mode: 'act', withdrawn, records }).changes).toEqual([]);
    });
  });
});

const shuffled = <T>(items: readonly T[]) =>
  fc.shuffledSubarray([...items], { minLength: items.length, maxLength: items.length });

function deepFrozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(deepFrozen);
    Object.freeze(value);
  }
  return value;
}
