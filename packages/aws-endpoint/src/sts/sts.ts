import { ACCOUNT_ID, AwsError } from '../errors.ts';
import { queryForm, queryResponse } from '../protocol/query.ts';
import { restXmlError } from '../protocol/rest-xml.ts';
import type { Service } from '../service.ts';
import { unknownCall } from '../unknown-call.ts';

const NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/';
const OPERATIONS = ['GetCallerIdentity'];
/** Whoever calls: the endpoint knows no users. */
const CALLER = { Arn: `arn:aws:iam::${ACCOUNT_ID}:user/local`, UserId: 'AIDALOCALENDPOINTUSER', Account: ACCOUNT_ID };

/** STS's query API, version 2011-06-15: whose account it is. */
export function createSts(): Service {
  const action = (request: Parameters<Service['operation']>[0]) => queryForm(request).get('Action') ?? '';
  return {
    operations: OPERATIONS,
    operation: (request) => OPERATIONS.find((name) => name === action(request)) ?? null,
    handle: (operation, _request, requestId) => queryResponse(operation, NAMESPACE, CALLER, requestId),
    refuse: (error, _request, requestId) => restXmlError(error, NAMESPACE, requestId),
    unknownOperation: (request) => new AwsError('InvalidAction', unknownCall('STS', action(request), OPERATIONS)),
    unsigned: () => new AwsError('MissingAuthenticationToken', 'Request is missing Authentication Token', 403),
    throttled: () => new AwsError('Throttling', 'Rate exceeded'),
  };
}
