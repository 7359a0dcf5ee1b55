import type { PodClocks } from '../diagnosis/pod-clocks.ts';
import { forDocs } from './for-docs.ts';

/** What a tick knows of itself. */
export interface TickFacts {
  /** The tick before began and never ended. */
  takenOver: boolean;
  /** Something was left undone for lack of time. */
  budgetSpent: boolean;
  /** Whom the pod has, or what DNS holds, could not be told, and nothing was changed; or who is withdrawn is not found out yet. */
  blind: boolean;
  /** Route 53 refused a record change, or SSM a whole command that cycles. */
  refused: boolean;
  /** What the clocks of the pod say together; null: its hosts could not be read. */
  clocks: PodClocks | null;
}

/** One number of one tick, at `Pod`. */
export interface TickMetric {
  name: string;
  unit: 'Milliseconds' | 'Count';
  kind: 'gauge';
  scope: 'pod';
  /** Of what it tells: of the tick itself, 1 or 0, or of the pod's clocks together. */
  about: 'tick' | 'clocks';
  /** One sentence for the docs. */
  meaning: string;
  /** null: not known, and not published. */
  value: (facts: TickFacts) => number | null;
}

/** Whether a tick was so. */
function tickGauge<const Name extends string>(name: Name, meaning: string, isSo: (facts: TickFacts) => boolean) {
  const value: TickMetric['value'] = (facts) => (isSo(facts) ? 1 : 0);
  return { name, unit: 'Count', kind: 'gauge', scope: 'pod', about: 'tick', meaning, value } as const;
}

/** One number of all clocks of a pod. */
function clocksGauge<const Name extends string, const Unit extends TickMetric['unit']>(
  name: Name,
  unit: Unit,
  meaning: string,
  numberOf: (clocks: PodClocks) => number | null,
) {
  const value: TickMetric['value'] = ({ clocks }) => (clocks === null ? null : numberOf(clocks));
  return { name, unit, kind: 'gauge', scope: 'pod', about: 'clocks', meaning, value } as const;
}

/** Every metric at `Pod` alone. Those of the tick itself are published also when no host could be looked at. */
export const TICK_METRICS = [
  tickGauge(
    'TicksTakenOver',
    forDocs('ticks that began and never ended, found by this one'),
    ({ takenOver }) => takenOver,
  ),
  tickGauge(
    'TickBudgetSpent',
    forDocs('ticks that left something undone for lack of time'),
    ({ budgetSpent }) => budgetSpent,
  ),
  tickGauge(
    'Blind',
    forDocs(
      'ticks that changed nothing because EC2, Route 53 or S3 did not tell how the pod stands, or its state is of a newer podtime; or that did not find out who is withdrawn, where that is forgotten',
    ),
    ({ blind }) => blind,
  ),
  tickGauge(
    'ChangesRefused',
    forDocs('ticks to which Route 53 refused a record change, or SSM a command that cycles'),
    ({ refused }) => refused,
  ),
  clocksGauge(
    'PodSkew',
    'Milliseconds',
    forDocs(
      'the most by which any two clocks of the pod that are set can differ, while of each the majority of sources is honest: max(offset + e) - min(offset - e), e = root dispersion + root delay / 2, and what age adds',
    ),
    ({ skew }) => skew?.skewMs ?? null,
  ),
  clocksGauge(
    'UpstreamsContradicted',
    'Count',
    forDocs(
      'upstreams, and the time service, that two boundary servers and more than half of those that compare it see apart from where their other sources agree',
    ),
    ({ contradicted }) => contradicted.length,
  ),
] as const satisfies readonly TickMetric[];

export type TickMetricName = (typeof TICK_METRICS)[number]['name'];
