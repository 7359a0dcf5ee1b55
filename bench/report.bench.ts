import { hostsReportOf, summaryOf } from '../src/report/compose.ts';
import { readReport } from '../src/report/read-report.ts';
import { emptyReport } from '../test/builders/empty-report.ts';
import { judgement } from '../test/builders/judgements.ts';
import type { Comparison } from './run.ts';

const judgements = Array.from({ length: 10_000 }, (_, index) =>
  judgement(`i-${index.toString(16).padStart(17, '0')}`, 'client', 'b', {
    sentence: 'offset 0.25 ms (limit 50 ms), error bound 1.5 ms (limit 200 ms), 3 usable sources.',
    polled: ['169.254.169.123', '10.0.1.5', '10.0.2.5'],
  }),
);
const report = { ...emptyReport('blue'), ...hostsReportOf(judgements), summary: summaryOf(judgements) };
const text = JSON.stringify(report);

export const comparisons: Comparison[] = [
  {
    name: 'read a report of 10,000 hosts',
    subject: () => readReport(text, 'blue'),
    against: 'JSON.parse alone',
    baseline: () => JSON.parse(text),
    // Every field of every host is checked and copied, once a run: a few times the parser's own work, below a tenth of a second.
    atMost: 4,
  },
];
