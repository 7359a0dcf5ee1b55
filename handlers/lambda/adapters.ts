import fleet from '../../fleet.yml';
import { type Call, keepingBack } from '../../src/aws/call.ts';
import {
  cloudWatchClient,
  ec2Client,
  eventBridgeClient,
  route53Client,
  s3Client,
  ssmClient,
  ssmClientThatAsksOnce,
} from '../../src/aws/clients.ts';
import { type DocumentNames, REAL_TIME, ssmCommands } from '../../src/aws/commands.ts';
import { eventBridgeEvents } from '../../src/aws/events.ts';
import { s3Files } from '../../src/aws/files.ts';
import { s3Histories } from '../../src/aws/histories.ts';
import { s3HistoryObjects } from '../../src/aws/history-objects.ts';
import { s3HistoryVersions } from '../../src/aws/history-versions.ts';
import { ssmHostAnswers } from '../../src/aws/host-answers.ts';
import { ec2Instances } from '../../src/aws/instances.ts';
import { s3Memories } from '../../src/aws/memories.ts';
import { cloudWatchMetrics } from '../../src/aws/metrics.ts';
import { ssmModes } from '../../src/aws/modes.ts';
import { evenPace, type Pace } from '../../src/aws/pace.ts';
import { s3Reports } from '../../src/aws/reports.ts';
import { s3States } from '../../src/aws/states.ts';
import { route53Zone } from '../../src/aws/zone.ts';
import type { Pod } from '../../src/fleet/fleet.ts';
import { readsPerSecondOf } from '../../src/fleet/ssm-reads.ts';
import type { HistoryVersions } from '../../src/history/manifest.ts';
import type { HistoryObjects } from '../../src/history/reading.ts';
import type { HostAnswers } from '../../src/report/host/answers.ts';
import { KEPT_BACK_MS } from '../../src/watchdog/budget.ts';
import type {
  Changing,
  Commands,
  Events,
  Files,
  Histories,
  Looking,
  Metrics,
  Reading,
  Reports,
  Zone,
} from '../../src/watchdog/ports.ts';
import type { TendedHistories } from '../../src/watchdog/tend-histories.ts';
import type { InvocationRun } from './run.ts';
import { setting } from './setting.ts';

/*
 * Adapters are built for an invocation, over clients that are made at first use and kept by the process. `once` is free of
 * side effects, so that a bundle leaves out the clients that its function does not use.
 */
const cloudWatch = once(cloudWatchClient);
const ec2 = once(ec2Client);
const eventBridge = once(eventBridgeClient);
const route53 = once(route53Client);
const s3 = once(s3Client);
const ssm = once(ssmClient);
const ssmOnce = once(ssmClientThatAsksOnce);

export function reports(call: Call): Reports {
  return s3Reports(s3(), setting('REPORT_BUCKET'), call);
}

/** What every run reads by. The zone can be changed as well, by a function whose role may. */
export function reading(call: Call): Reading & { zone: Zone } {
  return {
    instances: ec2Instances(ec2(), call),
    zone: route53Zone(route53(), call),
    states: s3States(s3(), setting('REPORT_BUCKET'), call, Date.now),
    modes: ssmModes(ssm(), setting('STAGE'), call),
  };
}

/** For functions that change DNS. */
export function events(call: Call): Events {
  return eventBridgeEvents(eventBridge(), call);
}

/*
 * Of a tick and its parts: each call ends in time for what comes after it, and the report is left all that there is.
 * Decision 0045.
 */

export function looking({ call, deadline }: InvocationRun): Looking {
  const look = keepingBack(call, deadline, KEPT_BACK_MS.afterLook);
  const repair = keepingBack(call, deadline, KEPT_BACK_MS.afterRepair);
  const bucket = setting('REPORT_BUCKET');
  return {
    // who is held is asked right before a wave is sent
    instances: { ...ec2Instances(ec2(), look), heldOf: ec2Instances(ec2(), repair).heldOf },
    zone: { read: route53Zone(route53(), look).read },
    // read again before each change
    modes: ssmModes(ssm(), setting('STAGE'), repair),
    commands: { ...commands(look), cycle: commands(repair).cycle },
    states: s3States(s3(), bucket, keepingBack(call, deadline, KEPT_BACK_MS.afterState), Date.now),
    memories: s3Memories(s3(), bucket, keepingBack(call, deadline, KEPT_BACK_MS.afterMemory)),
    reports: reports(call),
  };
}

export function publishing({ call, deadline }: InvocationRun): Metrics {
  return cloudWatchMetrics(cloudWatch(), keepingBack(call, deadline, KEPT_BACK_MS.afterPublishing));
}

/** For what reads a pod's history, and puts it in order. */
export function historyObjects(call: Call, pod: Pod): HistoryObjects {
  return s3HistoryObjects(s3(), historyBucketOf(pod), call);
}

/** For the manifests of a pod whose history is locked. */
export function historyVersions(call: Call, pod: Pod): HistoryVersions {
  return s3HistoryVersions(s3(), historyBucketOf(pod), call);
}

/** Of every pod, for what tends them by schedule. */
export function histories(call: Call): TendedHistories {
  return {
    objectsOf: (pod) => historyObjects(call, pod),
    versionsOf: (pod) => historyVersions(call, pod),
  };
}

/** What a run leaves beside its report. */
export function recording({ call, deadline }: InvocationRun, pod: Pod): Histories {
  return s3Histories(s3(), historyBucketOf(pod), keepingBack(call, deadline, KEPT_BACK_MS.afterHistory));
}

/** A locked one lies apart: a bucket is locked as a whole, and states and reports are written over. Decision 0135. */
function historyBucketOf({ history }: Pod): string {
  return setting(history.lock === null ? 'REPORT_BUCKET' : 'HISTORY_BUCKET');
}

/** Of a pod's files, while a change of them is under way. */
export function files({ call, deadline }: InvocationRun): Files {
  return s3Files(s3(), setting('REPORT_BUCKET'), keepingBack(call, deadline, KEPT_BACK_MS.afterLook));
}

export function changing({ call, deadline }: InvocationRun): Changing {
  const look = keepingBack(call, deadline, KEPT_BACK_MS.afterLook);
  const repair = keepingBack(call, deadline, KEPT_BACK_MS.afterRepair);
  return {
    zone: { ...route53Zone(route53(), repair), read: route53Zone(route53(), look).read },
    events: events(repair),
  };
}

function commands(call: Call): Commands {
  return ssmCommands({ repeating: ssm(), once: ssmOnce() }, documents(), call, REAL_TIME, paceOf);
}

function documents(): DocumentNames {
  return { collect: setting('COLLECT_DOCUMENT'), cycle: setting('CYCLE_DOCUMENT') };
}

/** A page is made of 10,000 hosts' report, and of what was read of one, within two seconds of its share of a processor. */
const AFTER_DETAILS_MS = 8_000;

/** What a page shows of one host beside the report: read so that there is time to answer without it. */
export function detailPorts(
  { call, deadline }: InvocationRun,
  pod: Pod,
): { history: HistoryObjects; answers: HostAnswers } {
  const inTime = keepingBack(call, deadline, AFTER_DETAILS_MS);
  return { history: historyObjects(inTime, pod), answers: ssmHostAnswers(ssm(), documents(), inTime) };
}

/** Kept by the process: the next run of the pod goes on at the pace of the one before. */
const paces = new Map<string, Pace | null>();

function paceOf(pod: Pod): Pace | null {
  const known = paces.get(pod.name);
  if (known !== undefined) return known;
  const perSecond = readsPerSecondOf(fleet, pod);
  // of a clock that nobody sets
  const pace = perSecond === null ? null : evenPace(perSecond, { ...REAL_TIME, nowMs: () => performance.now() });
  paces.set(pod.name, pace);
  return pace;
}

/** @__NO_SIDE_EFFECTS__ */
function once<Client>(make: () => Client): () => Client {
  let made: Client | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
