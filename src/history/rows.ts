import type { Judgement } from '../diagnosis/judgement.ts';
import { ownerOf } from '../diagnosis/source-names.ts';
import type { Pod } from '../fleet/fleet.ts';
import { byText } from '../fleet/ordering.ts';
import type { PublishedRecord } from '../fleet/records.ts';
import { addRow, BLOCK_ROWS, emptyColumns, type HistoryColumns, type HistoryRow } from './columns.ts';

/** A tick, as its rows tell of it. */
export interface RecordedTick {
  pod: Pick<Pod, 'thresholds' | 'intervalSeconds' | 'history'>;
  tickId: string;
  /** Epoch ms. */
  startedAtMs: number;
  judgements: readonly Judgement[];
  /** null: the zone was not read. */
  records: readonly PublishedRecord[] | null;
  /** Epoch ms; when the last tick began whose rows are kept. null: none. */
  lastRecordedMs: number | null;
}

/** A tick may be late, and one may wait for hosts, before somebody asks what happened meanwhile. */
const LATE_INTERVALS = 2;

interface SinceLast extends Pick<RecordedTick, 'startedAtMs' | 'lastRecordedMs'> {
  pod: Pick<Pod, 'intervalSeconds' | 'history'>;
}

/** For so long before a tick nothing was recorded that should have been, seconds; 0: all was. */
export function gapSeconds({ pod, startedAtMs, lastRecordedMs }: SinceLast): number {
  if (lastRecordedMs === null) return 0;
  const seconds = (startedAtMs - lastRecordedMs) / 1000;
  if (seconds <= LATE_INTERVALS * pod.intervalSeconds) return 0;
  return Math.round(Math.min(seconds, pod.history.days * 86_400) - pod.intervalSeconds);
}

/**
 * The rows of a tick by instance id: one a host, and before it one of each host that ran while no tick did. A row stands for the time up to
 * it: since the last tick, or the pod's interval where that is longer ago. Block by block: all rows of 50,000 hosts are never held at once.
 */
export function* rowsOfTick(tick: RecordedTick): Generator<HistoryColumns> {
  const { pod, startedAtMs, lastRecordedMs, judgements } = tick;
  const gap = gapSeconds(tick);
  const sinceLast = lastRecordedMs === null ? pod.intervalSeconds : (startedAtMs - lastRecordedMs) / 1000;
  const seconds = Math.max(0, Math.round(gap > 0 ? pod.intervalSeconds : sinceLast));
  const gapEndMs = startedAtMs - seconds * 1000;
  const nameOf = peerNamer(tick.records ?? []);
  let columns = emptyColumns();
  const add = function* (row: HistoryRow) {
    addRow(columns, row);
    if (columns.time.length < BLOCK_ROWS.tick) return;
    yield columns;
    columns = emptyColumns();
  };
  for (const judgement of judgements.toSorted((a, b) => byText(a.host.instanceId, b.host.instanceId))) {
    const gapOfHost = Math.min(gap, Math.floor((gapEndMs - judgement.host.launchedAtMs) / 1000));
    if (gapOfHost > 0) yield* add(gapRow(judgement, tick, gapEndMs, gapOfHost));
    yield* add(rowOf(judgement, tick, seconds, nameOf));
  }
  if (columns.time.length > 0) yield columns;
}

/** Spelt out, without spreads: a pod has up to 50,000 of them. */
function rowOf(
  judgement: Judgement,
  { tickId, pod: { thresholds }, startedAtMs }: RecordedTick,
  seconds: number,
  nameOf: (address: string) => string | null,
): HistoryRow {
  const { host, state, findings, measures, peer = null, cycledSecondsAgo, sampledAtMs = startedAtMs } = judgement;
  return {
    time: new Date(sampledAtMs),
    tick: tickId,
    instance_id: host.instanceId,
    tier: host.tier,
    az: host.az,
    state,
    findings: findings.length === 0 ? null : findings.join(','),
    sampled: state !== 'unknown',
    seconds,
    offset_ms: rounded(measures.offsetMs),
    offset_limit_ms: thresholds.offsetMs,
    error_bound_ms: rounded(measures.errorBoundMs),
    error_bound_limit_ms: thresholds.errorBoundMs,
    growth_ppm: rounded(measures.growthPpm),
    time_service_offset_ms: rounded(measures.timeServiceOffsetMs),
    frequency_ppm: rounded(measures.frequencyPpm),
    system_peer: peer === null ? null : peer.address,
    system_peer_name: peer === null ? null : nameOf(peer.address),
    reach: peer === null ? null : peer.reach,
    reach_ratio: rounded(measures.reachRatio),
    confident: judgement.confident,
    stale: judgement.stale !== null,
    held: host.held,
    unmanaged: judgement.unmanaged,
    cycled_at: cycledSecondsAgo === null ? null : new Date(sampledAtMs - cycledSecondsAgo * 1000),
  };
}

/** Of a clock of which nobody knows anything. */
function gapRow(
  { host }: Judgement,
  { tickId, pod: { thresholds } }: RecordedTick,
  endMs: number,
  seconds: number,
): HistoryRow {
  return {
    time: new Date(endMs),
    tick: tickId,
    instance_id: host.instanceId,
    tier: host.tier,
    az: host.az,
    state: 'no-tick',
    findings: null,
    sampled: false,
    seconds,
    offset_ms: null,
    offset_limit_ms: thresholds.offsetMs,
    error_bound_ms: null,
    error_bound_limit_ms: thresholds.errorBoundMs,
    growth_ppm: null,
    time_service_offset_ms: null,
    frequency_ppm: null,
    system_peer: null,
    system_peer_name: null,
    reach: null,
    reach_ratio: null,
    confident: false,
    stale: false,
    held: host.held,
    unmanaged: false,
    cycled_at: null,
  };
}

/** A tenth of a microsecond: no daemon prints more, and what it prints is packed well. */
const ROUND = 10_000;

function rounded(value: number | null): number | null {
  return value === null || !Number.isFinite(value) ? null : Math.round(value * ROUND) / ROUND;
}

/** By the records of the pod, else by what is known of public servers and the time service; null: an address that nobody named. */
function peerNamer(records: readonly PublishedRecord[]): (address: string) => string | null {
  const names = new Map(records.flatMap(({ name, addresses }) => addresses.map((address) => [address, name] as const)));
  return (address) => names.get(address) ?? ownerOf(address);
}
