import { gunzipSync } from 'node:zlib';
import type { RecordedCall } from './stand-in.ts';

/** A recorded call as the SDK is asked for it, in JSON. */
export interface ReplayedCall {
  operation: string;
  input: Record<string, unknown>;
}

/** Conditions on versions are left out: the objects are no longer those that the tick found. */
export function replayedCalls(calls: readonly RecordedCall[]): ReplayedCall[] {
  return calls.map((call) => ({ operation: call.operation, input: inputOf(call) }));
}

function inputOf(call: RecordedCall): ReplayedCall['input'] {
  if (call.service === 'ec2') return ec2Input(new URLSearchParams(call.body.toString()));
  if (call.service === 'route53') return route53Input(call.path);
  if (call.service === 's3') return s3Input(call);
  const body = call.headers['content-encoding'] === 'gzip' ? gunzipSync(call.body) : call.body;
  return JSON.parse(body.toString()) as ReplayedCall['input'];
}

function ec2Input(form: URLSearchParams): ReplayedCall['input'] {
  const numbered = (start: RegExp) => [...form].filter(([key]) => start.test(key)).map(([, value]) => value);
  const ids = numbered(/^InstanceId\.\d+$/);
  const filters = [...form]
    .filter(([key]) => /^Filter\.\d+\.Name$/.test(key))
    .map(([key, Name]) => ({
      Name,
      Values: numbered(new RegExp(`^${key.replace('Name', 'Value').replaceAll('.', '\\.')}\\.\\d+$`)),
    }));
  const entries = form.get('MaxResults');
  return {
    ...(ids.length > 0 ? { InstanceIds: ids } : {}),
    ...(filters.length > 0 ? { Filters: filters } : {}),
    ...(entries === null ? {} : { MaxResults: Number(entries) }),
    ...(form.has('NextToken') ? { NextToken: form.get('NextToken') } : {}),
  };
}

function route53Input(path: string): ReplayedCall['input'] {
  const { pathname, searchParams } = new URL(path, 'http://stand-in');
  const given = (name: string, parameter: string) =>
    searchParams.has(parameter) ? { [name]: searchParams.get(parameter) } : {};
  const entries = searchParams.get('maxitems');
  return {
    HostedZoneId: pathname.split('/')[3],
    ...given('StartRecordName', 'name'),
    ...given('StartRecordType', 'type'),
    ...given('StartRecordIdentifier', 'identifier'),
    ...(entries === null ? {} : { MaxItems: Number(entries) }),
  };
}

function s3Input({ operation, path, key, headers, body }: RecordedCall): ReplayedCall['input'] {
  const object = { Bucket: path.split('/')[1], Key: key };
  if (operation !== 'PutObject') return object;
  const encoding = headers['content-encoding'];
  return {
    ...object,
    Body: body.toString('base64'),
    ContentType: headers['content-type'],
    ...(encoding === undefined ? {} : { ContentEncoding: encoding }),
  };
}
