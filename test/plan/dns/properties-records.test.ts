import { describe, expect, it } from '@jest/globals';
import { plan, planInstanceEvent, planRegistration } from '../../../src/plan/plan.ts';
import { MINUTE } from '../../builders/plan-input.ts';
import {
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
} from '../../builders/plan-oracle.ts';
import { inOneFleet } from '../../builders/plan-properties.ts';

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
