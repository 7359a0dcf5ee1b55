/** CloudFormation, as far as the build writes it. */
export interface Resource {
  Type: string;
  DependsOn?: string | string[];
  Properties: Record<string, unknown>;
}

export type Resources = Record<string, Resource>;

export interface Template {
  Resources: Resources;
  [other: string]: unknown;
}

/** As osls calls the function of this name, which has no hyphens. */
export function functionLogicalId(name: string): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}LambdaFunction`;
}

/** A logical id may hold letters and digits only; two names never give the same id. */
export function logicalId(prefix: string, name: string): string {
  const words = name.split('-').map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return `${prefix}${words.join('Dash')}`;
}
