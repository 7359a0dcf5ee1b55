import { REPORT_SCHEMA, type Report } from './report.ts';

/** The memory is read field by field, so that a sentence can name the field; of the rest the field will do. */
const NAMED_WITHIN = 'memory';

/** Reads a pod's last report. What is not a whole report of this version is said, and written over by the next tick. */
export function readReport(text: string, pod: string): { report: Report | null; fault: string | null } {
  const useless = (why: string) => ({
    report: null,
    fault: `The last report of pod ${pod} ${why}: what it remembered (withdrawn servers, roll-outs) is lost.`,
  });
  let stored: unknown;
  try {
    stored = JSON.parse(text);
  } catch {
    return useless('is not JSON');
  }
  const { success, data, error } = REPORT_SCHEMA.safeParse(stored);
  const faulty = new Set(error?.issues.map(({ path }) => fieldAt(path)));
  if (faulty.has('') || faulty.has('version')) return useless('is not of version 1');
  if ((stored as Report).pod !== pod) return useless("is another pod's");
  return success ? { report: data, fault: null } : useless(`is damaged (${[...faulty].join(', ')})`);
}

/** `memory.cycles`, `hosts` */
function fieldAt(path: readonly PropertyKey[]): string {
  return path.slice(0, path[0] === NAMED_WITHIN ? 2 : 1).join('.');
}
