import type { PlanInput } from '../src/plan/plan.ts';
import { plan } from '../src/plan/plan.ts';
import { client, input, judged, POD, record, server, stale } from '../test/builders/plan-input.ts';
import type { Comparison } from './run.ts';

const LETTERS = ['a', 'b', 'c'];
const letter = (index: number) => LETTERS[index % 3] ?? 'a';

/** The worst tick: six boundary servers in order, and every client left behind. */
function pod(clients: number): PlanInput {
  const servers = Array.from({ length: 6 }, (_, index) => server((index + 1).toString(16), letter(index)));
  const hosts = Array.from({ length: clients }, (_, index) => client((index + 4096).toString(16), letter(index)));
  return input({
    pod: { ...POD, networks: ['10.0.0.0/8', 'fd00::/56'] },
    hosts: [...servers, ...hosts],
    records: servers.map((server) => record(server)),
    judgements: [...servers.map((server) => judged(server)), ...hosts.map((host) => stale(host, ['ntp.az-b.pod']))],
  });
}

function planned(given: PlanInput): void {
  if (plan(given).cycles.length === 0) throw new Error('a plan that cycles nothing measures nothing');
}

const thousand = pod(1000);
const tenThousand = pod(10_000);

export const comparisons: Comparison[] = [
  {
    name: 'plan 10,000 hosts, all stale',
    subject: () => planned(tenThousand),
    against: 'ten plans of 1,000',
    baseline: () => {
      for (let time = 0; time < 10; time += 1) planned(thousand);
    },
    // Linear is 1, sorting a little more; what grows with the square would be 10.
    atMost: 2.5,
  },
];
