import { ACCOUNT_ID, AwsError } from '../errors.ts';
import type { Announce } from '../events.ts';
import { page } from '../paging.ts';
import { epochSeconds } from '../protocol/aws-json.ts';
import { checkConstraints } from './constraints.ts';

/** A parameter of Parameter Store. */
export interface StoredParameter {
  name: string;
  type: 'String' | 'StringList' | 'SecureString';
  value: string;
  allowedPattern: string | null;
  version: number;
  modifiedAtMs: number;
}

export interface ParameterStore {
  get(name: string): StoredParameter | null;
  all(): StoredParameter[];
  /** Throws what PutParameter answers. */
  put(
    name: string,
    value: string,
    how?: { type?: StoredParameter['type']; overwrite?: boolean; allowedPattern?: string },
  ): StoredParameter;
  /** False where there is none of that name. */
  remove(name: string): boolean;
}

/** Parameter Store quotas: a standard parameter's value. */
const MAX_VALUE_CHARACTERS = 4_096;
/** Service model, ParameterNameList and GetParametersByPathMaxResults. */
const MAX_NAMES = 10;
const TYPES = ['String', 'StringList', 'SecureString'] as const;

export function createParameterStore(announce: Announce): ParameterStore {
  const parameters = new Map<string, StoredParameter>();
  return {
    get: (name) => parameters.get(name) ?? null,
    all: () => [...parameters.values()],
    put(name, value, how = {}) {
      const existing = parameters.get(name);
      if (existing !== undefined && how.overwrite !== true) {
        throw new AwsError(
          'ParameterAlreadyExists',
          'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
        );
      }
      const type = how.type ?? existing?.type;
      if (type === undefined)
        throw new AwsError('ValidationException', 'A parameter type is required when you create a parameter.');
      if (value.length > MAX_VALUE_CHARACTERS) {
        throw new AwsError(
          'ValidationException',
          `Standard tier parameters support a maximum parameter value of ${MAX_VALUE_CHARACTERS} characters.`,
        );
      }
      const allowedPattern = how.allowedPattern ?? existing?.allowedPattern ?? null;
      if (allowedPattern !== null && allowedPattern !== '' && !new RegExp(allowedPattern).test(value)) {
        throw new AwsError(
          'ParameterPatternMismatchException',
          `Parameter value, cannot be validated against allowedPattern: ${allowedPattern}`,
        );
      }
      const stored = {
        name,
        type,
        value,
        allowedPattern,
        version: (existing?.version ?? 0) + 1,
        modifiedAtMs: Date.now(),
      };
      parameters.set(name, stored);
      announce({ kind: 'parameter put', name, value: type === 'SecureString' ? '(secure)' : value });
      return stored;
    },
    remove(name) {
      const isThere = parameters.delete(name);
      if (isThere) announce({ kind: 'parameter deleted', name });
      return isThere;
    },
  };
}

export function getParameter(
  store: ParameterStore,
  input: Record<string, unknown>,
  region: string,
): Record<string, unknown> {
  checkConstraints(input, {
    Name: { type: 'string', required: true, min: 1, max: 2048 },
    WithDecryption: { type: 'boolean' },
  });
  const { parameter, selector, fault } = find(store, String(input.Name));
  // The service sends no message with it.
  if (parameter === null) throw new AwsError(fault, '');
  return { Parameter: parameterShape(parameter, selector, region) };
}

/** What is not there, or not in the version asked for, is named in the answer: no error. */
export function getParameters(
  store: ParameterStore,
  input: Record<string, unknown>,
  region: string,
): Record<string, unknown> {
  checkConstraints(input, {
    Names: { type: 'list', required: true, min: 1, max: MAX_NAMES },
    WithDecryption: { type: 'boolean' },
  });
  const found = (input.Names as string[]).map((name) => ({ name, ...find(store, name) }));
  return {
    Parameters: found.flatMap(({ parameter, selector }) =>
      parameter === null ? [] : [parameterShape(parameter, selector, region)],
    ),
    InvalidParameters: found.flatMap(({ name, parameter }) => (parameter === null ? [name] : [])),
  };
}

/** What lies below the path, by name: its children, or with Recursive all of it. */
export function getParametersByPath(
  store: ParameterStore,
  input: Record<string, unknown>,
  region: string,
): Record<string, unknown> {
  checkConstraints(input, {
    Path: { type: 'string', required: true, min: 1, max: 2048 },
    Recursive: { type: 'boolean' },
    WithDecryption: { type: 'boolean' },
    ParameterFilters: { type: 'list' },
    MaxResults: { type: 'integer', min: 1, max: MAX_NAMES },
    NextToken: { type: 'string' },
  });
  const path = String(input.Path);
  if (!path.startsWith('/')) {
    throw new AwsError(
      'ValidationException',
      'The parameter doesn\'t meet the parameter name requirements. The parameter name must begin with a forward slash "/".',
    );
  }
  if (Array.isArray(input.ParameterFilters) && input.ParameterFilters.length > 0)
    throw new AwsError('InvalidFilterKey', 'The local endpoint has no ParameterFilters of GetParametersByPath.');
  const above = path.endsWith('/') ? path : `${path}/`;
  const found = store
    .all()
    .map((parameter) => ({ parameter, place: parameter.name.startsWith('/') ? parameter.name : `/${parameter.name}` }))
    .filter(({ place }) => place.startsWith(above))
    .filter(({ place }) => input.Recursive === true || !place.slice(above.length).includes('/'))
    .toSorted((a, b) => (a.place < b.place ? -1 : 1));
  const size = (input.MaxResults as number | undefined) ?? MAX_NAMES;
  const { items, nextToken } = page(found, size, input.NextToken, `GetParametersByPath ${path} ${input.Recursive}`);
  const Parameters = items.map(({ parameter }) => parameterShape(parameter, undefined, region));
  return { Parameters, NextToken: nextToken };
}

/** By `NAME`, `NAME:VERSION`, or the ARN of either; `fault` is what GetParameter answers where there is none. */
function find(store: ParameterStore, given: string) {
  const [name = '', selector] = given.replace(/^arn:[^/]*parameter(?=\/)/, '').split(':');
  const stored = store.get(name);
  const isVersion = stored !== null && (selector === undefined || selector === String(stored.version));
  const fault = stored === null ? 'ParameterNotFound' : 'ParameterVersionNotFound';
  return { parameter: isVersion ? stored : null, selector, fault };
}

function parameterShape(parameter: StoredParameter, selector: string | undefined, region: string) {
  return {
    Name: parameter.name,
    Type: parameter.type,
    Value: parameter.value,
    Version: parameter.version,
    Selector: selector === undefined ? undefined : `:${selector}`,
    LastModifiedDate: epochSeconds(parameter.modifiedAtMs),
    ARN: `arn:aws:ssm:${region}:${ACCOUNT_ID}:parameter${parameter.name.startsWith('/') ? '' : '/'}${parameter.name}`,
    DataType: 'text',
  };
}

export function putParameter(store: ParameterStore, input: Record<string, unknown>): Record<string, unknown> {
  checkConstraints(input, {
    Name: { type: 'string', required: true, min: 1, max: 2048 },
    Value: { type: 'string', required: true, min: 1 },
    Type: { type: 'string', enum: TYPES },
    Overwrite: { type: 'boolean' },
    AllowedPattern: { type: 'string', max: 1024 },
    Description: { type: 'string', max: 1024 },
  });
  const name = String(input.Name);
  if (/^\/?(aws|ssm)/i.test(name) || !/^[a-zA-Z0-9_.\-/]+$/.test(name)) {
    throw new AwsError(
      'ValidationException',
      'Parameter name: can\'t be prefixed with "aws" or "ssm" (case-insensitive), and can consist of letters, numbers and .-_ only, its sub-paths divided by slash.',
    );
  }
  const stored = store.put(name, String(input.Value), {
    type: input.Type as StoredParameter['type'] | undefined,
    overwrite: input.Overwrite === true,
    allowedPattern: input.AllowedPattern as string | undefined,
  });
  return { Version: stored.version, Tier: 'Standard' };
}

/** By name alone: no version, no ARN. */
export function deleteParameter(store: ParameterStore, input: Record<string, unknown>): Record<string, unknown> {
  checkConstraints(input, { Name: { type: 'string', required: true, min: 1, max: 2048 } });
  if (!store.remove(String(input.Name))) throw new AwsError('ParameterNotFound', '');
  return {};
}
