import { AwsError } from '../errors.ts';
import type { FaultQueue } from '../faults.ts';
import { jsonError, jsonInput, jsonOperation, jsonResponse, jsonUnknownOperation } from '../protocol/aws-json.ts';
import type { Service } from '../service.ts';
import type { StackRule } from '../stack.ts';
import type { Bus } from './bus.ts';
import { listRules } from './list-rules.ts';

/** API reference, PutEvents. */
const MAX_ENTRIES = 10;
const MAX_TOTAL_BYTES = 1_048_576;
const MAX_DETAIL_TYPE = 128;

/** EventBridge's JSON API, version 2015-10-07: events are put on the default bus, its rules are listed. */
export function createEventBridge(
  bus: Bus,
  { faults, rules, region }: { faults: FaultQueue; rules: readonly StackRule[]; region: string },
): Service {
  const putEvents = (input: Record<string, unknown>): Record<string, unknown> => {
    const entries = (input.Entries ?? []) as Record<string, unknown>[];
    if (!Array.isArray(entries) || entries.length < 1 || entries.length > MAX_ENTRIES) {
      throw new AwsError(
        'ValidationException',
        `1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must have length ${Array.isArray(entries) && entries.length > MAX_ENTRIES ? `less than or equal to ${MAX_ENTRIES}` : 'greater than or equal to 1'}`,
      );
    }
    if (entries.reduce((sum, entry) => sum + entryBytes(entry), 0) > MAX_TOTAL_BYTES) {
      throw new AwsError('ValidationException', 'Total size of the entries in the request is over the limit.');
    }
    // "If you submit a request in which none of the entries have each of these properties, EventBridge fails the entire request."
    if (
      entries.every(
        (entry) => entry.Source === undefined || entry.DetailType === undefined || entry.Detail === undefined,
      )
    ) {
      throw new AwsError('ValidationException', 'None of the entries has each of Source, DetailType and Detail.');
    }
    const results = entries.map((entry) => putEntry(entry, bus, faults));
    return { FailedEntryCount: results.filter((result) => 'ErrorCode' in result).length, Entries: results };
  };

  const operations: Record<string, (input: Record<string, unknown>) => Record<string, unknown>> = {
    PutEvents: putEvents,
    ListRules: (input) => listRules(input, rules, region),
  };
  const names = Object.keys(operations);

  return {
    operations: names,
    operation: (request) => names.find((name) => name === jsonOperation(request)) ?? null,
    handle: (operation, request, requestId) =>
      jsonResponse('1.1', (operations[operation] as (typeof operations)[string])(jsonInput(request)), requestId),
    refuse: (error, _request, requestId) => jsonError('1.1', error, requestId, 'message'),
    unknownOperation: jsonUnknownOperation('EventBridge', names),
    unsigned: () => new AwsError('MissingAuthenticationTokenException', 'Missing Authentication Token'),
    throttled: () => new AwsError('ThrottlingException', 'Rate exceeded'),
  };
}

/** User guide, "Calculating PutEvents event entry size": time 14, the rest in UTF-8. */
function entryBytes(entry: Record<string, unknown>): number {
  const texts = [entry.Source, entry.DetailType, entry.Detail, ...((entry.Resources ?? []) as unknown[])];
  const bytes = texts.reduce<number>((sum, text) => sum + (typeof text === 'string' ? Buffer.byteLength(text) : 0), 0);
  return bytes + (entry.Time === undefined ? 0 : 14);
}

function putEntry(entry: Record<string, unknown>, bus: Bus, faults: FaultQueue): Record<string, string> {
  const injected = faults.takeEntry();
  if (injected !== null) return { ErrorCode: injected, ErrorMessage: injected };
  const source = entry.Source;
  const detailType = entry.DetailType;
  if (typeof source !== 'string' || source === '')
    return refused('InvalidArgument', 'Parameter Source is not valid. Reason: Source is a required argument.');
  if (typeof detailType !== 'string' || detailType === '') {
    return refused('InvalidArgument', 'Parameter DetailType is not valid. Reason: DetailType is a required argument.');
  }
  if (detailType.length > MAX_DETAIL_TYPE)
    return refused(
      'InvalidArgument',
      `Parameter DetailType is not valid. Reason: Maximum length is ${MAX_DETAIL_TYPE}.`,
    );
  if (typeof entry.Detail !== 'string')
    return refused('InvalidArgument', 'Parameter Detail is not valid. Reason: Detail is a required argument.');
  if (source.startsWith('aws.')) return refused('NotAuthorizedForSourceException', 'Not authorized for the source.');
  const detail = readDetail(entry.Detail);
  if (detail === null) return refused('MalformedDetail', 'Detail is malformed.');
  const busName = entry.EventBusName;
  if (typeof busName === 'string' && busName !== 'default' && !busName.endsWith(':event-bus/default')) {
    return refused('InvalidArgument', `Event bus ${busName} does not exist.`);
  }
  const time = typeof entry.Time === 'number' ? new Date(entry.Time * 1000) : undefined;
  return { EventId: bus.publish({ source, detailType, detail, resources: (entry.Resources ?? []) as string[], time }) };
}

function refused(code: string, message: string): Record<string, string> {
  return { ErrorCode: code, ErrorMessage: message };
}

/** A JSON object; null when it is anything else. */
function readDetail(text: string): Record<string, unknown> | null {
  try {
    const detail: unknown = JSON.parse(text);
    return detail !== null && typeof detail === 'object' && !Array.isArray(detail)
      ? (detail as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}
