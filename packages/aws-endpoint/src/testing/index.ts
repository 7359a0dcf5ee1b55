/**
 * For tests of whatever calls AWS: `startBench()` gives an endpoint on a free port, a clock that stands still until it is
 * told to go on, and the SDK's clients for both.
 */
export { addHost, type Bench, BUCKET, ECHO_DOCUMENT, hostId, STACK, startBench, VPC, ZONE_ID } from './bench.ts';
export { refusalOf } from './refusal.ts';
