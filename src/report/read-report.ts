import { readJson } from '../fleet/read-json.ts';
import { parseStored, versionOf } from '../state/stored.ts';
import { REPORT_SCHEMA, REPORT_VERSION, type Report } from './report.ts';
import { upgradeReport } from './upgrade.ts';

/** What could be read of a pod's last report. */
export interface ReadReport {
  /** null: there is none, or a part of it cannot be read. */
  report: Report | null;
  /** Of a version that this code does not know. */
  newer: boolean;
  /** What cannot be read. */
  fault: string | null;
}

/** Where no report has been written yet. */
export const NO_REPORT: ReadReport = { report: null, newer: false, fault: null };

/** What is said where there is none. */
export function noReportYet(pod: string): string {
  return `Pod ${pod} has no report yet: its watchdog has not run.`;
}

/** Reads a pod's last report, which is for people alone: one that is damaged costs nothing but itself. Decision 0046, decision 0058. */
export function readReport(text: string, pod: string): ReadReport {
  const stored = parseStored(text);
  const version = versionOf(stored);
  if (stored === null || version < 1) return unread(pod, stored === null ? 'is not JSON' : 'has no version');
  if (version > REPORT_VERSION) return newer(pod, version);
  if (stored.pod !== pod) return unread(pod, "is another pod's");
  const { value, faults } = readJson(REPORT_SCHEMA, version < REPORT_VERSION ? upgradeReport(stored) : stored);
  if (faults === null) return { ...NO_REPORT, report: value };
  const damaged = [...new Set(faults.map(({ path: [field] }) => String(field)))];
  return unread(pod, `is damaged (${damaged.join(', ')})`);
}

function unread(pod: string, why: string): ReadReport {
  return { ...NO_REPORT, fault: `The last report of pod ${pod} ${why}; the next tick writes a new one.` };
}

function newer(pod: string, version: number): ReadReport {
  const fault =
    `The last report of pod ${pod} is of version ${version}, this code reads up to ${REPORT_VERSION}: ` +
    'a newer podtime wrote it. The next tick writes a new one; or deploy the newer code again.';
  return { ...NO_REPORT, newer: true, fault };
}
