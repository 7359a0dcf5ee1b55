import type { Clock } from '../clock.ts';
import type { Delays } from '../delays.ts';
import { AwsError } from '../errors.ts';
import type { Announce } from '../events.ts';
import { epochSeconds, jsonError, jsonInput, jsonOperation, jsonResponse } from '../protocol/aws-json.ts';
import { queryForm, queryResponse, unflatten } from '../protocol/query.ts';
import { restXmlError } from '../protocol/rest-xml.ts';
import type { XmlNode } from '../protocol/xml.ts';
import type { AwsRequest } from '../request.ts';
import type { Service } from '../service.ts';
import type { Timers } from '../timers.ts';
import { unknownCall } from '../unknown-call.ts';
import { type Alarm, createAlarms, EVALUATION_SECONDS } from './alarms/alarms.ts';
import type { AlarmDefinition } from './alarms/definition.ts';
import { describeAlarms } from './alarms/describe.ts';
import { getDashboard, listDashboards } from './dashboards.ts';
import { type Datum, LIMITS, readData, readNamespace } from './datum.ts';
import { getMetricData, getMetricStatistics, listMetrics, type Output, type ReadDeps } from './reads.ts';
import { createMetricStore, type StoredMetric } from './store.ts';

const NAMESPACE = 'http://monitoring.amazonaws.com/doc/2010-08-01/';

/** The JSON protocol's error types, by the query protocol's codes (service model, awsQueryCompatible). */
const JSON_TYPES: Record<string, string> = {
  InvalidParameterValue: 'InvalidParameterValueException',
  MissingParameter: 'MissingRequiredParameterException',
  InvalidParameterCombination: 'InvalidParameterCombinationException',
  InternalServiceError: 'InternalServiceFault',
  Throttling: 'ThrottlingException',
  MissingAuthenticationToken: 'MissingAuthenticationTokenException',
  ValidationError: 'ValidationException',
  InvalidAction: 'UnknownOperationException',
  ResourceNotFound: 'DashboardNotFoundError',
};

export interface CloudWatch extends Service {
  metrics(): StoredMetric[];
  alarms(): Alarm[];
  /** From now on they are evaluated. */
  startAlarms(): void;
  /** What a service of AWS measures of itself: one datum, now. */
  measure(namespace: string, metricName: string, dimensions: Record<string, string>, value: number): void;
}

/** CloudWatch's metrics API, version 2010-08-01, in its JSON 1.0 protocol (JavaScript SDK) and its query protocol (older `aws`). */
export function createCloudWatch(deps: {
  timers: Timers;
  clock: Clock;
  delays: Delays;
  announce: Announce;
  region: string;
  /** The stack's. */
  alarms: readonly AlarmDefinition[];
  /** A minute of the alarms' periods lasts so many times less. */
  alarmFactor: number;
  /** The stack's: their JSON by name. */
  dashboards: Readonly<Record<string, string>>;
}): CloudWatch {
  const { clock, timers } = deps;
  const store = createMetricStore();
  const reads: ReadDeps = {
    store,
    visible: (point) => deps.timers.nowMs() >= point.receivedAtMs + deps.delays.metricVisibleMs,
    listed: (metric) => deps.timers.nowMs() >= metric.knownAtMs + deps.delays.metricListedMs,
    nowMs: () => clock.wallMs(),
  };
  const alarms = createAlarms(deps.alarms, {
    store,
    visible: reads.visible,
    wallMs: () => clock.wallMs(),
    factor: deps.alarmFactor,
    announce: deps.announce,
    region: deps.region,
  });
  const minuteMs = (EVALUATION_SECONDS * 1000) / deps.alarmFactor;
  /** When the minute has ended and so many whole ones after it, as soon as their last data can be read. */
  const evaluateAfter = (wholeMinutes: number) => {
    const minuteEndsInMs = minuteMs - (clock.wallMs() % minuteMs);
    timers.after((minuteEndsInMs + wholeMinutes * minuteMs) * clock.factor + deps.delays.metricVisibleMs, () => {
      alarms.evaluate();
      evaluateAfter(0);
    });
  };
  const dashboards = { bodies: deps.dashboards, modifiedAtMs: clock.wallMs() };
  const operations: Record<string, (input: Record<string, unknown>) => Output | null> = {
    PutMetricData(input) {
      const namespace = readNamespace(input.Namespace);
      const data = readData(input.MetricData, clock.wallMs());
      store.put(namespace, data, deps.timers.nowMs());
      const metrics = new Set(data.map((datum) => JSON.stringify([datum.metricName, datum.dimensions]))).size;
      deps.announce({ kind: 'metrics put', namespace, data: data.length, metrics });
      return null;
    },
    GetMetricStatistics: (input) => getMetricStatistics(input, reads),
    GetMetricData: (input) => getMetricData(input, reads),
    ListMetrics: (input) => listMetrics(input, reads),
    ListDashboards: (input) => listDashboards(input, dashboards),
    GetDashboard: (input) => getDashboard(input, dashboards),
    DescribeAlarms: (input) => describeAlarms(input, alarms.all(), deps.region),
  };

  return {
    metrics: () => store.all(),
    alarms: () => alarms.all(),
    startAlarms() {
      // a new alarm has a minute in which its first data may come
      if (deps.alarms.length > 0) evaluateAfter(1);
    },
    measure(namespace, metricName, dimensions, value) {
      const datum: Datum = {
        metricName,
        dimensions: Object.entries(dimensions).map(([name, of]) => ({ name, value: of })),
        atMs: clock.wallMs(),
        unit: 'Count',
        resolutionSeconds: 60,
        values: [{ value, count: 1 }],
        statistics: null,
      };
      store.put(namespace, [datum], timers.nowMs());
    },
    operations: Object.keys(operations),
    operation(request) {
      const name = isJson(request) ? jsonOperation(request) : queryForm(request).get('Action');
      return name !== null && Object.hasOwn(operations, name) ? name : null;
    },
    handle(operation, request, requestId) {
      if (operation === 'PutMetricData' && request.body.length > LIMITS.bodyBytes) {
        throw new AwsError(
          'RequestEntityTooLarge',
          `Request size ${request.body.length} exceeded ${LIMITS.bodyBytes} bytes`,
          413,
        );
      }
      const json = isJson(request);
      const input = json ? jsonInput(request) : unflatten(queryForm(request));
      const output = (operations[operation] as (typeof operations)[string])(input);
      if (json) return jsonResponse('1.0', output === null ? null : (toJson(output) as Output), requestId);
      return queryResponse(
        operation,
        NAMESPACE,
        output === null ? null : (toXml(output) as Record<string, XmlNode>),
        requestId,
      );
    },
    refuse(error, request, requestId) {
      if (!isJson(request)) return restXmlError(error, NAMESPACE, requestId);
      const type = JSON_TYPES[error.code] ?? error.code;
      const response = jsonError(
        '1.0',
        new AwsError(`com.amazonaws.cloudwatch#${type}`, error.message, error.status),
        requestId,
        'message',
      );
      const side = error.status < 500 ? 'Sender' : 'Receiver';
      return { ...response, headers: { ...response.headers, 'x-amzn-query-error': `${error.code};${side}` } };
    },
    unknownOperation: (request) => {
      const action = isJson(request) ? jsonOperation(request) : queryForm(request).get('Action');
      return new AwsError('InvalidAction', unknownCall('CloudWatch', action ?? '', Object.keys(operations)));
    },
    unsigned: () => new AwsError('MissingAuthenticationToken', 'Request is missing Authentication Token', 403),
    throttled: () => new AwsError('Throttling', 'Rate exceeded'),
  };
}

function isJson(request: AwsRequest): boolean {
  return request.headers['x-amz-target'] !== undefined;
}

/** Dates as seconds. */
function toJson(value: unknown): unknown {
  if (value instanceof Date) return epochSeconds(value.getTime());
  if (Array.isArray(value)) return value.map(toJson);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, toJson(member)]));
}

/** Lists as `<member>`, the one map (ExtendedStatistics) as `<entry><key><value>`, dates in ISO 8601. */
function toXml(value: unknown, name = ''): XmlNode | undefined {
  if (value === undefined) return undefined;
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return { member: value.map((item) => toXml(item) as XmlNode) };
  if (value === null || typeof value !== 'object') return value as XmlNode;
  const entries = Object.entries(value);
  if (name === 'ExtendedStatistics')
    return { entry: entries.map(([key, member]) => ({ key, value: member as number })) };
  return Object.fromEntries(entries.map(([key, member]) => [key, toXml(member, key)]));
}
