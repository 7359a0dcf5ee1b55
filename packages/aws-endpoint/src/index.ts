/**
 * An AWS on one port, for tests and for a machine without an account: Route 53, SSM, CloudWatch with alarms, EC2,
 * EventBridge and S3. `startEndpoint({ region })` starts one. Tests begin at `@podtime/aws-endpoint/testing`.
 */

// What stands behind it: hosts, a CloudFormation template
export type { Agent, AgentRun, Agents } from './agents.ts';
// The endpoint
export type { EndpointEvent } from './announce.ts';
// Its time: a clock that runs faster, a clock that stands still, and how long AWS's own delays last
export { type Clock, createScaledClock, createSteppedClock, type SteppedClock } from './clock.ts';
export type { Delays } from './delays.ts';
export { type Endpoint, type EndpointOptions, startEndpoint } from './endpoint.ts';
export { ACCOUNT_ID } from './errors.ts';
export { resolveValue } from './intrinsics.ts';
// Reading requests to AWS, for stand-ins in front of it
export { credentialScope } from './request.ts';
// What its zones answer in DNS, without a server of DNS
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
export { EMPTY_STACK, readStack, type Stack } from './stack.ts';
export type { Exchange } from './wire.ts';
