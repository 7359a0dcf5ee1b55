import type { PlanInput } from '../../src/plan/plan.ts';
import { client, id, input, judged, record, server, stale } from './plan-input.ts';
export const A = server('a', 'a');
export const B = server('b', 'b');
export const RECORDS = 'az-a=10.0.1.10 az-b=10.0.2.11';
export const LETTERS = ['a', 'b', 'c'];

/** So many stale clients, round the AZs: `100`, `101`, … in hexadecimal. */
export const clients = (number: number) =>
  Array.from({ length: number }, (_, index) => client((256 + index).toString(16), LETTERS[index % 3] ?? 'a'));
export const nth = (index: number) => id((256 + index).toString(16));

export function staleClients(number: number, overrides: Partial<PlanInput> = {}): PlanInput {
  const hosts = clients(number);
  return input({
    hosts: [A, B, ...hosts],
    records: [record(A), record(B)],
    judgements: [judged(A), judged(B), ...hosts.map((of) => stale(of, ['ntp.az-b.pod']))],
    ...overrides,
  });
}
