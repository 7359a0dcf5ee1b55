import { describe, expect, it } from '@jest/globals';
import {
  plan,
  planInstanceEvent,
  planOnDemandCycle,
  planRegistration,
  planRetirement,
} from '../../../src/plan/plan.ts';
import { expectEqual } from '../../builders/expectations.ts';
import { MINUTE } from '../../builders/plan-input.ts';
import {
  applied,
  confidentPublished,
  hostOf,
  identityOf,
  isBlind,
  isConfidentServer,
  isDead,
  isDeadOwner,
  isDeniedTwice,
  isOwn,
  isServer,
  isStartingTooLong,
  judgementOf,
  nameOf,
  unseen,
} from '../../builders/plan-oracle.ts';
import { EVERYTHING, inOneFleet } from '../../builders/plan-properties.ts';

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

  it('a record of a server that EC2 does not name, but for a dead state or a denial twice', () => {
    inOneFleet((given, made) => {
      for (const { action, setIdentifier } of made.changes) {
        if (action !== 'DELETE' || hostOf(given, setIdentifier)) continue;
        expect(isDeadOwner(given, setIdentifier) || isDeniedTwice(given, setIdentifier)).toBe(true);
      }
    });
  });

  it('anything of a blind pod', () => {
    inOneFleet((given) => {
      const nobody = { ...given, hosts: [], judgements: [] };
      const byTick = [plan(nobody), unseen(given.memory)] as const;
      const byHand = [planOnDemandCycle(nobody, { ...EVERYTHING, force: true }), given.memory] as const;
      for (const [made, remembered] of [byTick, byHand]) {
        expectEqual(made.blind, isBlind(nobody));
        if (!made.blind) continue;
        expectEqual([made.changes, made.cycles, made.memory], [[], [], remembered]);
        expectEqual(
          made.refusals.map(({ rule }) => rule),
          ['blind'],
        );
      }
    });
  });
});

describe('ids that EC2 denies', () => {
  it('never go when that leaves no confident server in DNS, or fewer than the floor', () => {
    inOneFleet((given, made) => {
      const denied = made.changes.filter(
        ({ action, setIdentifier }) => action === 'DELETE' && isDeniedTwice(given, setIdentifier),
      );
      if (denied.length === 0) return;
      const after = applied(given.records, made.changes);
      expect(confidentPublished(given, after).size).toBeGreaterThanOrEqual(Math.max(1, given.pod.cycling.floor));
      // also when Route 53 refuses everything that was to be published
      const deletions = made.changes.filter(({ action }) => action === 'DELETE');
      const moved = new Set(made.changes.filter(({ action }) => action === 'UPSERT').map((one) => one.setIdentifier));
      const left = applied(
        given.records,
        deletions.filter(({ setIdentifier }) => !moved.has(setIdentifier)),
      );
      expect(confidentPublished(given, left).size).toBeGreaterThanOrEqual(Math.max(1, given.pod.cycling.floor));
    });
  });
});

describe('a host that keeps starting', () => {
  it('is named when it is, and never before', () => {
    inOneFleet((given, made) => {
      const running = given.hosts.filter(({ state }) => state === 'running').map(({ instanceId }) => instanceId);
      expectEqual(made.startingTooLong, made.blind ? [] : running.filter((id) => isStartingTooLong(given, id)).sort());
    });
  });
});

describe('retiring a pod', () => {
  it('leaves the records of servers that live, those that are not podtime’s, and what EC2 could not be asked of', () => {
    inOneFleet((given) => {
      const made = planRetirement({ ...given, mode: 'act' });
      const left = applied(given.records, made.changes);
      const stays = given.records.filter((record) => {
        const host = hostOf(given, record.setIdentifier ?? '');
        const lives = host?.tier === 'boundary' && host.pod === 'blue' && !isDead(host);
        const livesById = ['running', 'pending'].includes(given.ownerStates[record.setIdentifier ?? ''] ?? '');
        const mayLive = !host && (livesById || given.unread.includes(record.setIdentifier ?? ''));
        return !isOwn(record) || lives || mayLive;
      });
      expectEqual(left, stays);
      expectEqual(planRetirement({ ...given, mode: 'hold' }).changes, made.changes);
      expectEqual(planRetirement({ ...given, mode: 'observe' }).changes, []);
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
        const isBad = ['no-daemon', 'unsynchronised', 'contradicted', 'adrift'].includes(judgement?.state ?? '');
        const isLost = judgement?.state === 'holdover' && judgement.measures.horizonSeconds === 0;
        expect(isBad || isLost || isStartingTooLong(given, id)).toBe(true);
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
        expect(isDeadOwner(given, setIdentifier) || (!host && isDeniedTwice(given, setIdentifier))).toBe(true);
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
