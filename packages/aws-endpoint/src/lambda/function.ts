import { ACCOUNT_ID } from '../errors.ts';

/** A function of the template. */
export interface FunctionDefinition {
  name: string;
  description: string;
  runtime: string;
  handler: string;
  /** Its role's ARN, or its name. */
  role: string;
  timeoutSeconds: number;
  memoryMib: number;
  architecture: string;
  /** Of its environment those that the template gives as text. */
  variables: Record<string, string>;
}

/** CloudFormation's defaults: 3 s, 128 MB, x86_64. */
export function readFunction(name: string, properties: Record<string, unknown>): FunctionDefinition {
  const text = (value: unknown, otherwise = '') => (typeof value === 'string' ? value : otherwise);
  const { Variables: variables = {} } = (properties.Environment ?? {}) as { Variables?: Record<string, unknown> };
  return {
    name,
    description: text(properties.Description),
    runtime: text(properties.Runtime),
    handler: text(properties.Handler),
    role: text(properties.Role),
    timeoutSeconds: Number(properties.Timeout ?? 3),
    memoryMib: Number(properties.MemorySize ?? 128),
    architecture: text((properties.Architectures as unknown[] | undefined)?.[0], 'x86_64'),
    variables: Object.fromEntries(
      Object.entries(variables).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
    ),
  };
}

/** `NAME`, `NAME:QUALIFIER`, `ACCOUNT:function:NAME`, or an ARN, each with a qualifier or without: the name. */
export function functionNameOf(value: unknown): string {
  return splitName(value).name;
}

export function splitName(value: unknown): { name: string; qualifier: string | null } {
  const text = String(value);
  const bare = text.split(/(?:^|:)function:/).at(-1) ?? text;
  const [name = '', qualifier = null] = bare.split(':');
  return { name, qualifier };
}

export const functionArn = (region: string, name: string): string =>
  `arn:aws:lambda:${region}:${ACCOUNT_ID}:function:${name}`;

/** What ListFunctions and GetFunctionConfiguration tell of it. `modifiedAtMs`: epoch ms. */
export function describeFunction(definition: FunctionDefinition, region: string, modifiedAtMs: number) {
  const { role } = definition;
  return {
    FunctionName: definition.name,
    FunctionArn: functionArn(region, definition.name),
    Runtime: definition.runtime || undefined,
    Role: role.startsWith('arn:') ? role : `arn:aws:iam::${ACCOUNT_ID}:role/${role || 'unnamed'}`,
    Handler: definition.handler || undefined,
    Description: definition.description,
    Timeout: definition.timeoutSeconds,
    MemorySize: definition.memoryMib,
    LastModified: new Date(modifiedAtMs).toISOString().replace('Z', '+0000'),
    Version: '$LATEST',
    PackageType: 'Zip',
    Architectures: [definition.architecture],
    Environment: Object.keys(definition.variables).length > 0 ? { Variables: definition.variables } : undefined,
  };
}
