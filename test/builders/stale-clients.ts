import type { Judgement } from '../../src/diagnosis/judgement.ts';
import type { Host } from '../../src/fleet/fleet.ts';
import type { Plan, PlanInput } from '../../src/plan/plan.ts';
import { client, id, input, judged, POD, record, server, stale } from './plan-input.ts';
export const A = server('a', 'a');
export const B = server('b', 'b');
export const CLIENT_1 = client('1', 'a');
export const ID_1 = id('1');
export const NAME_A = 'ntp.az-a.pod';
export const NAME_B = 'ntp.az-b.pod';
export const NAME_C = 'ntp.az-c.pod';
export const RECORDS = 'az-a=10.0.1.10 az-b=10.0.2.11';

/** Two confident servers, published; the clients as judged. */
export function given(judgements: Judgement[], overrides: Partial<PlanInput> = {}): PlanInput {
  return input({
    hosts: [A, B, ...judgements.map((judgement) => judgement.host)],
    records: [record(A), record(B)],
    judgements: [judged(A), judged(B), ...judgements],
    ...overrides,
  });
}

export const leftBehind = (of: Host = CLIENT_1, overrides: Partial<Judgement> = {}) => stale(of, [NAME_B], overrides);
export const policy = (cycling: Partial<typeof POD.cycling>) => ({ ...POD, cycling: { ...POD.cycling, ...cycling } });
export const cycled = (of: Plan) => of.cycles.flatMap((command) => command.instanceIds);
export const refusalsOf = (of: Pick<Plan, 'refusals'>) =>
  of.refusals.map(({ rule, sentence }) => `${rule}: ${sentence}`);

const LETTERS = ['a', 'b', 'c'];

/** So many stale clients, round the AZs: `100`, `101`, … in hexadecimal. */
export const clients = (number: number) =>
  Array.from({ length: number }, (_, index) => client((256 + index).toString(16), LETTERS[index % 3] ?? 'a'));
export const nth = (index: number) => id((256 + index).toString(16));

export function staleClients(number: number, overrides: Partial<PlanInput> = {}): PlanInput {
  return given(
    clients(number).map((host) => leftBehind(host)),
    overrides,
  );
}
