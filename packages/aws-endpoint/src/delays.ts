/**
 * How late the endpoint's answers become true, in simulated milliseconds (the clock's factor shortens the wait). A pair is a
 * range, drawn anew each time. Sources in docs/aws-claims.md.
 */
export interface Delays {
  /** Route 53: from a change taken to INSYNC ("generally within 60 seconds"). */
  propagationMs: [number, number];
  /** Route 53: for so long after a change the zone answers PriorRequestNotComplete. */
  takingMs: number;
  /** SSM: from SendCommand until the lists know the command. */
  commandVisibleMs: number;
  /** SSM: from SendCommand until the hosts behind a tag are found; until then TargetCount is 0. */
  targetsMs: number;
  /** SSM: from dispatch to the agent's start. */
  pickUpMs: [number, number];
  /** SSM: a host that has not picked up after so long is Delayed. */
  delayedMs: number;
  /** SSM: how often an undelivered command is tried again. */
  redeliverMs: number;
  /** SSM: PingStatus stays Online for so long after the agent was last seen. */
  pingLostMs: number;
  /** EC2: from run or start to running, from stop to stopped, from terminate to terminated. */
  stateChangeMs: number;
  /** EC2: tags appear in DescribeInstances so long after the instance. */
  tagLagMs: number;
  /** EC2: a terminated instance is described for so long. */
  terminatedShownMs: number;
  /** EventBridge: from an event to the target's invocation. */
  deliveryMs: [number, number];
  /** Lambda: before the first and the second retry of an asynchronous invocation. */
  lambdaRetryMs: [number, number];
  /** CloudWatch: from PutMetricData to the statistics. */
  metricVisibleMs: number;
  /** CloudWatch: from the first datum of a metric until ListMetrics names it. */
  metricListedMs: number;
  /** S3: how long a write is under way, in which a second conditional write of the key conflicts. */
  objectWriteMs: number;
}

export const DELAYS: Delays = {
  propagationMs: [30_000, 60_000],
  takingMs: 500,
  commandVisibleMs: 800,
  targetsMs: 1_000,
  pickUpMs: [500, 1_500],
  delayedMs: 15_000,
  redeliverMs: 5_000,
  pingLostMs: 300_000,
  stateChangeMs: 10_000,
  tagLagMs: 3_000,
  terminatedShownMs: 3_600_000,
  deliveryMs: [300, 1_000],
  lambdaRetryMs: [60_000, 120_000],
  metricVisibleMs: 5_000,
  metricListedMs: 120_000,
  objectWriteMs: 50,
};

/** A delay drawn from its range; `random` gives 0 <= x < 1. */
export function draw(range: [number, number], random: () => number): number {
  return range[0] + (range[1] - range[0]) * random();
}
