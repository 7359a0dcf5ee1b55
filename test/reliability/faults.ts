import type { AwsResponse, InterceptedCall } from '@podtime/aws-endpoint';
import { asksForNextPage, emptied, isPaged, withoutField, withToken } from './bodies.ts';
import type { Between, Call } from './calls.ts';

/** AWS's own text: it names roles and accounts, and belongs into no answer and no report. */
export const AWS_TEXT = 'User: arn:aws:sts::123456789012:assumed-role/podtime/watchdog is not authorized: request 0f1e';
const HTML = `<!DOCTYPE html><html><head><title>502</title></head><body>${AWS_TEXT}</body></html>`;

/** What is known of a call from the run without a fault. */
export interface CallProfile {
  operation: string;
  nth: number;
  /** Fields of its answer. */
  fields: string[];
  /** Of its answer's body. */
  bytes: number;
}

/** `while`: the call's first two attempts; `ever`: all of this call's, and of all that follow it in this run. */
export type Lasting = 'once' | 'while' | 'ever';

export interface Fault {
  name: string;
  /** What AWS does, for a page. */
  what: string;
  lasting: Lasting;
  /** Why it makes no sense for this call; null when it does. */
  notFor(profile: CallProfile): string | null;
  /**
   * When a sentence has to tell of it. Absent: of one that lasts always, of another if anything came out differently. AWS may
   * lawfully answer some of these; what looks like a true answer cannot be told from one.
   */
  isTold?(operation: string, struck: Struck): Told;
  /** What becomes of an attempt that it hits; null: nobody answers. */
  strike(intercepted: InterceptedCall, struck: Struck): Promise<AwsResponse | null>;
}

export type Told = 'always' | 'if it matters' | 'never';

/** What a fault remembers of one run. */
export interface Struck {
  operation: string;
  /** Attempts that it hit. */
  times: number;
  /** How often the function asked for a page after the first. */
  nextPages: number;
  first: AwsResponse | null;
  /** For `a field is missing`. */
  field: string | null;
  azOf(instanceId: string): string | undefined;
}

const DENIED: Record<string, [code: string, status: number]> = {
  ec2: ['UnauthorizedOperation', 403],
  ssm: ['AccessDeniedException', 400],
  events: ['AccessDeniedException', 400],
};

const always = () => null;
const readsAlike = ({ operation }: CallProfile) =>
  isWrite(operation) ? null : 'it reads: an answer that is lost is a connection that is reset';
const hasBody = ({ bytes }: CallProfile) => (bytes > 0 ? null : 'its answer has no body');
const pagesOnly = ({ operation }: CallProfile) => (isPaged(operation) ? null : 'it does not answer in pages');

const instancesOnly = ({ operation, nth }: CallProfile) => {
  if (operation !== 'ec2:DescribeInstances') return 'it is not answered by AZ';
  return nth === 1 ? null : 'it befalls a whole run: see the first call';
};

function isWrite(operation: string): boolean {
  return !/:(Get|List|Describe)/.test(operation);
}

const SPAN: Record<Lasting, string> = { once: 'once', while: 'for a while', ever: 'for ever' };

/** A fault for each span; with a single one its name says no span. */
function lasting(
  [name, what]: [name: string, what: string],
  spans: readonly Lasting[],
  notFor: Fault['notFor'],
  strike: Fault['strike'],
  isTold?: Fault['isTold'],
): Fault[] {
  const nameOf = (span: Lasting) => (spans.length === 1 ? name : `${name} ${SPAN[span]}`);
  return spans.map((span) => ({ name: nameOf(span), what, lasting: span, notFor, strike, isTold }));
}

/** Straight after SendCommand an empty list is what SSM answers. */
const isNotListedYet = (operation: string): Told => (operation.startsWith('ssm:List') ? 'if it matters' : 'always');

export const FAULTS: readonly Fault[] = [
  ...lasting(['500', 'an error of its own'], ['while', 'ever'], always, async (call) =>
    call.refuse('InternalError', AWS_TEXT, 500),
  ),
  ...lasting(['throttled', "each service's own answer"], ['while', 'ever'], always, async (call) => call.throttled()),
  ...lasting(['reset', 'the connection is reset'], ['once', 'ever'], always, async ({ outgoing }) => {
    outgoing.socket?.resetAndDestroy();
    return null;
  }),
  ...lasting(['stall', 'headers, then nothing'], ['once', 'ever'], always, async ({ outgoing }) => {
    outgoing.writeHead(200, { 'content-length': '1000' });
    outgoing.flushHeaders();
    return null;
  }),
  ...lasting(['hang', 'takes the request, answers nothing'], ['once', 'ever'], always, async () => null),
  ...lasting(
    ['truncated', 'half of the answer, then the end of the connection'],
    ['once', 'ever'],
    hasBody,
    async ({ handle, outgoing }) => {
      const { status, headers, body } = await handle();
      const bytes = Buffer.from(body);
      outgoing.writeHead(status, { ...headers, 'content-length': String(bytes.length) });
      await new Promise<void>((resolve) => outgoing.write(bytes.subarray(0, bytes.length / 2), () => resolve()));
      outgoing.destroy();
      return null;
    },
  ),
  ...lasting(
    ['empty 200', 'an answer of no bytes, nothing done'],
    ['once', 'ever'],
    hasBody,
    async () => ({ status: 200, headers: {}, body: '' }),
    isNotListedYet,
  ).map((fault) => (fault.lasting === 'once' ? { ...fault, isTold: undefined } : fault)),
  ...lasting(['HTML 200', "a proxy's page, nothing done"], ['once', 'ever'], always, async () => ({
    status: 200,
    headers: { 'content-type': 'text/html' },
    body: HTML,
  })),
  ...lasting(
    ['a field is missing', 'each field of the answer in turn'],
    ['ever'],
    ({ fields }) => (fields.length > 0 ? null : 'its answer has no field'),
    async ({ handle }, { field }) => withoutField(await handle(), field ?? ''),
    () => 'if it matters',
  ),
  ...lasting(
    ['an empty set', 'well formed, with nobody in it'],
    ['ever'],
    pagesOnly,
    async ({ handle }, { operation }) => emptied(operation, await handle()),
    // a zone without podtime's names answers so
    (operation) => (operation.startsWith('route53:') ? 'never' : 'if it matters'),
  ),
  ...lasting(
    ['an empty page with a token', 'all is on the second page'],
    ['ever'],
    pagesOnly,
    async ({ handle, request }, struck) => {
      if (struck.first !== null) return asksForNextPage(request) ? struck.first : handle();
      struck.first = await handle();
      return withToken(struck.operation, emptied(struck.operation, struck.first));
    },
    () => 'if it matters',
  ),
  ...lasting(
    ['the same page for ever', 'with the same token'],
    ['ever'],
    pagesOnly,
    async ({ handle, request }, struck) => {
      const isNext = asksForNextPage(request);
      if (isNext) struck.nextPages += 1;
      if (struck.first !== null && !isNext) return handle();
      struck.first ??= await handle();
      return withToken(struck.operation, struck.first);
    },
    // who needs one page only is not hurt
    (_, { nextPages }) => (nextPages > 0 ? 'always' : 'if it matters'),
  ),
  ...lasting(['access denied', "the role's rights are gone"], ['ever'], always, async (call) => {
    const [code, status] = DENIED[call.service] ?? ['AccessDenied', 403];
    return call.refuse(code, AWS_TEXT, status);
  }),
  ...lasting(
    ['answer lost', 'done, then the end of the connection'],
    ['once', 'ever'],
    readsAlike,
    async ({ handle, outgoing }) => {
      await handle();
      outgoing.socket?.destroy();
      return null;
    },
    // what was written is read back: it says itself whether it was
    (operation) => (operation === 's3:PutObject' ? 'if it matters' : 'always'),
  ).map((fault) => (fault.lasting === 'once' ? { ...fault, isTold: undefined } : fault)),
  ...lasting(
    ['AZ disrupted', "without ids it fails, and with ids of that AZ; others' ids are answered"],
    ['ever'],
    instancesOnly,
    async ({ handle, refuse, request }, { azOf }) => {
      const form = new URLSearchParams(request.body.toString());
      const ids = [...form].filter(([name]) => name.startsWith('InstanceId.')).map(([, id]) => id);
      if (ids.length > 0 && ids.every((id) => azOf(id) !== DISRUPTED_AZ)) return handle();
      return refuse('Unavailable', AWS_TEXT, 503);
    },
    () => 'if it matters',
  ),
];

const DISRUPTED_AZ = 'us-west-2c';

/** A fault between a function and its call. */
export function faultAt(
  at: Pick<Call, 'operation' | 'nth'>,
  fault: Fault,
  field: string | null,
  azOf: Struck['azOf'],
): { between: Between; struck: Struck } {
  const struck: Struck = { operation: at.operation, times: 0, nextPages: 0, first: null, field, azOf };
  const isHit = ({ operation, nth, attempt }: Call) => {
    if (operation !== at.operation) return false;
    if (fault.lasting === 'ever') return nth >= at.nth;
    return nth === at.nth && attempt <= (fault.lasting === 'while' ? 2 : 1);
  };
  const between: Between = (call, intercepted) => {
    if (!isHit(call)) return intercepted.handle();
    struck.times += 1;
    return fault.strike(intercepted, struck);
  };
  return { between, struck };
}

export function toldOf(fault: Fault, struck: Struck): Told {
  return fault.isTold?.(struck.operation, struck) ?? (fault.lasting === 'ever' ? 'always' : 'if it matters');
}
