import { describe, expect, it } from '@jest/globals';
import {
  type InstanceEventInput,
  planInstanceEvent,
  planRegistration,
  type RegistrationInput,
} from '../../../src/plan/dns/registration.ts';
import { client, id, NOW, POD, record, server } from '../../builders/plan-input.ts';

const A = server('a', 'a');
const B = server('b', 'b');
const ofB = id('b');
const WITHDRAWN = { [ofB]: { sinceMs: NOW, sentence: 'adrift: 80 ms.', addresses: ['10.0.2.11'] } };

const upsertB = {
  action: 'UPSERT',
  name: 'ntp.az-b.pod',
  type: 'A',
  setIdentifier: ofB,
  address: '10.0.2.11',
  ttlSeconds: 30,
  reason: `${ofB} runs at 10.0.2.11`,
};

const deleteB = (reason: string) => ({ ...upsertB, action: 'DELETE', reason, raw: record(B).raw });

describe('register', () => {
  const register = (overrides: Partial<RegistrationInput>) =>
    planRegistration({ pod: POD, mode: 'act', hosts: [A, B], records: [record(A)], withdrawn: {}, ...overrides });

  it('publishes every running boundary server that is not', () => {
    expect(register({})).toEqual({ changes: [upsertB], refusals: [] });
  });

  it('changes nothing the second time', () => {
    expect(register({ records: [record(A), record(B)] })).toEqual({ changes: [], refusals: [] });
  });

  it('leaves clients, the dead and the unknown alone', () => {
    const dead = server('d', 'c', { state: 'terminated' });
    const unknown = server('e', 'c');
    const hosts = [A, client('1', 'b'), dead];
    expect(register({ hosts, records: [record(A), record(dead), record(unknown)] })).toEqual({
      changes: [],
      refusals: [],
    });
  });

  it('changes nothing and says so when EC2 names nobody, though a host asks', () => {
    const sentence = 'Nothing is registered in pod blue: EC2 names no boundary server of it yet.';
    const nothing = { changes: [], refusals: [{ subject: 'blue', rule: 'blind', sentence }] };
    expect(register({ hosts: [] })).toEqual(nothing);
    expect(register({ hosts: [], records: [] })).toEqual(nothing);
  });

  it('moves a server’s own record to the right name, in one go', () => {
    const old = record(B, { name: 'ntp.az-c.pod', raw: 'old' });
    expect(register({ records: [record(A), old] }).changes).toEqual([
      upsertB,
      { ...upsertB, action: 'DELETE', name: 'ntp.az-c.pod', reason: `${ofB} belongs under ntp.az-b.pod`, raw: 'old' },
    ]);
  });

  it('does not bring back a server that was withdrawn for its health', () => {
    expect(register({ withdrawn: WITHDRAWN })).toEqual({
      changes: [],
      refusals: [
        {
          subject: ofB,
          rule: 'withdrawn',
          sentence: `${ofB} is not registered until it is confident again: adrift: 80 ms.`,
          cause: 'boundary servers are not registered until they are confident again',
        },
      ],
    });
  });

  it.each(['observe', 'hold'] as const)('changes nothing in mode %s, and says so', (mode) => {
    const plan = register({ mode });
    expect(plan.changes).toEqual([]);
    expect(plan.refusals).toEqual([
      {
        subject: 'ntp.az-b.pod',
        rule: 'mode',
        sentence: `In mode ${mode} podtime does not register ntp.az-b.pod A 10.0.2.11, as it would in mode act: ${ofB} runs at 10.0.2.11.`,
        cause: `changes of records are left undone: in mode ${mode} podtime does not register servers`,
      },
    ]);
  });
});

describe('an instance changes its state', () => {
  const change = (state: string, overrides: Partial<InstanceEventInput>) =>
    planInstanceEvent({
      pod: POD,
      mode: 'act',
      event: { instanceId: ofB, state },
      host: B,
      records: [record(A)],
      withdrawn: {},
      ...overrides,
    });
  const published = [record(A), record(B)];

  it('running: registered, and once', () => {
    expect(change('running', {})).toEqual({ changes: [upsertB], refusals: [] });
    expect(change('running', { records: published })).toEqual({ changes: [], refusals: [] });
  });

  it('running, but withdrawn for its health: not registered', () => {
    expect(change('running', { withdrawn: WITHDRAWN }).changes).toEqual([]);
  });

  it('running, a client: nothing', () => {
    expect(change('running', { host: client('b', 'b') })).toEqual({ changes: [], refusals: [] });
  });

  it('running, not among the tagged hosts yet: said, nothing done, its record not touched', () => {
    expect(change('running', { host: null, records: published })).toEqual({
      changes: [],
      refusals: [
        {
          subject: ofB,
          rule: 'not-of-pod',
          sentence: `EC2 reported ${ofB} as running, but does not list it among the boundary servers of pod blue.`,
          cause: 'instances that EC2 reported as running are not listed among the boundary servers of pod blue',
        },
      ],
    });
  });

  it.each(['shutting-down', 'stopping', 'stopped', 'terminated'] as const)('%s: withdrawn, and once', (state) => {
    const host = { ...B, state };
    expect(change(state, { host, records: published })).toEqual({
      changes: [deleteB(`EC2 says ${ofB} is ${state}`)],
      refusals: [],
    });
    expect(change(state, { host })).toEqual({ changes: [], refusals: [] });
  });

  it.each(['shutting-down', 'terminated'])(
    '%s and not listed: withdrawn on the event’s word, which is final',
    (state) => {
      expect(change(state, { host: null, records: published }).changes).toEqual([
        deleteB(`EC2 says ${ofB} is ${state}`),
      ]);
    },
  );

  it.each(['stopping', 'stopped'])('%s and not listed, though EC2 lists what is stopped: kept, and said', (state) => {
    expect(change(state, { host: null, records: published })).toEqual({
      changes: [],
      refusals: [
        {
          subject: ofB,
          rule: 'not-of-pod',
          sentence: `EC2 reported ${ofB} as ${state}, but does not list it among the boundary servers of pod blue.`,
          cause: `instances that EC2 reported as ${state} are not listed among the boundary servers of pod blue`,
        },
      ],
    });
  });

  it.each(['running', 'pending'] as const)('a late event of its stop, when EC2 says %s: nothing, and said', (state) => {
    expect(change('stopped', { host: { ...B, state }, records: published })).toEqual({
      changes: [],
      refusals: [
        {
          subject: ofB,
          rule: 'late-event',
          sentence: `EC2 reported ${ofB} as stopped, but describes it as ${state} now: the event is late.`,
          cause: `late events: EC2 reported stopped, but describes the instances as ${state} now`,
        },
      ],
    });
  });

  it('a late event of its start, when EC2 says it is dead: withdrawn', () => {
    const host = { ...B, state: 'terminated' as const };
    expect(change('running', { host, records: published }).changes).toEqual([deleteB(`EC2 says ${ofB} is terminated`)]);
  });

  it.each(['pending', 'rebooting', ''])('%p: nothing', (state) => {
    expect(change(state, { records: published, host: { ...B, state: 'terminated' } })).toEqual({
      changes: [],
      refusals: [],
    });
  });

  it('touches no record of another, nor one of its own that is no name of podtime’s', () => {
    const records = [record(A), record(B, { name: 'www.pod' }), record(B, { multivalue: false })];
    expect(change('terminated', { host: null, records }).changes).toEqual([]);
  });

  it.each([
    ['hold', 'running', 0],
    ['hold', 'terminated', 1],
    ['observe', 'running', 0],
    ['observe', 'terminated', 0],
  ] as const)('in mode %s, %s: %i changes', (mode, state, changes) => {
    const host = state === 'running' ? B : { ...B, state };
    const records = state === 'running' ? [] : published;
    const plan = change(state, { mode, host, records });
    expect(plan.changes).toHaveLength(changes);
    expect(plan.refusals.map(({ rule }) => rule)).toEqual(changes === 0 ? ['mode'] : []);
  });
});
