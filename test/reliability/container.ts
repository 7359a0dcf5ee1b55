import type { AwsResponse, InterceptedCall } from '@podtime/aws-endpoint';
import type { Between, Call } from './calls.ts';
import type { Programs } from './programs.ts';
import { type LogLine, type RealmOptions, runIn } from './realm.ts';
import type { VirtualTime } from './virtual-time.ts';

type Handler = (event: unknown, context: unknown) => Promise<unknown>;

/** How one invocation ended. */
export interface Invoked {
  /** What the handler answered; undefined when it threw, or was ended. */
  answer?: unknown;
  error?: Error;
  /** Lambda ended it, or it was killed. */
  cutOff: boolean;
  tookMs: number;
  /** What was left of Lambda's timeout when it ended. */
  leftMs: number;
  calls: Call[];
  log: LogLine[];
}

let invocations = 0;

/** A container of Lambda: the deployed bundle, started once, for one invocation after the other. */
export class Container {
  readonly #handler: Handler;
  readonly #log: LogLine[];
  readonly #stop: () => void;
  #dead = false;
  #die = () => {};
  readonly #killed = new Promise<void>((resolve) => {
    this.#die = resolve;
  });
  #calls: Call[] = [];
  #nth = new Map<string, number>();
  #logical = new Map<string, Call>();
  #between: Between = (_, intercepted) => intercepted.handle();

  constructor(
    readonly id: string,
    private readonly functionName: string,
    private readonly programs: Programs,
    private readonly time: VirtualTime,
    settings: (isDead: () => boolean) => Pick<RealmOptions, 'modules' | 'environment'>,
  ) {
    const program = programs.functions[functionName];
    if (program === undefined) throw new Error(`there is no function ${functionName}`);
    const realm = runIn(program, { time, ...settings(() => this.#dead) });
    this.#handler = realm.exports.handler as Handler;
    this.#log = realm.log;
    this.#stop = realm.stop;
  }

  /** Runs the handler until it ends, however long that takes of simulated time: Lambda's timeout ends it. */
  async invoke(event: unknown, between?: Between): Promise<Invoked> {
    const started = this.start(event, between);
    await this.time.until(started.ended, started.timeoutMs);
    return started.result();
  }

  /** Starts the handler; time passes by whoever drives it. */
  start(event: unknown, between: Between = (_, intercepted) => intercepted.handle()) {
    const { time } = this;
    const startedMs = time.nowMs();
    const timeoutMs = (this.programs.timeoutSeconds[this.functionName] ?? 0) * 1000;
    this.#between = between;
    this.#calls = [];
    this.#nth.clear();
    this.#logical.clear();
    this.#log.length = 0;
    invocations += 1;
    const context = {
      awsRequestId: `${String(invocations).padStart(12, '0')}-0000-4000-8000-000000000000`.replace(
        /^(.{8})(.{4})/,
        '$1-$2',
      ),
      functionName: this.functionName,
      getRemainingTimeInMillis: () => startedMs + timeoutMs - time.nowMs(),
    };
    const outcome: Pick<Invoked, 'answer' | 'error'> & { endedMs: number | null } = { endedMs: null };
    const ended = this.#handler(event, context).then(
      (answer) => {
        outcome.answer = answer;
        outcome.endedMs = time.nowMs();
      },
      (error: Error) => {
        outcome.error = error;
        outcome.endedMs = time.nowMs();
      },
    );
    const result = (): Invoked => {
      const { endedMs, ...rest } = outcome;
      const cutOff = endedMs === null || endedMs - startedMs >= timeoutMs;
      if (endedMs === null) this.kill();
      const tookMs = (endedMs ?? time.nowMs()) - startedMs;
      return { ...rest, cutOff, tookMs, leftMs: timeoutMs - tookMs, calls: [...this.#calls], log: [...this.#log] };
    };
    return { ended: Promise.race([ended, this.#killed]), timeoutMs, result };
  }

  /** Dead at once: no further call gets through, and no timer fires. */
  kill(): void {
    this.#dead = true;
    this.#stop();
    this.#die();
  }

  /** The endpoint has a request of this container. */
  async called(intercepted: InterceptedCall): Promise<AwsResponse | null> {
    if (this.#dead) return null;
    const { service, operation, request } = intercepted;
    const name = `${service}:${operation}`;
    const invocation = request.headers['amz-sdk-invocation-id'] ?? '';
    let call = this.#logical.get(invocation);
    if (call === undefined) {
      const nth = (this.#nth.get(name) ?? 0) + 1;
      this.#nth.set(name, nth);
      call = { operation: name, nth, attempt: 0 };
      this.#logical.set(invocation, call);
      this.#calls.push(call);
    }
    call.attempt += 1;
    return this.#between({ ...call }, intercepted);
  }
}
