/**
 * An AWS on one port, for tests and for a machine without an account: Route 53, SSM, CloudWatch with alarms, EC2,
 * EventBridge, S3, SQS, Lambda and STS. Tests begin at `@podtime/aws-endpoint/testing`.
 *
 * | for | |
 * | --- | --- |
 * | the endpoint | `startEndpoint({ region })` gives an `Endpoint`, which tells of each `EndpointEvent`; `Exchange`, `ACCOUNT_ID` |
 * | its hosts | `Agents` run what Run Command sends to an instance |
 * | its template | `readStack` of a CloudFormation template; `resolveValue` for references in it |
 * | its time | `createScaledClock` runs faster, `createSteppedClock` stands still; `Delays` are AWS's own |
 * | its DNS | `ZoneView` answers questions, `ServedZone` is for a server; `inZone`, `listedName`, `setKey` for names and record sets; `@podtime/aws-endpoint/dns` is these alone, `…/clock` the time |
 * | a proxy before it | `credentialScope` and `readChangeBatch` read requests to AWS |
 * | faults on the way | an `Intercept` is handed each `InterceptedCall` and gives the `AwsResponse`, or cuts the connection |
 */

export type { Agent, AgentRun, Agents } from './agents.ts';
export { type Clock, createScaledClock, createSteppedClock, type ScaledClock, type SteppedClock } from './clock.ts';
export type { Delays } from './delays.ts';
export {
  createCachingView,
  createZoneView,
  type DnsAnswer,
  inZone,
  listedName,
  type RecordSet,
  type ServedZone,
  setKey,
  type ZoneView,
} from './dns.ts';
export { type Endpoint, type EndpointOptions, startEndpoint } from './endpoint.ts';
export { ACCOUNT_ID } from './errors.ts';
export type { EndpointEvent, RecordChange } from './events.ts';
export { resolveValue } from './intrinsics.ts';
export { type AwsResponse, credentialScope } from './request.ts';
export { readChangeBatch } from './route53/read-batch.ts';
export type { Intercept, InterceptedCall } from './server.ts';
export { EMPTY_STACK, readStack, type Stack } from './stack.ts';
export type { Exchange } from './wire.ts';
