import type { Cell, Observed } from './cell.ts';
import { type CallProfile, FAULTS, type Fault } from './faults.ts';

/** A call and a fault that makes no sense for it, and why. */
export interface NotApplicable {
  scenario: string;
  call: string;
  fault: string;
  why: string;
}

/**
 * Every call that the functions make by every fault. A field of an answer is a cell of its own, once for all that are answered
 * with the same fields: one piece of code reads them, whoever asks.
 */
export function matrixOf(observed: readonly Observed[]): { cells: Cell[]; notApplicable: NotApplicable[] } {
  const cells: Cell[] = [];
  const notApplicable: NotApplicable[] = [];
  const known = new Set<string>();
  for (const { scenario, profiles } of observed) {
    for (const profile of profiles) {
      for (const fault of FAULTS) {
        const why = fault.notFor(profile) ?? seenBefore(fault, profile, known);
        const at = { operation: profile.operation, nth: profile.nth };
        if (why !== null) {
          notApplicable.push({ scenario: scenario.name, call: callName(at), fault: fault.name, why });
        } else {
          const fields = fault.name === 'a field is missing' ? profile.fields : [null];
          cells.push(...fields.map((field) => ({ scenario, at, fault, field })));
        }
      }
    }
  }
  return { cells, notApplicable };
}

function seenBefore({ name }: Fault, { operation, fields }: CallProfile, known: Set<string>): string | null {
  if (name !== 'a field is missing') return null;
  const answer = [operation, ...fields].join(' ');
  if (known.has(answer)) return 'another call is answered with the same fields';
  known.add(answer);
  return null;
}

/** `ssm:SendCommand 2` */
export function callName({ operation, nth }: { operation: string; nth: number }): string {
  return nth === 1 ? operation : `${operation} ${nth}`;
}

export function cellName({ scenario, at, fault, field }: Cell): string {
  return `${scenario.name}: ${callName(at)}, ${fault.name}${field === null ? '' : ` (${field})`}`;
}
