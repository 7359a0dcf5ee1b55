import { describe, expect, it } from '@jest/globals';
import type { Judgement } from '../../../src/diagnosis/judgement.ts';
import { type Plan, plan, planOnDemandCycle } from '../../../src/plan/plan.ts';
import { client, HOUR, id, input, judged, memory, NOW, POD, record, server, stale } from '../../builders/plan-input.ts';
import {
  A,
  B,
  CLIENT_1,
  given,
  ID_1,
  leftBehind,
  NAME_A,
  NAME_B,
  NAME_C,
  policy,
  refusalsOf,
} from '../../builders/stale-clients.ts';

const C = server('c', 'c');
const causesOf = ({ refusals }: Plan) => refusals.map(({ cause }) => cause);
const doubted = (of: typeof A) => judged(of, { confident: false });

describe('a sentence of cycling', () => {
  it('names every AZ that has left hosts behind', () => {
    const made = plan(given([stale(CLIENT_1, [NAME_A, NAME_B])]));
    expect(made.cycles.map(({ reason }) => reason)).toEqual(['left behind by ntp.az-a.pod, ntp.az-b.pod']);
  });

  it.each<[string, Judgement[], string[], string]>([
    [
      'names whose servers are not confident',
      [doubted(A), doubted(B)],
      [NAME_A, NAME_B],
      'no server published under ntp.az-a.pod, ntp.az-b.pod is confident.',
    ],
    [
      'names without a record',
      [judged(A), judged(B)],
      [NAME_C, 'ntp.az-d.pod'],
      'ntp.az-c.pod, ntp.az-d.pod have no confident server published.',
    ],
  ])('names all the %s', (_, judgements, names, sentence) => {
    const client1 = stale(CLIENT_1, names);
    const made = plan(given([client1], { judgements: [...judgements, client1] }));
    expect(refusalsOf(made)).toEqual([`no-confident-server: ${ID_1} waits: ${sentence}`]);
  });

  it('names every other boundary server that is not confident, in order', () => {
    const D = server('d', 'c');
    const judgements = [stale(A, [NAME_B]), judged(B), doubted(C), doubted(D)];
    const made = plan(input({ hosts: [D, A, B, C], records: [A, B, C, D].map((each) => record(each)), judgements }));
    expect(refusalsOf(made)).toEqual([
      `other-servers: ${id('a')} waits: 2 of 3 other boundary servers are not confident (${id('c')}, ${id('d')}).`,
    ]);
    expect(causesOf(made)).toEqual(['boundary servers wait: other boundary servers of the pod are not confident']);
  });

  it('tells of one boundary server that is left', () => {
    const made = plan(given([], { judgements: [stale(A, [NAME_B]), judged(B)], pod: policy({ floor: 2 }) }));
    expect(refusalsOf(made)).toEqual([
      `other-servers: ${id('a')} waits: without it 1 confident boundary server is published, the floor is 2.`,
    ]);
  });

  it('tells that the number of usable sources is not known', () => {
    const kept = stale(CLIENT_1, [NAME_B], {
      stale: { rule: 'unjoined', names: [NAME_B], addresses: [], sentence: '' },
      polled: ['10.0.2.12'],
      measures: { ...judged(CLIENT_1).measures, usableSources: null },
    });
    const withdrawn = { [id('c')]: { sinceMs: NOW - HOUR, sentence: 'adrift.', addresses: ['10.0.2.12'] } };
    const made = plan(given([kept, doubted(server('c', 'b'))], { memory: memory({ withdrawn }) }));
    expect(refusalsOf(made)).toContain(
      `health-withdrawal: ${ID_1} is not cycled: it keeps an unknown number of usable sources, 2 suffice. It was left behind by a server withdrawn for its health.`,
    );
    expect(causesOf(made)).toContain(
      'clients left behind by a server withdrawn for its health are not cycled: they keep an unknown number of usable sources, 2 suffice',
    );
  });

  it('tells of a host that nobody has seen, and counts those that are not stale', () => {
    const [two, three, unseen] = [client('2', 'a'), client('3', 'a'), client('4', 'a')];
    const request = { tier: 'client' as const, az: null, instanceIds: null, force: false };
    const fresh = given([judged(two), judged(three)]);
    const made = planOnDemandCycle({ ...fresh, hosts: [...fresh.hosts, unseen] }, request);
    expect(made.refusals.map(({ sentence }) => sentence).sort()).toEqual([
      '2 of 3 hosts asked for are not cycled: DNS has not left them behind.',
      `${id('4')} is not cycled, as nothing is known of it: it was not seen.`,
    ]);
    expect(causesOf(made)).toContain('clients are not cycled, as nothing is known of them: they were not seen');
  });

  it('of many that were asked for by their ids is one: they are not stale, of another tier, or not of the pod', () => {
    const two = client('2', 'a');
    const request = { tier: 'client' as const, az: null, instanceIds: ['2', 'a', '99'].map(id), force: false };
    const made = planOnDemandCycle(given([judged(two)]), request);
    expect(causesOf(made).sort()).toEqual([
      'clients are not cycled: DNS has not left them behind',
      'hosts are not cycled: asked for was client',
      'instances are not cycled: they are no hosts of pod blue',
    ]);
  });

  it('of many that wait for their pool is one', () => {
    const pod = { ...POD, association: 'pool' as const };
    const made = plan(given([leftBehind()], { pod }));
    expect(causesOf(made)).toEqual([
      'clients have been stale for less; a pool is given 15 min to look again by itself',
    ]);
  });
});
