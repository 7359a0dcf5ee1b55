import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { parse } from 'yaml';
import type { HttpHandler } from './gateway.ts';

interface Operation {
  responses: Record<string, Response | Reference>;
}
interface Response {
  headers?: Record<string, Header | Reference>;
  content?: Record<string, unknown>;
}
interface Header {
  required?: boolean;
}
interface Reference {
  $ref: string;
}

/** The API's description, as docs/openapi.yml gives it. */
export const DESCRIPTION = parse(readFileSync(join(import.meta.dirname, '../../docs/openapi.yml'), 'utf8'), {
  merge: true,
}) as { paths: Record<string, Record<string, Operation>> };

const ajv = new Ajv2020({ allErrors: true, strict: false });
formats.default(ajv);
ajv.addSchema(DESCRIPTION, 'openapi.yml');

/** Methods that a path of the description answers, in capitals. */
export function methodsOf(path: string): string[] {
  return Object.keys(DESCRIPTION.paths[path] ?? {})
    .filter((key) => ['get', 'head', 'post', 'put', 'patch', 'delete', 'options'].includes(key))
    .map((key) => key.toUpperCase());
}

/** The handler, every answer of which is held against docs/openapi.yml; one that differs is thrown, with all differences. */
export function holding(handler: HttpHandler): HttpHandler {
  return async (event, context) => {
    const answer = await handler(event, context);
    const faults = faultsOf(event as Partial<APIGatewayProxyEvent> | null, answer);
    if (faults.length > 0) throw new Error(`not what docs/openapi.yml says: ${faults.join('; ')}`);
    return answer;
  };
}

/** What of an answer differs from the description. A path or method that is not described may only be a problem. */
export function faultsOf(
  event: Partial<APIGatewayProxyEvent> | null | undefined,
  answer: APIGatewayProxyResult,
): string[] {
  const method = String(event?.httpMethod ?? '').toLowerCase();
  const pointer = `/paths/${String(event?.resource ?? '')
    .replaceAll('~', '~0')
    .replaceAll('/', '~1')}/${method}/responses`;
  const described = DESCRIPTION.paths[String(event?.resource)]?.[method]?.responses;
  const status = String(answer.statusCode);
  const key = [status, `${status.charAt(0)}XX`].find((one) => described && one in described);
  if (described && key === undefined) return [`status ${status} is not described`];
  const where = key === undefined ? '/components/responses/Problem' : `${pointer}/${key}`;
  return [...headerFaults(where, answer), ...bodyFaults(where, answer)];
}

function headerFaults(where: string, answer: APIGatewayProxyResult): string[] {
  const response = at<Response>(where);
  const given = headersOf(answer);
  return Object.keys(response.value.headers ?? {}).flatMap((name) => {
    const header = at<Header>(`${response.pointer}/headers/${name}`);
    const text = given[name.toLowerCase()];
    if (text === undefined) return header.value.required ? [`header ${name} is missing`] : [];
    return schemaFaults(`${header.pointer}/schema`, text, `header ${name}`);
  });
}

function bodyFaults(where: string, answer: APIGatewayProxyResult): string[] {
  const response = at<Response>(where);
  const { content } = response.value;
  if (!content) return answer.body === '' ? [] : ['a body where none is described'];
  const type = (headersOf(answer)['content-type'] ?? '').split(';')[0]?.trim() ?? '';
  if (!(type in content)) return [`content type ${type || '(none)'} is not described`];
  const pointer = `${response.pointer}/content/${type.replaceAll('/', '~1')}/schema`;
  try {
    return schemaFaults(pointer, type.endsWith('json') ? JSON.parse(answer.body) : answer.body, 'body');
  } catch {
    return ['the body is no JSON'];
  }
}

function schemaFaults(pointer: string, value: unknown, what: string): string[] {
  const holds = validatorOf(pointer);
  if (holds(value)) return [];
  return (holds.errors ?? []).map(({ instancePath, message, params }) =>
    [`${what}${instancePath} ${message}`, params.additionalProperty].filter(Boolean).join(' '),
  );
}

/** By pointer; compiling one takes longer than many answers take. */
const validators = new Map<string, ValidateFunction>();

function validatorOf(pointer: string): ValidateFunction {
  const known = validators.get(pointer);
  if (known) return known;
  const encoded = pointer.split('/').map(encodeURIComponent).join('/');
  const validator = ajv.compile({ $ref: `openapi.yml#${encoded}` });
  validators.set(pointer, validator);
  return validator;
}

/** The object at a pointer, and where it really stands when that is a reference. */
function at<T>(pointer: string): { pointer: string; value: T } {
  const keys = pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
  const found = keys.reduce<unknown>((group, key) => (group as Record<string, unknown>)[key], DESCRIPTION);
  const { $ref } = found as Partial<Reference>;
  return $ref === undefined ? { pointer, value: found as T } : at<T>($ref.slice(1));
}

function headersOf({ headers }: APIGatewayProxyResult): Record<string, string> {
  return Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), String(value)]));
}
