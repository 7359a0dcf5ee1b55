import type { SystemState } from './source.ts';

/** The state of a daemon that told nothing. */
export const UNTOLD: SystemState = {
  leap: null,
  stratum: null,
  refid: null,
  offsetMs: null,
  rootDelayMs: null,
  rootDispersionMs: null,
  jitterMs: null,
  frequencyPpm: null,
  skewPpm: null,
  residualFrequencyPpm: null,
  version: null,
  uptimeSeconds: null,
};
