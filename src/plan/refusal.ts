import type { Notice } from '../fleet/gathering.ts';
import { byText } from '../fleet/ordering.ts';

/** Something podtime saw and would not do, with its reason. The subject is a host, a record name, or the pod. */
export interface Refusal extends Notice {
  rule: string;
}

/** By subject, then rule. */
export function sortRefusals(refusals: readonly Refusal[]): Refusal[] {
  return [...refusals].sort(
    (a, b) => byText(a.subject, b.subject) || byText(a.rule, b.rule) || byText(a.sentence, b.sentence),
  );
}
