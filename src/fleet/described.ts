import * as z from 'zod/mini';

/** The schema with the words that its JSON Schema shows. */
export function described<S extends z.core.$ZodType>(description: string, schema: S): S {
  z.globalRegistry.add(schema, { description });
  return schema;
}
