import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Report } from '../../../src/report/report.ts';
import { hangingAws } from '../../builders/hanging-aws.ts';
import { packaged } from '../../builders/packaged-service.ts';
import { queued, stateChange } from '../../builders/queued.ts';
import { proxyEvent } from '../../handlers/gateway.ts';
import { BLUE, type Deployed, deploy } from './deployed.ts';
import { client, settledServer } from './printed.ts';

// Deployed functions, each before an AWS of which one operation takes calls and never answers. Some cases run at once: they wait.

/** Lambda ends a function whose time is up: an answer comes well before. */
const IN_TIME_MS = 1000;

interface Ended {
  /** Plain sentences, an answer of the API, or what was thrown. */
  said: string;
  threw: boolean;
  leftMs: number;
  report: Report | null;
  published: boolean;
  registered: number;
}

/** More of them would keep each other from answering in time. */
const AT_ONCE = 5;

/** Begins the runs in their order, a few at a time. A failure is told by the test that awaits it. */
function begun(cases: readonly [name: string, event: unknown, hangs: string][]): Promise<Ended>[] {
  const lanes: Promise<unknown>[] = Array.from({ length: AT_ONCE }, () => packaged());
  return cases.map(([name, event, hangs], index) => {
    const run = (lanes[index % AT_ONCE] ?? Promise.resolve()).then(() => runOf(name, event, hangs));
    lanes[index % AT_ONCE] = run.catch(() => {});
    return run;
  });
}

/** One run over a pod with two boundary servers to be registered, and a client. */
async function runOf(name: string, event: unknown, operation: string): Promise<Ended> {
  const pod = await deploy();
  const aws = await hangingAws(pod.endpoint.url, [operation]);
  try {
    pod.endpoint.parameters.put('/podtime/dev/blue/mode', 'act', { type: 'String' });
    for (const number of [10, 11]) pod.addHost(BLUE, number, 'boundary', settledServer());
    pod.addHost(BLUE, 20, 'client', client('pod', ['10.20.0.10', '10.20.0.11']));
    let leftMs = -1;
    const ended = await pod
      .invoke(name, event, {
        url: aws.url,
        ended: (ms) => {
          leftMs = ms;
        },
      })
      .then(
        (answer) => ({ said: textOf(answer), threw: false }),
        (error: Error) => ({ said: error.message, threw: true }),
      );
    return { ...ended, leftMs, ...whatIsLeft(pod) };
  } finally {
    await aws.close();
    await pod.close();
  }
}

function textOf(answer: Record<string, unknown>): string {
  return 'sentences' in answer ? (answer.sentences as string[]).join('\n') : JSON.stringify(answer);
}

function whatIsLeft({ endpoint, calls, report }: Deployed): Pick<Ended, 'report' | 'published' | 'registered'> {
  return {
    report: report(BLUE),
    published: calls.some(({ exchange }) => exchange.operation === 'PutMetricData'),
    registered: endpoint.records().filter(({ name }) => name.startsWith('ntp.')).length,
  };
}

/** What a tick does though an operation hangs: all, unless it is said. */
interface Case {
  threw?: boolean;
  reported?: boolean;
  published?: boolean;
  registered?: number;
  says: RegExp;
}

const CASES: Record<string, Case> = {
  DescribeInstances: { threw: true, registered: 0, says: /reading the instances of pod blue from EC2: .*TimeoutError/ },
  GetParameters: { registered: 0, says: /could not be read: TimeoutError .*podtime observes pod blue/ },
  ListResourceRecordSets: { registered: 0, says: /the zone could not be read/ },
  GetObject: { reported: false, registered: 0, says: /the state could not be read/ },
  SendCommand: { says: /collecting from pod blue: TimeoutError/ },
  // what hosts answered is read all the same
  ListCommands: { says: /3 hosts of 3 answered/ },
  ListCommandInvocations: { says: /could not be read: TimeoutError/ },
  PutObject: { threw: true, reported: false, registered: 0, says: /writing the state of pod blue: TimeoutError/ },
  ChangeResourceRecordSets: { registered: 0, says: /failed: changing ntp.az-a.pod.*: TimeoutError/ },
  PutEvents: { says: /telling that DNS changed in pod blue: TimeoutError/ },
  PutMetricData: { published: false, says: /publishing \d+ metrics to CloudWatch: TimeoutError/ },
};

const REGISTER = proxyEvent('POST', { pod: 'blue' }, {}, '/{pod}/register');
const STATUS = proxyEvent('GET', { pod: 'blue' }, {}, '/{pod}/status.json');
const RUNNING = queued(stateChange('i-04000000000000010', 'running'));
const OTHERS: [name: string, hangs: string, says: RegExp, event: unknown][] = [
  ['register', 'DescribeInstances', /"statusCode":504.*problem\+json.*TimeoutError \(log entry /, REGISTER],
  ['register', 'GetParameters', /"statusCode":504.*Reading parameters .*TimeoutError \(log entry /, REGISTER],
  ['register', 'ChangeResourceRecordSets', /"statusCode":50[24].*TimeoutError/, REGISTER],
  ['status', 'GetObject', /"statusCode":504.*Reading the last report of pod blue: TimeoutError/, STATUS],
  ['instances', 'ChangeResourceRecordSets', /failed: changing ntp.*TimeoutError/, RUNNING],
  ['instances', 'GetParameters', /could not be read: TimeoutError .*podtime observes pod blue/, RUNNING],
  ['cycle', 'PutMetricData', /publishing \d+ metrics to CloudWatch: TimeoutError/, { pod: 'blue' }],
];

let runs: Promise<Ended>[];
beforeAll(() => {
  const ofTicks = Object.keys(CASES).map((hangs): [string, unknown, string] => ['watchdog', { pod: 'blue' }, hangs]);
  runs = begun([
    ...ofTicks,
    ...OTHERS.map(([name, hangs, , event]): [string, unknown, string] => [name, event, hangs]),
  ]);
});

describe('a tick', () => {
  it.each(Object.entries(CASES).map(([hangs, wanted], index) => [hangs, wanted, index] as const))(
    'of which %s hangs ends in time, says so, and does the rest',
    async (_, wanted, index) => {
      const { threw = false, reported = true, published = true, registered = 2, says } = wanted;
      const ended = (await runs[index]) as Ended;
      expect(ended).toMatchObject({ threw, published, registered, said: expect.stringMatching(says) });
      expect(ended.leftMs).toBeGreaterThan(IN_TIME_MS);
      expect(ended.report !== null && ended.report.endedAtMs !== null).toBe(reported);
      expect(JSON.stringify(ended)).not.toContain('no whole answer within');
    },
  );
});

describe('the other functions', () => {
  it.each(OTHERS.map(([name, hangs, says], index) => [name, hangs, says, index] as const))(
    '%s of which %s hangs answers in time: %p',
    async (_, __, says, index) => {
      const ended = (await runs[Object.keys(CASES).length + index]) as Ended;
      expect(ended.said).toMatch(says);
      expect(ended.leftMs).toBeGreaterThan(IN_TIME_MS);
    },
  );
});
