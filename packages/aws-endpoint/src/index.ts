export type { Agent, AgentRun, Agents } from './agents.ts';
export type { EndpointEvent } from './announce.ts';
export { type Clock, createScaledClock, createSteppedClock, type SteppedClock } from './clock.ts';
export type { Delays } from './delays.ts';
export { type Endpoint, startEndpoint } from './endpoint.ts';
export { ACCOUNT_ID } from './errors.ts';
export { resolveValue } from './intrinsics.ts';
export { credentialScope } from './request.ts';
export { inZone, listedName } from './route53/names.ts';
export { readChangeBatch } from './route53/read-batch.ts';
export { type RecordSet, setKey } from './route53/record-set.ts';
export {
  createCachingView,
  createZoneView,
  type DnsAnswer,
  type ServedZone,
  type ZoneView,
} from './route53/zone-view.ts';
export { readStack, type Stack } from './stack.ts';
export type { Exchange } from './wire.ts';
