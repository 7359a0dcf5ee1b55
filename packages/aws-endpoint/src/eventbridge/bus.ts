import { randomUUID } from 'node:crypto';
import { type Delays, draw } from '../delays.ts';
import { ACCOUNT_ID } from '../errors.ts';
import type { Announce } from '../events.ts';
import type { FaultQueue } from '../faults.ts';
import type { QueueTarget, RuleTarget, Stack } from '../stack.ts';
import type { Timers } from '../timers.ts';
import { compilePattern } from './pattern.ts';
import { keepSchedules, type Recurring, readRate } from './schedules.ts';

/** One event as rules see it and functions get it. */
export interface BusEvent {
  version: '0';
  id: string;
  'detail-type': string;
  source: string;
  account: string;
  /** `2026-01-02T03:04:05Z` */
  time: string;
  region: string;
  resources: string[];
  detail: Record<string, unknown>;
}

export interface Bus {
  /** Puts an event on the default bus and brings it to the rules that match, a little later. Returns its id. */
  publish(event: {
    source: string;
    detailType: string;
    detail: Record<string, unknown>;
    resources?: string[];
    time?: Date;
  }): string;
  /** Starts the stack's schedules: each comes first within one period from now, at its own offset. */
  startSchedules(): void;
}

export interface BusDeps {
  stack: Stack;
  region: string;
  timers: Timers;
  delays: Delays;
  random: () => number;
  announce: Announce;
  faults: FaultQueue;
  /** Lambda's asynchronous invocation. */
  invoke(functionName: string, payload: unknown, cause: string): void;
  /** Sends a message to a queue of the stack. */
  enqueue(queueName: string, body: string): void;
}

/** The default bus with the stack's rules and schedules. Throws for a pattern, a target or a schedule that the endpoint cannot carry out. */
export function createBus(deps: BusDeps): Bus {
  const { stack, region, timers, delays, random, announce, faults } = deps;
  const rules = stack.rules.map((rule) => ({
    ...rule,
    matches: rule.pattern === null ? () => false : compilePattern(rule.pattern),
  }));

  const bring = (target: RuleTarget | QueueTarget, event: BusEvent, cause: string) => {
    const input = inputOf(target, event);
    if ('queueName' in target) deps.enqueue(target.queueName, JSON.stringify(input));
    else deps.invoke(target.functionName, input, cause);
  };
  const deliver = (event: BusEvent): boolean => {
    const matching = rules.filter((rule) => rule.enabled && rule.matches(event));
    for (const rule of matching) {
      for (const target of rule.targets) {
        timers.after(draw(delays.deliveryMs, random), () => bring(target, event, rule.name));
      }
    }
    return matching.length > 0;
  };

  const newEvent = (
    source: string,
    detailType: string,
    detail: Record<string, unknown>,
    resources: string[],
    time: Date,
  ): BusEvent => ({
    version: '0',
    id: randomUUID(),
    'detail-type': detailType,
    source,
    account: ACCOUNT_ID,
    time: `${time.toISOString().slice(0, 19)}Z`,
    region,
    resources,
    detail,
  });

  const scheduledEvent = (resource: string) =>
    newEvent('aws.events', 'Scheduled Event', {}, [`arn:aws:${resource}`], new Date());
  const ofRules = stack.rules.flatMap(({ name, enabled, schedule, targets }): Recurring[] => {
    if (schedule === null || !enabled) return [];
    const run = () => {
      const event = scheduledEvent(`events:${region}:${ACCOUNT_ID}:rule/${name}`);
      for (const target of targets) bring(target, event, name);
    };
    return [{ name, periodMs: readRate(name, schedule), windowMs: 0, run }];
  });
  const ofScheduler = stack.schedules.flatMap(({ name, enabled, expression, windowMinutes, target }): Recurring[] => {
    if (!enabled) return [];
    const event = scheduledEvent(`scheduler:${region}:${ACCOUNT_ID}:schedule/default/${name}`);
    const run = () => deps.invoke(target.functionName, inputOf(target, event), name);
    return [{ name, periodMs: readRate(name, expression), windowMs: windowMinutes * 60_000, run }];
  });
  const recurring = [...ofRules, ...ofScheduler];

  return {
    publish({ source, detailType, detail, resources = [], time = new Date() }) {
      const event = newEvent(source, detailType, detail, resources, time);
      const fault = faults.takeEvent();
      const matched = fault !== 'lost' && deliver(event);
      if (fault === 'repeated') deliver(event);
      announce({ kind: 'event put', source, detailType, detail, fate: fault ?? (matched ? 'delivered' : 'unmatched') });
      return event.id;
    },
    startSchedules: () => keepSchedules(recurring, timers, random),
  };
}

/** A target's constant input, the part of the event that InputPath names, or the event. */
function inputOf(target: Pick<RuleTarget, 'input' | 'inputPath'>, event: BusEvent): unknown {
  if (target.input !== null) return JSON.parse(target.input);
  if (target.inputPath === null || target.inputPath === '$') return event;
  return target.inputPath
    .replace(/^\$\.?/, '')
    .split('.')
    .reduce<unknown>(
      (node, step) => (node !== null && typeof node === 'object' ? (node as Record<string, unknown>)[step] : undefined),
      event,
    );
}
