import { AwsError } from './errors.ts';

/** How an injected fault meets the request. */
export type FaultWhen =
  /** Answered with the error, nothing done. */
  | 'instead'
  /** Done, then answered with the error: a client that repeats it does so twice. */
  | 'after'
  /** The connection is closed without an answer, nothing done. */
  | 'no answer'
  /** Done, then the connection is closed without an answer. */
  | 'answer lost';

export interface Fault {
  code: string;
  message: string;
  status: number;
  when: FaultWhen;
}

/** Faults that AWS has on its own account, for tests and for showing them: each is used up by what it hits. */
export interface Faults {
  /** The next `times` (1) calls of this operation fail with `code`; status and message are the code's own unless given. */
  next(
    operation: string,
    code: string,
    how?: { times?: number; when?: FaultWhen; status?: number; message?: string },
  ): void;
  /** The next command for this instance ends with these StatusDetails without being run there. */
  nextInvocation(instanceId: string, statusDetails: string): void;
  /** The next event on the bus reaches no rule. */
  loseNextEvent(): void;
  /** The next event on the bus is delivered twice. */
  repeatNextEvent(): void;
  /** The next entry of PutEvents fails with this ErrorCode while the call succeeds. */
  nextEntry(errorCode: string): void;
  clear(): void;
}

/** What the endpoint's parts take from it. */
export interface FaultQueue extends Faults {
  takeCall(operation: string): Fault | null;
  takeInvocation(instanceId: string): string | null;
  takeEvent(): 'lost' | 'repeated' | null;
  takeEntry(): string | null;
}

/** Messages and statuses of the codes that AWS documents for its side of failures. */
const KNOWN: Record<string, { status: number; message: string }> = {
  PriorRequestNotComplete: {
    status: 400,
    message: 'The request was rejected because Route 53 was still processing a prior request.',
  },
  Throttling: { status: 400, message: 'Rate exceeded' },
  ThrottlingException: { status: 400, message: 'Rate exceeded' },
  RequestLimitExceeded: { status: 503, message: 'Request limit exceeded.' },
  SlowDown: { status: 503, message: 'Please reduce your request rate.' },
  InternalError: { status: 500, message: 'We encountered an internal error. Please try again.' },
  InternalServerError: { status: 500, message: 'An error occurred on the server side.' },
  InternalServiceError: {
    status: 500,
    message: 'Request processing has failed due to some unknown error, exception, or failure.',
  },
  ServiceUnavailable: { status: 503, message: 'Service is unable to handle request.' },
  AccessDenied: { status: 403, message: 'Access Denied' },
  AccessDeniedException: { status: 400, message: 'User is not authorized to perform this action.' },
  UnauthorizedOperation: { status: 403, message: 'You are not authorized to perform this operation.' },
  ConditionalRequestConflict: {
    status: 409,
    message: 'The conditional request cannot succeed due to a conflicting operation against this resource.',
  },
};

export function createFaults(): FaultQueue {
  const calls = new Map<string, Fault[]>();
  const invocations = new Map<string, string[]>();
  const events: ('lost' | 'repeated')[] = [];
  const entries: string[] = [];
  return {
    next(operation, code, how = {}) {
      const known = KNOWN[code];
      const fault: Fault = {
        code,
        message: how.message ?? known?.message ?? code,
        status: how.status ?? known?.status ?? 400,
        when: how.when ?? 'instead',
      };
      calls.set(operation, [...(calls.get(operation) ?? []), ...Array.from({ length: how.times ?? 1 }, () => fault)]);
    },
    nextInvocation(instanceId, statusDetails) {
      invocations.set(instanceId, [...(invocations.get(instanceId) ?? []), statusDetails]);
    },
    loseNextEvent: () => void events.push('lost'),
    repeatNextEvent: () => void events.push('repeated'),
    nextEntry: (errorCode) => void entries.push(errorCode),
    clear() {
      calls.clear();
      invocations.clear();
      events.length = 0;
      entries.length = 0;
    },
    takeCall: (operation) => calls.get(operation)?.shift() ?? null,
    takeInvocation: (instanceId) => invocations.get(instanceId)?.shift() ?? null,
    takeEvent: () => events.shift() ?? null,
    takeEntry: () => entries.shift() ?? null,
  };
}

export function faultError(fault: Fault): AwsError {
  return new AwsError(fault.code, fault.message, fault.status);
}
