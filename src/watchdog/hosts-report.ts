import { withUnread } from '../diagnosis/unread.ts';
import { leapNear } from '../fleet/leap-seconds.ts';
import type { Plan } from '../plan/plan.ts';
import { clocksReportOf, hostsReportOf, summaryOf } from '../report/compose.ts';
import { leapReportOf } from '../report/leap.ts';
import type { HostRows, Report } from '../report/report.ts';
import type { Look } from './look.ts';
import { type Observation, orFault, type Run } from './observe.ts';

/** By what the tick remembers for the next, or what the fleet file knows. */
export function leapOf(
  { fleet, pod, nowMs }: Run,
  { daemons }: Look,
  { memory: { leap } }: Plan,
): NonNullable<Report['leap']> {
  return leapReportOf(daemons, { fleet, pod }, leapNear(leap, fleet, nowMs()));
}

/** Of hosts that could not be read the last report stands. */
export async function hostsReport(
  { ports, pod }: Run,
  { unseen, unreadHosts }: Observation,
  { judgements, clocks }: Look,
  faults: string[],
): Promise<HostRows & Pick<Report, 'summary' | 'clocks'>> {
  const isWhole = !unseen && unreadHosts.length === 0;
  const last = isWhole ? null : ((await orFault(ports.reports.read(pod.name), faults))?.report ?? null);
  if (unseen && last) {
    const { hosts, polledAddresses, staleness, texts, summary, clocks } = last;
    return { hosts, polledAddresses, staleness, texts, summary, ...(clocks && { clocks }) };
  }
  const rows = new Map(last?.hosts.map((row) => [row.instanceId, row]));
  const unread = unreadHosts.map((host) => rows.get(host.instanceId) ?? { ...host, addresses: [] });
  const summary = summaryOf(withUnread(judgements, unreadHosts));
  return {
    ...hostsReportOf(judgements, unread),
    summary,
    ...(!unseen && { clocks: clocksReportOf(clocks, judgements) }),
  };
}
