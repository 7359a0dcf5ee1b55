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

/** A logical id may hold letters and digits only; two names never give the same id. */
export function logicalId(prefix: string, name: string): string {
  const words = name.split('-').map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return `${prefix}${words.join('Dash')}`;
}
