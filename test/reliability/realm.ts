import { builtinModules, createRequire } from 'node:module';
import { Script } from 'node:vm';
import type { VirtualTime } from './virtual-time.ts';

const nodeRequire = createRequire(import.meta.url);
const BUILT_IN = new Set(builtinModules);

/** A line of the console: its level and what was written. */
export type LogLine = [level: string, ...written: unknown[]];

/** What code is run with instead of the process's own. */
export interface RealmOptions {
  time: VirtualTime;
  environment: Record<string, string>;
  /** Its modules of Node, where they are not the process's own. */
  modules?: Record<string, unknown>;
}

/** One run of a program's top level, in a world of its own: its time, its environment, its console. */
export interface Realm {
  exports: Record<string, unknown>;
  log: LogLine[];
  /** From now on none of its timers fires. */
  stop(): void;
}

type Wrapped = (...injected: unknown[]) => void;

const INJECTED = [
  'module',
  'exports',
  'require',
  'process',
  'console',
  'Date',
  'performance',
  'setTimeout',
  'clearTimeout',
  'setInterval',
  'clearInterval',
  'AbortSignal',
] as const;

/** Compiles a CommonJS program once, to be run as often as wanted. */
export function compile(name: string, code: string): Wrapped {
  return new Script(`(function(${INJECTED.join(',')}){${code}\n})`, { filename: name }).runInThisContext();
}

export function runIn(program: Wrapped, { time, environment, modules = {} }: RealmOptions): Realm {
  const log: LogLine[] = [];
  const write =
    (level: string) =>
    (...written: unknown[]) =>
      void log.push([level, ...written]);
  const timers = timersOver(time);
  const own: Record<string, unknown> = {
    timers,
    'timers/promises': {
      setTimeout: (ms: number, value: unknown) => new Promise((resolve) => timers.setTimeout(resolve, ms, value)),
    },
    ...modules,
  };
  const require = (given: string): unknown => {
    const name = given.replace(/^node:/, '');
    if (name === 'module') return { ...(nodeRequire('node:module') as object), createRequire: () => require };
    if (name in own) return own[name];
    if (BUILT_IN.has(name)) return nodeRequire(given);
    throw new Error(`${given} is not in the bundle`);
  };
  const module = { exports: {} as Record<string, unknown> };
  const values: Record<(typeof INJECTED)[number], unknown> = {
    module,
    exports: module.exports,
    require,
    process: processWith(environment),
    console: {
      log: write('log'),
      debug: write('debug'),
      info: write('info'),
      warn: write('warn'),
      error: write('error'),
    },
    Date: dateOver(time),
    performance: { now: () => time.nowMs(), timeOrigin: 0, mark() {}, measure() {} },
    setTimeout: timers.setTimeout,
    clearTimeout: timers.clearTimeout,
    setInterval: timers.setInterval,
    clearInterval: timers.clearTimeout,
    AbortSignal: abortSignalOver(timers),
  };
  program(...INJECTED.map((name) => values[name]));
  return { exports: module.exports, log, stop: timers.stop };
}

function processWith(environment: Record<string, string>): unknown {
  return new Proxy(process, {
    get: (target, name) => {
      if (name === 'env') return environment;
      const value = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

class Timeout {
  constructor(public cancel: () => void) {}
  ref() {
    return this;
  }
  unref() {
    return this;
  }
  hasRef() {
    return true;
  }
}

function timersOver(time: VirtualTime) {
  let stopped = false;
  const setTimeout = (then: (...values: unknown[]) => void, ms = 0, ...values: unknown[]) =>
    new Timeout(time.after(Math.max(1, Number(ms) || 0), () => void (stopped || then(...values))));
  return {
    setTimeout,
    clearTimeout: (timeout: unknown) => void (timeout instanceof Timeout && timeout.cancel()),
    setInterval(then: (...values: unknown[]) => void, ms = 0, ...values: unknown[]) {
      const again = () => {
        if (stopped) return;
        interval.cancel = time.after(Math.max(1, ms), again);
        then(...values);
      };
      const interval = new Timeout(time.after(Math.max(1, ms), again));
      return interval;
    },
    setImmediate,
    clearImmediate,
    stop() {
      stopped = true;
    },
  };
}

function dateOver(time: VirtualTime): DateConstructor {
  return new Proxy(Date, {
    construct: (target, given) => Reflect.construct(target, given.length === 0 ? [time.nowMs()] : given),
    apply: () => new Date(time.nowMs()).toString(),
    get: (target, name) => (name === 'now' ? () => time.nowMs() : Reflect.get(target, name, target)),
  });
}

function abortSignalOver({ setTimeout }: ReturnType<typeof timersOver>): unknown {
  return new Proxy(AbortSignal, {
    get(target, name) {
      if (name !== 'timeout') return Reflect.get(target, name, target);
      return (ms: number) => {
        const controller = new AbortController();
        setTimeout(() => controller.abort(new DOMException('The operation timed out.', 'TimeoutError')), ms);
        return controller.signal;
      };
    },
  });
}
