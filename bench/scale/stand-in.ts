import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Bucket, type BucketRate } from './bucket.ts';
import { CannedPages } from './canned-pages.ts';
import { POD, type ScaleHost, SERVERS } from './fleet.ts';
import { type Answer, ObjectStore } from './object-store.ts';
import { type Input, RunCommand } from './run-command.ts';

/** Every call is answered after so long. */
const ANSWER_MS = 20;
const THROTTLED = ['ListCommands', 'ListCommandInvocations'];

/** One request that the stand-in was asked. */
export interface RecordedCall {
  service: string;
  operation: string;
  /** Of S3. */
  key: string | null;
  atMs: number;
  status: number;
  answerBytes: number;
  /** As it was sent: a path with its query, headers, a body. */
  path: string;
  headers: IncomingMessage['headers'];
  body: Buffer;
}

/**
 * AWS, as fast as one machine can be it: bodies that are made once, 20 ms a call. Nothing of it is checked or delayed as AWS would:
 * what is measured is podtime. The endpoint that stands for AWS's semantics is packages/aws-endpoint. Decision 0066.
 */
export class StandIn {
  readonly calls: RecordedCall[] = [];
  readonly pages: CannedPages;
  /** The number of a boundary server that DNS does not know yet. */
  unpublished: number | null = null;
  private bucket: Bucket | null = null;
  private readonly store = new ObjectStore();
  private readonly runCommand: RunCommand;
  private readonly server = createServer((request, response) => void this.serve(request, response));

  constructor(size: number) {
    this.pages = new CannedPages(size);
    this.runCommand = new RunCommand(this.pages);
  }

  async start(): Promise<string> {
    this.server.keepAliveTimeout = 60_000;
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  /** SSM's reads are admitted at this rate from now on; null: all of them. */
  throttle(rate: BucketRate | null): void {
    this.bucket = rate === null ? null : new Bucket(rate, performance.now());
  }

  /** So many clients, beginning with this host's number, are left behind by DNS until they are cycled. */
  leaveBehind(first: number, count: number): void {
    for (const { instanceId } of this.pages.hosts.slice(first, first + count)) this.pages.leftBehind.add(instanceId);
  }

  /** The pod's next tick is due now, whatever its interval. */
  makeDue(): void {
    this.store.edit(`${POD.name}/state.json`, (state) => ({ ...state, dueAtMs: 0 }));
  }

  /** So many hosts, the last, answer no `collect`. */
  silence(hosts: number): void {
    this.runCommand.silent = hosts;
  }

  /** The calls since the last time, in order. */
  takeCalls(): RecordedCall[] {
    return this.calls.splice(0);
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const call = { ...named(request), path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks) };
    const answer = this.answer(call);
    const answerBytes = Buffer.byteLength(answer.body);
    this.calls.push({ ...call, atMs: performance.now(), status: answer.status, answerBytes });
    setTimeout(() => {
      response.writeHead(answer.status, { ...answer.headers, 'content-length': answerBytes });
      response.end(answer.body);
    }, ANSWER_MS);
  }

  private answer(call: Omit<RecordedCall, 'atMs' | 'status' | 'answerBytes'>): Answer {
    if (this.bucket && THROTTLED.includes(call.operation) && !this.bucket.take(performance.now())) {
      return jsonError('ThrottlingException', 'Rate exceeded');
    }
    const answerer = ANSWERERS[`${call.service} ${call.operation}`];
    return answerer
      ? answerer(this, call)
      : { status: 501, headers: {}, body: `The stand-in knows no ${call.service} ${call.operation}.` };
  }

  /** What of it each call asks. */
  static readonly parts = (standIn: StandIn) => ({ store: standIn.store, runCommand: standIn.runCommand });
}

type Asked = Pick<RecordedCall, 'path' | 'key' | 'headers' | 'body'>;

const xml = (body: Buffer | string): Answer => ({ status: 200, headers: { 'content-type': 'text/xml' }, body });
const json = (value: unknown): Answer => ({ status: 200, headers: {}, body: JSON.stringify(value) });
const jsonError = (code: string, message: string): Answer => ({
  status: 400,
  headers: { 'x-amzn-errortype': code },
  body: JSON.stringify({ __type: code, message }),
});
const inputOf = ({ body }: Asked) => JSON.parse(body.toString()) as Input;
const headersOf = ({ headers }: Asked) => headers as Record<string, string | undefined>;

const ANSWERERS: Record<string, (standIn: StandIn, asked: Asked) => Answer> = {
  'ec2 DescribeInstances': describeInstances,
  'route53 ListResourceRecordSets': ({ pages, unpublished }, { path }) =>
    xml(path.includes('type=SOA') ? pages.apex() : pages.records(unpublished)),
  'route53 ChangeResourceRecordSets': () =>
    xml(
      '<?xml version="1.0" encoding="UTF-8"?>\n<ChangeResourceRecordSetsResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><ChangeInfo><Id>/change/C2682N5HXP0BZ4</Id><Status>PENDING</Status><SubmittedAt>2026-11-29T08:00:00Z</SubmittedAt></ChangeInfo></ChangeResourceRecordSetsResponse>',
    ),
  's3 GetObject': (standIn, asked) => StandIn.parts(standIn).store.get(asked.key ?? '', headersOf(asked)),
  's3 PutObject': (standIn, asked) => StandIn.parts(standIn).store.put(asked.key ?? '', headersOf(asked), asked.body),
  's3 DeleteObject': (standIn, asked) => StandIn.parts(standIn).store.delete(asked.key ?? ''),
  'ssm SendCommand': (standIn, asked) => StandIn.parts(standIn).runCommand.send(inputOf(asked), performance.now()),
  'ssm ListCommands': (standIn, asked) => StandIn.parts(standIn).runCommand.list(inputOf(asked), performance.now()),
  'ssm ListCommandInvocations': (standIn, asked) =>
    StandIn.parts(standIn).runCommand.invocations(inputOf(asked), performance.now()),
  'ssm GetParameter': (_, asked) => {
    const name = String(inputOf(asked).Name);
    return isOfPod(name) ? json({ Parameter: parameter(name) }) : jsonError('ParameterNotFound', '');
  },
  'ssm GetParameters': (_, asked) => {
    const names = inputOf(asked).Names as string[];
    return json({
      Parameters: names.filter(isOfPod).map(parameter),
      InvalidParameters: names.filter((name) => !isOfPod(name)),
    });
  },
  'cloudwatch PutMetricData': () => json({}),
  'eventbridge PutEvents': () =>
    json({ FailedEntryCount: 0, Entries: [{ EventId: '11710aed-b79e-4468-a20b-bb3c0c3b4860' }] }),
};

/** The pod's mode is `act`; the stage has none. */
const isOfPod = (name: string) => name.split('/').length === 5;
const parameter = (Name: string) => ({ Name, Type: 'String', Value: 'act', Version: 1 });

function describeInstances({ pages }: StandIn, { body }: Asked): Answer {
  const form = new URLSearchParams(body.toString());
  const ids = new Set([...form].filter(([key]) => key.startsWith('InstanceId.')).map(([, value]) => value));
  const filters = [...form].filter(([key]) => /^Filter\.\d+\.Name$/.test(key)).map(([, value]) => value);
  if (ids.size > 0) return xml(pages.instances([...ids].join(' '), () => among(pages.hosts, ids), null));
  if (filters.includes('tag:ntp-tier')) return xml(pages.instances('boundary', () => SERVERS, null));
  // nobody is held
  if (filters.includes('tag-key')) return xml(pages.instances('held', () => [], null));
  const strange = filters.filter((name) => name !== 'tag:ntp-pod');
  if (strange.length > 0 || filters.length === 0) {
    return { status: 501, headers: {}, body: `The stand-in knows no filter ${strange.join(', ')}.` };
  }
  const entries = Number(form.get('MaxResults') ?? 1000);
  const from = Number(form.get('NextToken') ?? 0);
  const to = Math.min(from + entries, pages.size);
  return xml(pages.instances(`${from} ${to}`, () => pages.hosts.slice(from, to), to < pages.size ? String(to) : null));
}

const among = (hosts: readonly ScaleHost[], ids: ReadonlySet<string>) =>
  hosts.filter(({ instanceId }) => ids.has(instanceId));

const TARGETS: Record<string, string> = {
  AmazonSSM: 'ssm',
  GraniteServiceVersion20100801: 'cloudwatch',
  AWSEvents: 'eventbridge',
};

/** Which call a request is, by its protocol: JSON's target, a form's action, else a path. */
function named({ method, url = '', headers }: IncomingMessage): Pick<RecordedCall, 'service' | 'operation' | 'key'> {
  const target = headers['x-amz-target'];
  if (typeof target === 'string') {
    const [service = '', operation = ''] = target.split('.');
    return { service: TARGETS[service] ?? service, operation, key: null };
  }
  if (url.startsWith('/2013-04-01/')) {
    const operation = method === 'POST' ? 'ChangeResourceRecordSets' : 'ListResourceRecordSets';
    return { service: 'route53', operation, key: null };
  }
  // of the calls that are a form podtime makes this one
  if (url === '/') return { service: 'ec2', operation: 'DescribeInstances', key: null };
  const { pathname, searchParams } = new URL(url, 'http://stand-in');
  const verb = { GET: 'Get', PUT: 'Put', DELETE: 'Delete' }[method ?? ''] ?? method;
  const operation = searchParams.has('list-type') ? 'ListObjects' : `${verb}Object`;
  return { service: 's3', operation, key: decodeURIComponent(pathname.split('/').slice(2).join('/')) };
}
